using SettlementGrid.Enrollees;
using SettlementGrid.Ledger.Tests.Kit;
using static SettlementGrid.Ledger.Tests.Kit.Storing;

namespace SettlementGrid.Ledger.Tests.Conformance;

/// <summary>
/// What every adapter of the port promises of an append: all or nothing, in order, on the state it was decided on.
/// </summary>
public abstract class AppendConformance(Func<ShiftedClock, Task<ILedger>> open) : LedgerConformance(open)
{
    [Fact]
    public async Task An_append_of_several_streams_is_all_or_nothing()
    {
        var ledger = await NewLedger();
        await Stored(ledger, Make.Enrolled("p2", Now));
        var append =
            new Append([Make.Enrolled("p1", Now), Make.Enrolled("p2", Now), Make.Enrolled("p3", Now)], null, Now);
        Assert.IsType<AppendOutcome.VersionTaken>(await ledger.Append(append, default));
        Assert.Equal(0, (await ledger.Load("p1", default)).Version);
        Assert.Equal(0, (await ledger.Load("p3", default)).Version);
    }

    [Fact]
    public async Task Positions_of_an_append_follow_its_own_order()
    {
        var ledger = await NewLedger();
        var append = new Append([Make.Enrolled("z", Now), Make.Enrolled("a", Now), Make.Enrolled("m", Now)], null, Now);
        var committed = Assert.IsType<AppendOutcome.Committed>(await ledger.Append(append, default));
        Assert.Equal([1, 2, 3], committed.Positions);
        var tail = await ledger.ReadTail(0, 10, default);
        Assert.Equal(["z", "a", "m"], tail.Select(r => r.Entry.Stream.Id));
        Assert.Equal([1L, 2, 3], tail.Select(r => r.Position));
    }

    [Fact]
    public async Task Of_two_that_decided_on_the_same_state_one_is_told_the_version_is_taken()
    {
        var ledger = await NewLedger();
        var enrolled = Make.Enrolled("p1", Now);
        await Stored(ledger, enrolled);
        await Stored(ledger, Make.Moved(enrolled.After!, "410922", Now));
        var stale = Make.Moved(enrolled.After!, "410907", Now);
        Assert.IsType<AppendOutcome.VersionTaken>(await ledger.Append(Make.One(stale), default));
    }

    [Fact]
    public async Task A_version_that_is_not_the_very_next_is_refused()
    {
        var ledger = await NewLedger();
        var enrolled = Make.Enrolled("p1", Now);
        var moved = Make.Moved(enrolled.After!, "410922", Now);
        Assert.IsType<AppendOutcome.VersionTaken>(await ledger.Append(Make.One(moved), default));
        Assert.Equal(0, (await ledger.ReadHead(default)).Position);
        await Stored(ledger, enrolled);
        Assert.Equal(1, (await ledger.Load("p1", default)).Version);
        var tooFar = Make.Moved(moved.After!, "410907", Now);
        Assert.IsType<AppendOutcome.VersionTaken>(await ledger.Append(Make.One(tooFar), default));
        await Stored(ledger, moved);
        await Stored(ledger, tooFar);
    }

    /// <summary>The DO NOTHING trap: the second of two stale facts must not land after its first was refused.</summary>
    [Fact]
    public async Task Nothing_of_a_stale_writers_two_facts_is_stored()
    {
        var ledger = await NewLedger();
        var enrolled = Make.Enrolled("p1", Now);
        await Stored(ledger, enrolled);
        await Stored(ledger, Make.Moved(enrolled.After!, "410922", Now));
        var first = Make.Moved(enrolled.After!, "410907", Now);
        var second = Make.Moved(first.After!, "410902", Now);
        Assert.IsType<AppendOutcome.VersionTaken>(await ledger.Append(new Append([first, second], null, Now), default));
        Assert.Equal(2, (await ledger.Load("p1", default)).Version);
    }

    [Fact]
    public async Task A_decision_on_an_older_catalog_is_not_committed()
    {
        var ledger = await NewLedger();
        var p1 = Make.Enrolled("p1", Now);
        await Stored(ledger, p1);
        await Stored(ledger, Make.PlanText("plan-a", null, "text", Now), Make.Facility("H1", null, "one", Now));
        var settled = Entry.Next(p1.After!, Make.Settled(Make.Request("p1", "r1")), Now);
        Assert.IsType<AppendOutcome.CatalogMoved>(await ledger.Append(Make.One(settled, revision: 0), default));
        Assert.IsType<AppendOutcome.Committed>(await ledger.Append(Make.One(settled, revision: 2), default));
        Assert.Equal(2, (await ledger.ReadHead(default)).CatalogRevision);
    }

    [Fact]
    public async Task A_decision_older_than_thirty_seconds_is_not_committed()
    {
        var ledger = await NewLedger();
        var entry = Make.Enrolled("p1", Now);
        Clock.Move(TimeSpan.FromSeconds(31));
        Assert.IsType<AppendOutcome.Expired>(await ledger.Append(Make.One(entry), default));
        Assert.Equal(0, (await ledger.Load("p1", default)).Version);
    }

    [Fact]
    public async Task An_empty_or_overlong_or_contradictory_append_is_a_fault()
    {
        var ledger = await NewLedger();
        await Assert.ThrowsAsync<ArgumentException>(
            async () => await ledger.Append(new Append([], null, Now), default));
        var many = Enumerable.Range(0, Limits.AppendEntriesMax + 1).Select(i => Make.Enrolled("p" + i, Now)).ToList();
        await Assert.ThrowsAsync<ArgumentException>(
            async () => await ledger.Append(new Append(many, null, Now), default));
        var p1 = Make.Enrolled("p1", Now);
        var one = Entry.Next(p1.After!, Make.Settled(Make.Request("p1", "r1")), Now);
        var two = Entry.Next(one.After!, Make.Settled(Make.Request("p1", "r1")), Now);
        await Assert.ThrowsAsync<ArgumentException>(
            async () => await ledger.Append(new Append([p1, one, two], null, Now), default));
    }

    [Fact]
    public async Task A_roster_call_of_a_thousand_is_one_append()
    {
        var ledger = await NewLedger();
        var many = Enumerable.Range(0, Limits.AppendEntriesMax).Select(i => Make.Enrolled($"p{i:0000}", Now)).ToList();
        var committed =
            Assert.IsType<AppendOutcome.Committed>(await ledger.Append(new Append(many, null, Now), default));
        Assert.Equal(Enumerable.Range(1, many.Count).Select(i => (long)i), committed.Positions);
        Assert.Equal(1, (await ledger.ReadHead(default)).CommitNumber);
    }

    [Fact]
    public async Task Each_commit_hashes_the_one_before_it()
    {
        var ledger = await NewLedger();
        var head = await ledger.ReadHead(default);
        foreach (var entry in new[]
        {
            Make.Enrolled("p1", Now), Make.PlanText("plan-a", null, "text", Now), Make.Enrolled("p2", Now),
        })
        {
            await Stored(ledger, entry);
            var next = await ledger.ReadHead(default);
            Assert.Equal(CommitChain.Next(head, 1, next.CatalogRevision, CommitChain.Digest([entry])), next.Hash);
            head = next;
        }
        Assert.Equal((3L, 3L, 1L), (head.CommitNumber, head.Position, head.CatalogRevision));
    }

    [Fact]
    public async Task A_cancelled_call_stores_nothing()
    {
        var ledger = await NewLedger();
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await ledger.Append(Make.One(Make.Enrolled("p1", Now)), cancelled));
        Assert.Equal(0, (await ledger.Load("p1", default)).Version);
    }

    [Fact]
    public async Task Many_at_once_are_each_stored_once()
    {
        var ledger = await NewLedger();
        var entries = Enumerable.Range(0, 2_000).Select(i => Make.Enrolled($"p{i}", Now)).ToList();
        var appends = entries.Concat(entries.Take(100)).Select(e => ledger.Append(Make.One(e), default).AsTask());
        var outcomes = await Task.WhenAll(appends);
        Assert.Equal(2_000, outcomes.Count(o => o is AppendOutcome.Committed));
        Assert.Equal(100, outcomes.Count(o => o is AppendOutcome.VersionTaken));
        Assert.Equal(
            Enumerable.Range(1, 2_000).Select(i => (long)i),
            outcomes.OfType<AppendOutcome.Committed>().SelectMany(c => c.Positions).Order());
        var loads = await Task.WhenAll(entries.Select(e => ledger.Load(e.Stream.Id, default).AsTask()));
        Assert.Equal(entries.Select(e => e.After), loads);
    }
}

public sealed class VolatileLedgerAppends() : AppendConformance(InMemory);

[Collection(OnPostgres.Name)]
public sealed class PostgresLedgerAppends(PostgresFixture postgres) : AppendConformance(postgres.NewLedger);
