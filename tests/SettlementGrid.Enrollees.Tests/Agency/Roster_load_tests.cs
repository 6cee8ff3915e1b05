using SettlementGrid.Enrollees.Tests.Turns;
using SettlementGrid.Plans;
using SettlementGrid.Testing;

namespace SettlementGrid.Enrollees.Tests.Agency;

/// <summary>Roster calls whose fence is lost, and what their callers are told.</summary>
public sealed class Roster_load_tests
{
    static readonly AccumulatorKey Key = new(GivenPlans.Tongliao, "critical", new Period(2025));
    readonly ManualClock _clock = new();
    readonly Asked _grid = new();

    async Task<(Disturbed Ledger, RosterLoad Load)> Ready()
    {
        var ledger = new Disturbed(await Given.Ledger(_clock, "anna", "bert"));
        return (ledger, new RosterLoad(ledger, _grid, _clock));
    }

    static RosterPut Put(string id, string region = "150521") =>
        new(id, Given.Roster(GivenPlans.Tongliao) with { RegionId = region });

    [Fact]
    public async Task A_lost_fence_begins_the_call_again_and_counts_once()
    {
        var (ledger, load) = await Ready();
        ledger.Next(append =>
        {
            Assert.Null(append.CatalogRevision);
            Assert.Empty(_grid.Forgotten);
            return new AppendOutcome.VersionTaken();
        }, Limits.DecisionsPerTurnMax - 1);
        var (counts, refusal) = await load.Put([Put("anna"), Put("carl"), Put("bert", "150502")], default);
        Assert.Null(refusal);
        Assert.Equal(new RosterCounts(1, 1, 1), counts);
        Assert.Equal(3 * Limits.DecisionsPerTurnMax, ledger.Loads);
        Assert.Equal(["anna", "bert", "carl"], _grid.Forgotten.Order());
    }

    [Fact]
    public async Task Who_loses_eight_times_and_whose_ledger_is_full_is_refused_with_nothing_stored()
    {
        var (ledger, load) = await Ready();
        var before = ledger.Appends;
        ledger.Next(_ => new AppendOutcome.VersionTaken(), Limits.DecisionsPerTurnMax);
        var (counts, refusal) = await load.Put([Put("anna")], default);
        Assert.Equal((default, RefusalReason.Overloaded), (counts, refusal?.Reason));
        Assert.Contains("keep writing these persons", refusal!.MessageEn);
        Assert.Contains("同时办理", refusal.MessageZh);
        Assert.Equal(before + Limits.DecisionsPerTurnMax, ledger.Appends);
        ledger.Next(_ => new AppendOutcome.Overloaded());
        (counts, refusal) = await load.Put([Put("anna")], default);
        Assert.Equal((default, RefusalReason.Overloaded), (counts, refusal?.Reason));
        Assert.Contains("queue is full", refusal!.MessageEn);
        Assert.Contains("名单未入账", refusal.MessageZh);
        Assert.Empty(_grid.Forgotten);
        Assert.Equal(1, (await ledger.Load("anna", default)).Version);
    }

    [Fact]
    public async Task Nothing_to_change_is_no_append()
    {
        var (ledger, load) = await Ready();
        var before = ledger.Appends;
        Assert.Equal((new RosterCounts(0, 0, 2), null),
            await load.Put([Put("anna", "150502"), Put("bert", "150502")], default));
        Assert.Equal((default, null), await load.Put([], default));
        Assert.Equal(before, ledger.Appends);
    }

    [Fact]
    public async Task Persons_who_are_taken_for_new_are_not_loaded_unless_that_was_wrong()
    {
        var (ledger, load) = await Ready();
        Assert.Equal((new RosterCounts(2, 1, 0), null),
            await load.Put([Put("carl"), Put("dora"), Put("carl", "150502")], default, assumeNew: true));
        Assert.Equal(0, ledger.Loads);
        Assert.Equal(2, (await ledger.Load("carl", default)).Version);
        Assert.Equal((new RosterCounts(1, 1, 0), null),
            await load.Put([Put("emil"), Put("anna")], default, assumeNew: true));
        Assert.Equal(3, ledger.Loads);
    }

    [Fact]
    public async Task A_person_named_twice_is_loaded_once()
    {
        var (ledger, load) = await Ready();
        Assert.Equal((new RosterCounts(0, 2, 0), null), await load.Put([Put("anna"), Put("anna", "150502")], default));
        Assert.Equal(1, ledger.Loads);
    }

    static OpeningBalance Balance(string id, decimal position) =>
        new(id, Key, Money.Yuan(position), Money.Zero, Money.Zero, "旧系统");

    [Fact]
    public async Task Balances_are_counted_and_each_refusal_is_left_at_its_place()
    {
        var (ledger, load) = await Ready();
        Assert.Equal((new RosterCounts(0, 1, 1), null),
            await load.PutOpeningBalances([Balance("anna", 10), Balance("anna", 10)], default));
        var refused = new Refusal?[4];
        Assert.Equal(
            (new RosterCounts(0, 2, 1), null),
            await load.PutOpeningBalances(
                [Balance("anna", 10), Balance("zoe", 1), Balance("anna", 20), Balance("bert", 5)], default, refused));
        Assert.Equal([null, RefusalReason.EnrolleeUnknown, null, null], refused.Select(r => r?.Reason));
        Assert.Equal(Money.Yuan(20), (await ledger.Load("anna", default)).Accumulators[Key].Position);
        var (counts, refusal) = await load.PutOpeningBalances([Balance("bert", 6), Balance("zoe", 1)], default);
        Assert.Equal((default, RefusalReason.EnrolleeUnknown), (counts, refusal?.Reason));
        Assert.Equal(Money.Yuan(5), (await ledger.Load("bert", default)).Accumulators[Key].Position);
    }

    [Fact]
    public async Task A_lost_fence_counts_balances_once()
    {
        var (ledger, load) = await Ready();
        ledger.Next(_ => new AppendOutcome.VersionTaken());
        Assert.Equal((new RosterCounts(0, 1, 0), null), await load.PutOpeningBalances([Balance("anna", 10)], default));
        Assert.Equal(2, ledger.Loads);
    }
}
