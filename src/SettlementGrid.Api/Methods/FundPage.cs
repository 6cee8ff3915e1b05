using System.Globalization;
using SettlementGrid.Regions;

namespace SettlementGrid.Api.Methods;

/// <summary>Where a list of positions goes on: after which fund, at which mark.</summary>
sealed record FundPage(long Mark, string RegionId, string PlanId)
{
    public static string Write(FundQuery query, long? asOf, long mark, FundPosition last) => PageToken.Write(
        Text(query, asOf), mark.ToString(CultureInfo.InvariantCulture), last.RegionId, last.PlanId);

    /// <summary>The empty token is the beginning: no page.</summary>
    public static bool TryRead(string token, FundQuery query, long? asOf, out FundPage? page)
    {
        page = null;
        if (PageToken.Read(token, Text(query, asOf), parts: 3) is not { } parts)
            return false;
        if (parts is [var number, var region, var plan])
            page = long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var mark)
                ? new FundPage(mark, region, plan)
                : null;
        return parts is [] || page is not null;
    }

    /// <summary>Whether the page ends before the position, which then belongs to the next one.</summary>
    public bool IsBefore(FundPosition position) =>
        (string.CompareOrdinal(RegionId, position.RegionId), string.CompareOrdinal(PlanId, position.PlanId))
            is ( < 0, _) or (0, < 0);

    static string Text(FundQuery query, long? asOf) => string.Create(
        CultureInfo.InvariantCulture, $"{query.RegionId}:{query.PlanId}:{query.Year}:{asOf}");
}
