using SettlementGrid.Enrollees;
using SettlementGrid.Ledger.Tests.Kit;

namespace SettlementGrid.Ledger.Tests;

/// <summary>What every adapter of the port promises, whatever it keeps its entries in.</summary>
public abstract class LedgerConformance
{
    protected ShiftedClock Clock { get; } = new();

    protected abstract ValueTask<ILedger> NewLedger();

    long Now => Clock.Now;

    [Fact]
    public async Task An_unknown_person_is_at_version_zero()
    {
        var ledger = await NewLedger();
        Assert.Equal(Account.Unknown("p1"), await ledger.Load("p1", default));
        Assert.Equal(new LedgerHead(0, 0, 0, default), await ledger.ReadHead(default));
    }

    [Fact]
    public async Task What_was_committed_is_loaded_with_its_hash()
    {
        var ledger = await NewLedger();
        var enrolled = Make.Enrolled("p1", Now);
        var settled = Entry.Next(enrolled.After!, Make.Settled(Make.Request("p1", "r1")), Now);
        await Stored(ledger, enrolled);
        var positions = await Stored(ledger, settled);
        Assert.Equal([2], positions);
        Assert.Equal(settled.After, await ledger.Load("p1", default));
        Assert.Equal(settled, (await ledger.Find(settled.RequestKey!.Value, default))!.Entry);
    }

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
    public async Task A_request_key_is_answered_with_the_fact_that_took_it()
    {
        var ledger = await NewLedger();
        var (p1, p2) = (Make.Enrolled("p1", Now), Make.Enrolled("p2", Now));
        var settled = Entry.Next(p1.After!, Make.Settled(Make.Request("p1", "r1")), Now);
        await Stored(ledger, p1, p2, settled);
        var other = Entry.Next(p2.After!, Make.Settled(Make.Request("p2", "r1", "E-other")), Now);
        var taken = Assert.IsType<AppendOutcome.RequestTaken>(await ledger.Append(Make.One(other), default));
        Assert.Equal(settled, taken.Stored.Entry);
        Assert.Equal(3, taken.Stored.Position);
    }

    [Fact]
    public async Task A_request_key_is_remembered_once_it_is_stored_and_not_before()
    {
        var ledger = await NewLedger();
        var enrolled = Make.Enrolled("p1", Now);
        var settled = Entry.Next(enrolled.After!, Make.Settled(Make.Request("p1", "r1")), Now);
        var key = settled.RequestKey!.Value;
        Assert.False(ledger.Remembers(key));
        await Stored(ledger, enrolled, settled);
        Assert.True(ledger.Remembers(key));
        Assert.False(ledger.Remembers(Make.Settled(Make.Request("p1", "r2")).Id));
    }

    [Fact]
    public async Task A_taken_request_key_answers_before_a_stale_version()
    {
        var ledger = await NewLedger();
        var enrolled = Make.Enrolled("p1", Now);
        var settled = Entry.Next(enrolled.After!, Make.Settled(Make.Request("p1", "r1")), Now);
        await Stored(ledger, enrolled, settled);
        var again = Entry.Next(enrolled.After!, Make.Settled(Make.Request("p1", "r1")), Now + 5);
        Assert.IsType<AppendOutcome.RequestTaken>(await ledger.Append(Make.One(again), default));
    }

    [Fact]
    public async Task An_encounter_has_one_live_settlement_and_tells_all_its_uses()
    {
        var ledger = await NewLedger();
        var p1 = Make.Enrolled("p1", Now);
        var first = Entry.Next(p1.After!, Make.Settled(Make.Request("p1", "r1", "E1")), Now);
        await Stored(ledger, p1, first);
        var second = Entry.Next(first.After!, Make.Settled(Make.Request("p1", "r2", "E1")), Now);
        var taken = Assert.IsType<AppendOutcome.EncounterTaken>(await ledger.Append(Make.One(second), default));
        Assert.Equal([new EncounterUse(1, first.RequestKey!.Value, null)], taken.Uses);

        var reversed = Entry.Next(first.After!, Make.Reversed((Fact.Settled)first.Fact, "v1"), Now);
        await Stored(ledger, reversed);
        var third = Entry.Next(reversed.After!, Make.Settled(Make.Request("p1", "r3", "E1"), attempt: 2), Now);
        await Stored(ledger, third);
        var known = await ledger.Confirm(
            new Question("p1", third.RequestKey, Make.Request("p1", "r3", "E1").EncounterKey), default);
        Assert.Equal(4, known.Version);
        Assert.Equal(third, known.Request!.Entry);
        Assert.Equal(
            [
                new EncounterUse(1, first.RequestKey!.Value, reversed.RequestKey),
                new EncounterUse(2, third.RequestKey!.Value, null),
            ],
            known.Uses);
    }

    [Fact]
    public async Task A_settlement_is_reversed_once_whoever_tries()
    {
        var ledger = await NewLedger();
        var p1 = Make.Enrolled("p1", Now);
        var settled = Entry.Next(p1.After!, Make.Settled(Make.Request("p1", "r1")), Now);
        var fact = (Fact.Settled)settled.Fact;
        var reversed = Entry.Next(settled.After!, Make.Reversed(fact, "v1"), Now);
        await Stored(ledger, p1, settled, reversed);
        var again = Entry.Next(reversed.After!, Make.Reversed(fact, "v2"), Now);
        Assert.IsType<AppendOutcome.EncounterTaken>(await ledger.Append(Make.One(again), default));
        var reversals = await ledger.Reversals([fact], default);
        Assert.Equal(reversed.RequestKey, Assert.Single(reversals).Value);
    }

    [Fact]
    public async Task A_barred_request_id_is_found_and_stays_taken()
    {
        var ledger = await NewLedger();
        var barred = Entry.Next(Account.Unknown("p1"), new Fact.Barred(Make.Hospital, "r1"), Now);
        await Stored(ledger, barred);
        var p2 = Make.Enrolled("p2", Now);
        await Stored(ledger, p2);
        var late = Entry.Next(p2.After!, Make.Settled(Make.Request("p2", "r1")), Now);
        var taken = Assert.IsType<AppendOutcome.RequestTaken>(await ledger.Append(Make.One(late), default));
        Assert.IsType<Fact.Barred>(taken.Stored.Fact);
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
    public async Task A_moved_catalog_answers_before_a_taken_request()
    {
        var ledger = await NewLedger();
        var p1 = Make.Enrolled("p1", Now);
        var settled = Entry.Next(p1.After!, Make.Settled(Make.Request("p1", "r1")), Now);
        await Stored(ledger, p1, settled, Make.PlanText("plan-a", null, "text", Now));
        Assert.IsType<AppendOutcome.CatalogMoved>(await ledger.Append(Make.One(settled, revision: 0), default));
        Assert.IsType<AppendOutcome.RequestTaken>(await ledger.Append(Make.One(settled, revision: 1), default));
    }

    [Fact]
    public async Task The_catalog_holds_every_plan_version_and_each_facilitys_newest()
    {
        var ledger = await NewLedger();
        var plan = Make.PlanText("plan-a", null, "one", Now);
        var facility = Make.Facility("H1", null, "old", Now);
        await Stored(ledger, plan, facility);
        await Stored(
            ledger, Make.PlanText("plan-a", plan, "two", Now), Make.Facility("H1", facility, "new", Now),
            Make.Facility("H2", null, "second", Now));
        var catalog = await ledger.ReadCatalog(default);
        Assert.Equal(5, catalog.Revision);
        Assert.Equal(5, (await ledger.Confirm(new Question("nobody", null, null), default)).CatalogRevision);
        Assert.Equal(
            ["one", "two"],
            catalog.Entries.Select(e => e.Fact).OfType<Fact.PlanPublished>().Select(p => p.Text));
        Assert.Equal(
            ["new", "second"],
            catalog.Entries.Select(e => e.Fact).OfType<Fact.FacilityPut>().Select(p => p.Profile.Name));
        Assert.Equal([1L, 3, 4, 5], catalog.Entries.Select(e => e.Position));
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
    public async Task The_tail_is_gapless_in_pages_of_any_size()
    {
        var ledger = await NewLedger();
        for (var i = 0; i < 7; i++)
            await Stored(ledger, Make.Enrolled($"a{i}", Now), Make.Enrolled($"b{i}", Now), Make.Enrolled($"c{i}", Now));
        for (var page = 1; page <= 22; page++)
        {
            var read = new List<long>();
            while (await ledger.ReadTail(read.Count == 0 ? 0 : read[^1], page, default) is { Count: > 0 } next)
                read.AddRange(next.Select(r => r.Position));
            Assert.Equal(Enumerable.Range(1, 21).Select(i => (long)i), read);
        }
        Assert.Empty(await ledger.ReadTail(21, 10, default));
        Assert.Empty(await ledger.ReadTail(1_000, 10, default));
    }

    [Fact]
    public async Task A_stream_is_read_from_a_version_on()
    {
        var ledger = await NewLedger();
        var entries = new List<Entry> { Make.Enrolled("p1", Now) };
        for (var i = 0; i < 4; i++)
            entries.Add(Make.Moved(entries[^1].After!, "41090" + i, Now));
        await Stored(ledger, [.. entries]);
        var read = await ledger.ReadStream(StreamKey.Person("p1"), 2, 3, default);
        Assert.Equal([2L, 3, 4], read.Select(r => r.Entry.Version));
        Assert.Empty(await ledger.ReadStream(StreamKey.Person("p1"), 6, 3, default));
        Assert.Empty(await ledger.ReadStream(StreamKey.Person("nobody"), 1, 3, default));
    }

    [Fact]
    public async Task A_facilitys_day_is_listed_by_position_to_the_millisecond()
    {
        var ledger = await NewLedger();
        var day = Now;
        var account = Make.Enrolled("p1", day - 5_000).After!;
        await Stored(ledger, Make.Enrolled("p1", day - 5_000));
        foreach (var (request, at, hospital) in new[]
        {
            ("r0", day - 1, Make.Hospital), ("r1", day, Make.Hospital), ("x1", day + 1, "H41092600002"),
            ("r2", day + 999, Make.Hospital), ("r3", day + 1_000, Make.Hospital),
        })
        {
            var settled = Entry.Next(account, Make.Settled(Make.Request("p1", request, hospital: hospital)), at);
            await Stored(ledger, settled with { });
            account = settled.After!;
        }
        var listed = await ledger.ListFacility(Make.Hospital, "", day, day + 1_000, 0, 10, default);
        Assert.Equal([3L, 5], listed.Select(r => r.Position));
        Assert.Equal(
            [5L],
            (await ledger.ListFacility(Make.Hospital, "", day, day + 1_000, 3, 10, default)).Select(r => r.Position));
        Assert.Equal(
            [3L],
            (await ledger.ListFacility(Make.Hospital, "", day, day + 1_000, 0, 1, default)).Select(r => r.Position));
        Assert.Empty(await ledger.ListFacility("H00000000000", "", day, day + 1_000, 0, 10, default));
        Assert.Empty(await ledger.ListFacility(Make.Hospital, "", day, day, 0, 10, default));
    }

    [Fact]
    public async Task A_facilitys_day_is_listed_within_a_region_page_by_page()
    {
        var ledger = await NewLedger();
        var day = Now;
        var account = Make.Enrolled("p1", day).After!;
        await Stored(ledger, Make.Enrolled("p1", day));
        foreach (var region in (string[])["410926", "410902", "410926", "150502", "410902", "410926"])
        {
            var settled = Make.Settled(Make.Request("p1", "r" + account.Version)) with { RegionId = region };
            var entry = Entry.Next(account, settled, day);
            await Stored(ledger, entry);
            account = entry.After!;
        }
        foreach (var (within, positions) in new (string, long[])[]
        {
            ("", [2, 3, 4, 5, 6, 7]), ("410926", [2, 4, 7]), ("410900", [2, 3, 4, 6, 7]), ("410000", [2, 3, 4, 6, 7]),
            ("150502", [5]), ("150500", [5]), ("110000", []),
        })
        {
            Assert.Equal(positions, await List(within, 0, 10));
            Assert.Equal(positions.Take(2), await List(within, 0, 2));
            Assert.Equal(positions.Where(p => p > 4), await List(within, 4, 10));
        }

        async Task<IEnumerable<long>> List(string within, long after, int max) =>
            (await ledger.ListFacility(Make.Hospital, within, day, day + 1, after, max, default))
            .Select(r => r.Position);
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
    public async Task A_funds_stream_is_read_as_it_was_written()
    {
        var ledger = await NewLedger();
        var first = Make.FundRecord("q1", null, Now);
        var second = Make.FundRecord("q2", first, Now);
        var other = Make.FundRecord("q3", null, Now, year: 2027);
        var positions = await Stored(ledger, first, second, other);
        Assert.Equal([1L, 2, 3], positions);
        var stream = await ledger.ReadStream(first.Stream, 1, 10, default);
        Assert.Equal([first, second], stream.Select(r => r.Entry));
        Assert.Equal(other, (await ledger.Find(other.RequestKey!.Value, default))!.Entry);
        Assert.Equal(0, (await ledger.ReadHead(default)).CatalogRevision);
        Assert.Equal([first, second, other], (await ledger.ReadTail(0, 10, default)).Select(r => r.Entry));
        Assert.IsType<AppendOutcome.VersionTaken>(
            await ledger.Append(Make.One(Make.FundRecord("q4", null, Now)), default));
    }

    [Fact]
    public async Task A_funds_request_is_taken_for_every_fund_of_its_region()
    {
        var ledger = await NewLedger();
        var first = Make.FundRecord("q1", null, Now);
        await Stored(ledger, first);
        foreach (var again in new[] { Make.FundRecord("q1", first, Now), Make.FundRecord("q1", null, Now, year: 2027) })
        {
            var taken = Assert.IsType<AppendOutcome.RequestTaken>(await ledger.Append(Make.One(again), default));
            Assert.Equal(first, taken.Stored.Entry);
        }
        await Stored(ledger, Make.FundRecord("q1", null, Now, region: "410922"));
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

    static async Task<long[]> Stored(ILedger ledger, params Entry[] entries)
    {
        var outcome = await ledger.Append(new Append(entries, null, entries.Max(e => e.At)), default);
        return Assert.IsType<AppendOutcome.Committed>(outcome).Positions;
    }
}

public sealed class VolatileLedgerConforms : LedgerConformance
{
    protected override ValueTask<ILedger> NewLedger() => new(new VolatileLedger(Clock));
}

[Collection(OnPostgres.Name)]
public sealed class PostgresLedgerConforms(PostgresFixture postgres) : LedgerConformance, IAsyncLifetime
{
    PostgresLedger? _ledger;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_ledger is not null)
            await _ledger.DisposeAsync();
    }

    protected override async ValueTask<ILedger> NewLedger() =>
        _ledger = await PostgresFixture.Open(await postgres.NewDatabase(), Clock);
}
