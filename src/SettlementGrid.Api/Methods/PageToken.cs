using System.Buffers.Text;
using System.Text;
using SettlementGrid.Enrollees;

namespace SettlementGrid.Api.Methods;

/// <summary>
/// Where a list goes on: after which of its rows. Bound to its query, so that a token of another one is refused.
/// Nothing is kept on the server, and nothing secret is in it: whoever makes one up only chooses where to begin.
/// </summary>
static class PageToken
{
    /// <param name="query">All that chooses the list's rows.</param>
    /// <param name="last">What tells the last row given; no line breaks.</param>
    public static string Write(string query, params string[] last) =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Join('\n', [Digest(query), .. last])));

    /// <summary>The parts as written; none: the empty token, which is the beginning. Null: not of this query.</summary>
    public static string[]? Read(string token, string query, int parts)
    {
        if (token.Length == 0)
            return [];
        if (token.Length > ApiLimits.PageTokenMax || !Base64Url.IsValid(token))
            return null;
        var read = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token)).Split('\n');
        return read.Length == 1 + parts && read[0] == Digest(query) ? read[1..] : null;
    }

    static string Digest(string query) => SettlementId.Of(query, "page").ToString()[..8];
}
