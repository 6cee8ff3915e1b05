using System.Buffers.Text;
using System.Globalization;
using System.Text;
using SettlementGrid.Enrollees;

namespace SettlementGrid.Api.Methods;

/// <summary>What tells the last row that a page gave.</summary>
/// <param name="Number">What the list numbers by: position, mark or second; never negative.</param>
/// <param name="Texts">What tells rows of one number apart.</param>
sealed record LastRow(long Number, string[] Texts);

/// <summary>
/// Where a list goes on: after which of its rows. Bound to its query, so that a token of another one is refused.
/// Nothing is kept on the server, and nothing secret is in it: whoever makes one up only chooses where to begin.
/// </summary>
static class PageToken
{
    /// <param name="query">All that chooses the list's rows.</param>
    /// <param name="texts">No line breaks.</param>
    public static string Write(string query, long number, params string[] texts) => Base64Url.EncodeToString(
        Encoding.UTF8.GetBytes(string.Join(
            '\n', [Digest(query), number.ToString(CultureInfo.InvariantCulture), .. texts])));

    /// <summary>False: not of this query, or malformed.</summary>
    /// <param name="last">As written. Null: the empty token, which is the beginning.</param>
    public static bool TryRead(string token, string query, int texts, out LastRow? last)
    {
        last = null;
        if (token.Length == 0)
            return true;
        if (token.Length > ApiLimits.PageTokenMax || !Base64Url.IsValid(token))
            return false;
        var read = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token)).Split('\n');
        if (read.Length != 2 + texts || read[0] != Digest(query)
            || !long.TryParse(read[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return false;
        last = new LastRow(number, read[2..]);
        return true;
    }

    static string Digest(string query) => SettlementId.Of(query, "page").ToString()[..8];
}
