using SettlementGrid.Enrollees;
using SettlementGrid.Plans;

namespace SettlementGrid.SampleCity;

/// <summary>
/// What the sample's counties received for their people: heads × the plan's rate, 80 % at the year's beginning and the
/// rest in July, as Tongliao pays (2025: 114.23 yuan a resident). Ids follow from plan, year and region, so that
/// recording them again changes nothing.
/// </summary>
static class Premiums
{
    static readonly Premium[] All =
    [
        new("tongliao-resident-critical-2025", 2025, "15", Money.Yuan(114.23m)),
        new("tongliao-sample", 2026, "15", Money.Yuan(114.23m)),
        new("puyang-employee-large-2026", 2026, "41", Money.Yuan(90)),
    ];

    public static IEnumerable<FundRecordRequest> Of(IReadOnlyList<RosterPut> people)
    {
        foreach (var premium in All)
        {
            var counties = people.Select(p => p.Entry.RegionId)
                .Where(r => r.StartsWith(premium.Province, StringComparison.Ordinal))
                .CountBy(r => r).OrderBy(c => c.Key, StringComparer.Ordinal);
            foreach (var (region, heads) in counties)
            {
                var whole = new Money(checked(premium.Rate.Fen * heads));
                var first = new Money(whole.Fen * 80 / 100);
                yield return premium.Record(region, 1, first, heads, new DateOnly(premium.Year, 1, 10));
                yield return premium.Record(region, 2, whole - first, heads, new DateOnly(premium.Year, 7, 10));
            }
        }
    }

    /// <param name="Province">First two digits of the regions whose people are covered.</param>
    /// <param name="Rate">A head and year.</param>
    sealed record Premium(string PlanId, int Year, string Province, Money Rate)
    {
        public FundRecordRequest Record(string region, int part, Money amount, int heads, DateOnly on) => new(
            $"sample-{PlanId}-{Year}-{part}", region, PlanId, Year, FundRecordKind.Premium, amount, heads, on);
    }
}
