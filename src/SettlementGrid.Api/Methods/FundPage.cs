using System.Globalization;
using SettlementGrid.Enrollees;
using SettlementGrid.Regions;

namespace SettlementGrid.Api.Methods;

/// <summary>
/// Where a list of positions goes on: after which fund, at which mark. Its token is bound to the query, so that a token
/// of another one is refused. Nothing is kept on the server, and nothing secret is in it.
/// </summary>
sealed record FundPage(long Mark, string RegionId, string PlanId)
{
    public static string Write(FundQuery query, long? asOf, long mark, FundPosition last) => string.Create(
        CultureInfo.InvariantCulture, $"{mark}/{last.RegionId}/{last.PlanId}/{Digest(query, asOf)}");

    /// <summary>The empty token is the beginning: no page.</summary>
    public static bool TryRead(string token, FundQuery query, long? asOf, out FundPage? page)
    {
        page = null;
        if (token.Length == 0)
            return true;
        var parts = token.Split('/');
        if (parts.Length != 4 || parts[3] != Digest(query, asOf)
            || !long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var mark))
            return false;
        page = new FundPage(mark, parts[1], parts[2]);
        return true;
    }

    /// <summary>Whether the page ends before the position, which then belongs to the next one.</summary>
    public bool IsBefore(FundPosition position) =>
        (string.CompareOrdinal(RegionId, position.RegionId), string.CompareOrdinal(PlanId, position.PlanId))
            is ( < 0, _) or (0, < 0);

    static string Digest(FundQuery query, long? asOf) => SettlementId.Of(
        query.RegionId,
        string.Create(CultureInfo.InvariantCulture, $"{query.PlanId}:{query.Year}:{asOf}")).ToString()[..8];
}
