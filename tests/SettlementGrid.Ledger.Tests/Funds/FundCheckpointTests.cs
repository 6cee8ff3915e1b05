using System.Collections.Concurrent;
using SettlementGrid.Enrollees;
using SettlementGrid.Ledger.Tests.Kit;
using SettlementGrid.Regions;
using SettlementGrid.Regions.Folding;
using SettlementGrid.Regions.Following;
using SettlementGrid.Testing;

namespace SettlementGrid.Ledger.Tests;

/// <summary>What every place for checkpoints promises, and what the funds make of them.</summary>
public abstract class FundCheckpointConformance
{
    static readonly FundBounds Often =
        new(CheckpointEvery: 50) { CheckpointPause = TimeSpan.Zero, CatchUpCheckpointPause = TimeSpan.Zero };

    readonly ConcurrentQueue<string> _said = [];

    protected ShiftedClock Clock { get; } = new();

    protected abstract ValueTask<(ILedger Ledger, ILedgerTail Tail, ICheckpoints Checkpoints)> New();

    [Fact]
    public async Task The_newest_at_or_below_a_mark_is_given_and_the_first_at_a_mark_stays()
    {
        var (_, _, checkpoints) = await New();
        Assert.Null(await checkpoints.Newest(long.MaxValue, default));
        Assert.Equal(0, await checkpoints.NewestMark(long.MaxValue, default));
        Assert.True(await checkpoints.Write(Checkpoint(100, 1), default));
        Assert.True(await checkpoints.Write(Checkpoint(200, 2), default));
        Assert.False(await checkpoints.Write(Checkpoint(200, 3), default));
        Assert.Null(await checkpoints.Newest(99, default));
        Assert.Equal([100L, 200L, null], new[]
        {
            await checkpoints.NextMark(99, default), await checkpoints.NextMark(100, default),
            await checkpoints.NextMark(200, default),
        });
        Assert.Equal(100, (await checkpoints.Newest(199, default))!.Mark);
        Assert.Equal(200, await checkpoints.NewestMark(200, default));
        var newest = (await checkpoints.Newest(long.MaxValue, default))!;
        Assert.Equal([2], newest.Packed);
        Assert.Equal(Checkpoint(200, 2).Commit, newest.Commit);
        Assert.Equal(Checkpoint(200, 2).At, newest.At);
        Assert.True(newest.IsSound);
    }

    [Fact]
    public async Task Each_is_the_fold_from_nothing_at_its_mark_and_never_ahead_of_the_ledger()
    {
        var (ledger, tail, checkpoints) = await New();
        var facts = await FundLedger.Facts();
        await using (var funds = NewFunds(tail, checkpoints))
        {
            await FundLedger.Write(ledger, facts, Clock);
            await funds.RequireExact(facts, facts.Count, isNow: true);
        }
        var fold = new FundFold(GivenPlans.Read);
        var found = 0;
        foreach (var fact in facts)
        {
            fold.Apply(fact);
            if (await checkpoints.NewestMark(fold.Mark, default) != fold.Mark)
                continue;
            var stored = (await checkpoints.Newest(fold.Mark, default))!;
            Assert.Equal(await tail.CommitOf(fold.Mark, default), stored.Commit);
            Assert.Equal(fold.Checkpoint(), stored.Unpack(GivenPlans.Read).Checkpoint());
            found++;
        }
        Assert.True(found > 0, "There was no checkpoint: this has shown nothing.");
        Assert.True(await checkpoints.NewestMark(long.MaxValue, default) <= facts.Count);
    }

    [Fact]
    public async Task A_start_goes_on_from_the_newest_and_gives_the_same_as_from_nothing()
    {
        var (ledger, tail, checkpoints) = await New();
        var facts = await FundLedger.Facts();
        await FundLedger.Write(ledger, facts.Take(333), Clock);
        // Twice: stopped somewhere on its way, begun again.
        await using (var funds = NewFunds(tail, checkpoints))
            await funds.CaughtUp;
        Assert.Equal(300, await checkpoints.NewestMark(long.MaxValue, default));
        await FundLedger.Write(ledger, facts.Skip(333), Clock);
        await using (var funds = NewFunds(tail, checkpoints))
            await funds.RequireExact(facts, facts.Count, isNow: true);
        await using (var funds = NewFunds(tail, new VolatileCheckpoints()))
            await funds.RequireExact(facts, facts.Count, isNow: true);
        Assert.Empty(_said);
    }

    [Fact]
    public async Task Of_another_ledger_or_damaged_they_are_passed_over()
    {
        var (ledger, tail, checkpoints) = await New();
        var facts = await FundLedger.Facts();
        await FundLedger.Write(ledger, facts, Clock);
        var fold = new FundFold(GivenPlans.Read);
        fold.Apply(facts[0]);
        using var copy = new MemoryStream();
        fold.WriteCheckpoint(copy);
        var packed = StoredCheckpoint.Pack(copy);
        var commit = (await tail.CommitOf(1, default))!.Value;
        var other = new CommitMark(commit.Number, new EntryHash(1, 2));
        await checkpoints.Write(StoredCheckpoint.Of(1, other, 0, packed), default);
        await checkpoints.Write(StoredCheckpoint.Of(2, (await tail.CommitOf(2, default))!.Value, 0, packed), default);
        await checkpoints.Write(
            StoredCheckpoint.Of(3, (await tail.CommitOf(3, default))!.Value, 0, packed) with { Packed = [1] }, default);
        await checkpoints.Write(StoredCheckpoint.Of(facts.Count + 50, commit, 0, packed), default);
        await using var funds = NewFunds(tail, checkpoints);
        await funds.RequireExact(facts, facts.Count, isNow: true);
        await funds.RequireExact(facts, 60);
        Assert.Contains(_said, what => what.Contains("at 1 is of another ledger", StringComparison.Ordinal));
        Assert.Contains(_said, what => what.Contains("at 2 cannot be read", StringComparison.Ordinal));
        Assert.Contains(_said, what => what.Contains("at 3 is damaged", StringComparison.Ordinal));
    }

    Regions.Following.Funds NewFunds(ILedgerTail tail, ICheckpoints checkpoints) =>
        new(tail, checkpoints, GivenPlans.Read, Clock, _said.Enqueue, Often);

    static StoredCheckpoint Checkpoint(long mark, byte packed) =>
        StoredCheckpoint.Of(mark, new CommitMark(mark, new EntryHash(7, 8)), 1_772_000_000_123, [packed]);
}

public sealed class VolatileFundCheckpointTests : FundCheckpointConformance
{
    protected override ValueTask<(ILedger Ledger, ILedgerTail Tail, ICheckpoints Checkpoints)> New()
    {
        var ledger = new VolatileLedger(Clock);
        return new((ledger, ledger, new VolatileCheckpoints()));
    }
}

[Collection(OnPostgres.Name)]
public sealed class PostgresFundCheckpointTests(PostgresFixture postgres) : FundCheckpointConformance, IAsyncLifetime
{
    PostgresLedger? _ledger;

    public async Task InitializeAsync() => _ledger = await PostgresFixture.Open(await postgres.NewDatabase(), Clock);

    public async Task DisposeAsync() => await _ledger!.DisposeAsync();

    protected override ValueTask<(ILedger Ledger, ILedgerTail Tail, ICheckpoints Checkpoints)> New() =>
        new((_ledger!, _ledger!, _ledger!.Checkpoints));
}
