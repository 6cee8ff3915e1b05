using SettlementGrid.Enrollees;
using SettlementGrid.Ledger.Tests.Kit;
using SettlementGrid.Plans;
using SettlementGrid.Regions;
using SettlementGrid.Regions.Following;
using SettlementGrid.Regions.Tests.Kit;
using SettlementGrid.Testing;

namespace SettlementGrid.Ledger.Tests;

public sealed class FundWatchTests : IAsyncLifetime
{
    static readonly FundQuery Everything = new("150000", "", 2025, true);

    readonly ShiftedClock _clock = new();
    VolatileLedger? _ledger;
    Regions.Following.Funds? _funds;
    IReadOnlyList<Recorded> _facts = [];

    VolatileLedger Ledger => _ledger!;

    Regions.Following.Funds Funds => _funds!;

    public async Task InitializeAsync()
    {
        _ledger = new VolatileLedger(_clock);
        _facts = await FundLedger.Facts();
        _funds = NewFunds();
    }

    public async Task DisposeAsync() => await Funds.DisposeAsync();

    [Fact]
    public async Task A_slow_watcher_is_given_the_latest_and_no_backlog()
    {
        await FundLedger.Write(Ledger, _facts.Take(200), _clock);
        await using var watch = Watch(null);
        Assert.Equal(200, (await Next(watch)).Mark);
        await FundLedger.Write(Ledger, _facts.Skip(200), _clock, aCommit: 1);
        // All of it is folded before the watcher takes its next one.
        await Funds.Given(Everything);
        var latest = await Next(watch);
        Assert.Equal(_facts.Count, latest.Mark);
        RequireExact(latest);
    }

    [Fact]
    public async Task A_watch_begun_again_is_given_what_changed_since_its_mark_alone()
    {
        await FundLedger.Write(Ledger, _facts, _clock);
        long mark = _facts.Count - 20;
        await using var watch = Watch(mark);
        var changed = await Next(watch);
        Assert.Equal(_facts.Count, changed.Mark);
        RequireExact(changed);
        // Every fund that differs between the two marks is among them, and some do not differ.
        var before = await Funds.Given(Everything, mark);
        var after = await Funds.Given(Everything);
        var names = changed.Positions.Select(p => (p.RegionId, p.PlanId)).ToHashSet();
        var moved = after.Positions.Where(p => !before.Positions.Any(b =>
            b.RegionId == p.RegionId && b.PlanId == p.PlanId && b.Paid == p.Paid && b.Cases == p.Cases
            && b.Insured == p.Insured && b.Balance == p.Balance)).ToList();
        Assert.All(moved, p => Assert.Contains((p.RegionId, p.PlanId), names));
        Assert.NotEmpty(names);
        Assert.True(names.Count < after.Positions.Count);
    }

    [Fact]
    public async Task Changes_folded_one_after_the_other_lead_to_the_funds_as_they_are()
    {
        var known = new Dictionary<(string, string), FundPosition>();
        await using var watch = Watch(null);
        var writing = FundLedger.Write(Ledger, _facts, _clock, aCommit: 3);
        for (var mark = 0L; mark < _facts.Count;)
        {
            var given = await Next(watch);
            mark = given.Mark;
            foreach (var position in given.Positions)
                known[(position.RegionId, position.PlanId)] = position;
        }
        await writing;
        var all = (await Funds.Given(Everything)).Positions;
        Assert.Equal(all.Count, known.Count);
        foreach (var position in all)
        {
            var last = known[(position.RegionId, position.PlanId)];
            Same.Figures(position, last with { Mark = position.Mark, At = position.At });
        }
    }

    [Fact]
    public async Task Without_a_change_there_is_a_sign_of_life()
    {
        await FundLedger.Write(Ledger, _facts, _clock);
        await using var watch = Watch(null);
        await Next(watch);
        var alive = await Next(watch);
        Assert.Empty(alive.Positions);
        Assert.Equal(_facts.Count, alive.Mark);
    }

    [Fact]
    public async Task One_watcher_too_many_is_refused_and_one_that_leaves_makes_room()
    {
        await FundLedger.Write(Ledger, _facts.Take(20), _clock);
        await using var first = Watch(null);
        await Next(first);
        await using (var second = Watch(null))
        {
            await Next(second);
            await using var third = Watch(null);
            Assert.True(await third.MoveNextAsync());
            var refused = Assert.IsType<FundReading.Refused>(third.Current);
            Assert.Equal(RefusalReason.Overloaded, refused.Refusal.Reason);
            Assert.False(await third.MoveNextAsync());
        }
        await using var fourth = Watch(null);
        await Next(fourth);
    }

    Regions.Following.Funds NewFunds() => new(
        Ledger, new VolatileCheckpoints(), GivenPlans.Read, _clock, Assert.Fail,
        new FundBounds(WatchersMax: 2) { HeartbeatEvery = TimeSpan.FromMilliseconds(300) });

    IAsyncEnumerator<FundReading> Watch(long? from) =>
        Funds.Watch(Everything, from, default).GetAsyncEnumerator();

    static async Task<FundPositions> Next(IAsyncEnumerator<FundReading> watch)
    {
        Assert.True(await watch.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60)));
        return Assert.IsType<FundReading.Given>(watch.Current).Positions;
    }

    void RequireExact(FundPositions given)
    {
        foreach (var position in given.Positions)
        {
            var upTo = _facts.Take((int)given.Mark).ToList();
            var exact = NaiveFunds.Position(upTo, position.RegionId, position.PlanId, position.Year);
            Same.Figures(exact.WithoutFacilities(), position);
        }
    }
}
