using SettlementGrid.Enrollees;
using SettlementGrid.Plans;

namespace SettlementGrid.SampleCity;

/// <summary>
/// What the sample's counties received for their people: heads × the plan's rate, 80 % at the year's beginning and the
/// rest in July, as Tongliao pays (2025: 114.23 yuan a resident). Where a few dear stays weigh more than they would
/// among a real county's people, a supplement makes that good, so that usage lies where a real fund's does and one
/// county of each city is near its end. Ids follow from plan and year, so that recording them again changes nothing.
/// </summary>
static class Premiums
{
    static readonly Premium[] All =
    [
        new("tongliao-resident-critical-2025", 2025, "15", Money.Yuan(114.23m)),
        new("tongliao-sample", 2026, "15", Money.Yuan(114.23m)),
        new("puyang-employee-large-2026", 2026, "41", Money.Yuan(90)),
    ];

    static readonly Dictionary<(string PlanId, string Region), Money> Supplements = new()
    {
        [("tongliao-resident-critical-2025", "150502")] = Money.Yuan(600_000),
        [("tongliao-resident-critical-2025", "150525")] = Money.Yuan(300_000),
        [("tongliao-resident-critical-2025", "150526")] = Money.Yuan(250_000),
        [("puyang-employee-large-2026", "410902")] = Money.Yuan(500_000),
        [("puyang-employee-large-2026", "410926")] = Money.Yuan(400_000),
    };

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
                yield return premium.Record(region, "1", FundRecordKind.Premium, first, heads, 1);
                yield return premium.Record(region, "2", FundRecordKind.Premium, whole - first, heads, 7);
                if (Supplements.TryGetValue((premium.PlanId, region), out var more))
                    yield return premium.Record(region, "s", FundRecordKind.Supplement, more, 0, 9);
            }
        }
    }

    /// <param name="Province">First two digits of the regions whose people are covered.</param>
    /// <param name="Rate">A head and year.</param>
    sealed record Premium(string PlanId, int Year, string Province, Money Rate)
    {
        public FundRecordRequest Record(
            string region, string part, FundRecordKind kind, Money amount, int heads, int month) => new(
            $"sample-{PlanId}-{Year}-{part}", region, PlanId, Year, kind, amount, heads, new DateOnly(Year, month, 10));
    }
}
