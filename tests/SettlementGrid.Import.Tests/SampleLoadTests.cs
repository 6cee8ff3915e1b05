using SettlementGrid.Enrollees;
using SettlementGrid.Plans;
using SettlementGrid.SampleCity;

namespace SettlementGrid.Import.Tests;

public sealed class SampleLoadTests
{
    static readonly City City = Sample.Generate(Sample.DefaultSeed, new DateOnly(2026, 11, 22));
    static readonly int Steps = City.Histories.Sum(h => h.Steps.Count);

    [Fact]
    public async Task No_discharge_is_refused_and_loading_again_changes_nothing()
    {
        using var town = await new Town().WithPlans();
        var counts = await Load(town);
        Assert.True(counts.FirstRefusal is null, counts.FirstRefusal?.MessageEn);
        Assert.Equal(new SampleCounts(40, 20_000, Steps, 0, null), counts);
        var head = await town.Ledger.ReadHead(default);

        Assert.Equal(new SampleCounts(0, 0, Steps, 0, null), await Load(town));
        Assert.Equal(head, await town.Ledger.ReadHead(default));

        // The worked figures of the policies, as the first persons show them.
        var year = new Period(2025);
        Assert.Equal(Money.Yuan(74_450), await Paid(town, "TL-0000002", "tongliao-resident-critical-2025", "critical", year));
        Assert.Equal(Money.Yuan(65_600), await Paid(town, "TL-0000009", "tongliao-resident-critical-2025", "critical", year));
        Assert.Equal(Money.Yuan(2_000), await Paid(town, "TL-0000003", "tongliao-resident-critical-2025", "accident", year));
        Assert.Equal(Money.Yuan(380_000), await Paid(town, "TL-0000004", "tongliao-resident-critical-2025", "critical", year));
        Assert.Equal(Money.Yuan(3_250), await Paid(town, "TL-0000008", "tongliao-resident-critical-2025", "critical", year));
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

    static Task<SampleCounts> Load(Town town) =>
        new SampleLoad(town.Front, town.Grid, town.Catalogs, town.Writing, town.Rosters, town.Clock, _ => { })
            .Load(City, default);

    static async Task<Money> Paid(Town town, string id, string plan, string layer, Period period) =>
        (await town.Ledger.Load(id, default)).Accumulators[new AccumulatorKey(plan, layer, period)].Paid;
}
