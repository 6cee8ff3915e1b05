using SettlementGrid.Enrollees;
using SettlementGrid.Plans;
using SettlementGrid.SampleCity;

namespace SettlementGrid.Import.Tests;

public sealed class SampleLoadTests
{
    const string Tongliao = "tongliao-resident-critical-2025";

    static readonly City City = Sample.Generate(Sample.DefaultSeed, new DateOnly(2026, 11, 22));
    static readonly int Steps = City.Histories.Sum(h => h.Steps.Count);

    [Fact]
    public async Task No_discharge_is_refused_and_loading_again_changes_nothing()
    {
        using var town = await new Town().WithPlans();
        var counts = await Load(town);
        Assert.True(counts.FirstRefusal is null, counts.FirstRefusal?.MessageEn);
        Assert.Equal(new SampleCounts(40, 20_000, City.Premiums.Count, Steps, 0, null), counts);
        var head = await town.Ledger.ReadHead(default);

        Assert.Equal(new SampleCounts(0, 0, City.Premiums.Count, Steps, 0, null), await Load(town));
        Assert.Equal(head, await town.Ledger.ReadHead(default));

        // The worked figures of the policies, as the first persons show them.
        var year = new Period(2025);
        Assert.Equal(Money.Yuan(74_450), await Paid(town, "TL-0000002", Tongliao, "critical", year));
        Assert.Equal(Money.Yuan(65_600), await Paid(town, "TL-0000009", Tongliao, "critical", year));
        Assert.Equal(Money.Yuan(2_000), await Paid(town, "TL-0000003", Tongliao, "accident", year));
        Assert.Equal(Money.Yuan(380_000), await Paid(town, "TL-0000004", Tongliao, "critical", year));
        Assert.Equal(Money.Yuan(3_250), await Paid(town, "TL-0000008", Tongliao, "critical", year));
        // Every county's people × 114.23 yuan, and of 2026 too; × 90 in Puyang.
        Assert.Equal(
            Money.Yuan(14_000 * 114.23m * 2 + 6_000 * 90),
            City.Premiums.Where(p => p.Kind == FundRecordKind.Premium)
                .Aggregate(Money.Zero, (sum, p) => sum + p.Amount));
        year = new Period(2026);
        Assert.Equal(Money.Yuan(54_000), await Paid(town, "PY-0000002", "puyang-employee-large-2026", "large", year));
        Assert.Equal(Money.Yuan(490_000), await Paid(town, "PY-0000003", "puyang-employee-large-2026", "large", year));
    }

    [Fact]
    public async Task A_load_that_died_in_the_middle_is_completed()
    {
        var appends = 0;
        using var town = await new Town(null, inner => new LedgerFront(
            inner, n => (appends = n) == 1_500 ? throw new InvalidOperationException("killed") : null)).WithPlans();
        await Assert.ThrowsAnyAsync<Exception>(() => Load(town));
        Assert.True((await town.Ledger.ReadHead(default)).Position < 20_000 + Steps);
        var counts = await Load(town);
        Assert.Equal((Steps, 0), (counts.Steps, counts.Refused));

        using var once = await new Town().WithPlans();
        await Load(once);
        Assert.Equal((await once.Ledger.ReadHead(default)).Position, (await town.Ledger.ReadHead(default)).Position);
    }

    [Fact]
    public async Task What_somebody_changed_since_stays()
    {
        using var town = await new Town().WithPlans();
        await Load(town);
        var moved = City.Enrollees[0] with { Entry = City.Enrollees[0].Entry with { RegionId = "150521" } };
        await town.Rosters.Put([moved], default);
        await Load(town);
        Assert.Equal("150521", (await town.Entry("TL-0000001"))!.RegionId);
    }

    [Fact]
    public async Task The_first_persons_settle_the_first_calls_of_the_README_in_any_year()
    {
        using var town = await new Town().WithPlans();
        await Load(town);
        // 2026 is the README's; Tongliao's sample plan and from 2027 on Puyang's pay as their models.
        foreach (var year in (int[])[2026, 2027, 2031])
        {
            var day = new DateOnly(year, 3, 8);
            var resident = Bill(day, 120_000, 100_000, 40_000, null);
            Assert.Equal(Money.Yuan(31_600), await Settled(town, "TL-0000001", "H15050200001", resident));
            var employee = Bill(day, 200_000, 180_000, 110_000, 50_000);
            Assert.Equal(Money.Yuan(45_000), await Settled(town, "PY-0000001", "H41090200001", employee));
        }
    }

    static async Task<Money> Settled(Town town, string person, string facility, Bill bill)
    {
        var request = new SettleRequest(
            $"readme-{bill.DischargedOn.Year}", facility, "readme", person, Channel.OneStop, bill);
        var answer = await town.Grid.Ask(new Command.Settle(request, null), DateTimeOffset.MaxValue, default);
        return Assert.IsType<Answer.Settled>(answer).Settlement.Fact.Outcome.PlansPaid;
    }

    static Bill Bill(DateOnly day, int total, int eligible, int basic, int? overCap) => new(
        CareType.Inpatient, null, Filing.Filed, day.AddDays(-7), day, Money.Yuan(total), Money.Yuan(eligible),
        Money.Yuan(basic), overCap is { } over ? Money.Yuan(over) : null, Money.Zero, Money.Zero, Money.Zero, null);

    static Task<SampleCounts> Load(Town town) =>
        new SampleLoad(town.Front, town.Grid, town.Catalogs, town.Writing, town.Rosters, town.Funds, town.Clock,
            _ => { })
            .Load(City, default);

    static async Task<Money> Paid(Town town, string id, string plan, string layer, Period period) =>
        (await town.Ledger.Load(id, default)).Accumulators[new AccumulatorKey(plan, layer, period)].Paid;
}
