using System.Globalization;
using SettlementGrid.Regions;

namespace SettlementGrid.Api.Methods;

/// <summary>Where a list of positions goes on: after which fund, at which mark.</summary>
sealed record FundPage(long Mark, string RegionId, string PlanId)
{
    public static string Write(FundQuery query, long? asOf, long mark, FundPosition last) => PageToken.Write(
        Text(query, asOf), mark, last.RegionId, last.PlanId);

    /// <summary>The empty token is the beginning: no page.</summary>
    public static bool TryRead(string token, FundQuery query, long? asOf, out FundPage? page)
    {
        var isRead = PageToken.TryRead(token, Text(query, asOf), texts: 2, out var last);
        page = last is { Texts: [var region, var plan] } ? new FundPage(last.Number, region, plan) : null;
        return isRead;
    }

    /// <summary>Whether the page ends before the position, which then belongs to the next one.</summary>
    public bool IsBefore(FundPosition position) =>
        (string.CompareOrdinal(RegionId, position.RegionId), string.CompareOrdinal(PlanId, position.PlanId))
            is ( < 0, _) or (0, < 0);

    static string Text(FundQuery query, long? asOf) => string.Create(
        CultureInfo.InvariantCulture, $"{query.RegionId}:{query.PlanId}:{query.Year}:{asOf}");
}
