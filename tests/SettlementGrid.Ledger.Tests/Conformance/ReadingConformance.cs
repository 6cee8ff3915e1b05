using SettlementGrid.Enrollees;
using SettlementGrid.Ledger.Tests.Kit;
using static SettlementGrid.Ledger.Tests.Kit.Storing;

namespace SettlementGrid.Ledger.Tests.Conformance;

/// <summary>
/// What every adapter of the port promises of a reading: all that was committed, by person, stream, facility and
/// position.
/// </summary>
public abstract class ReadingConformance(Func<ShiftedClock, Task<ILedger>> open) : LedgerConformance(open)
{
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
}

public sealed class VolatileLedgerReadings() : ReadingConformance(InMemory);

[Collection(OnPostgres.Name)]
public sealed class PostgresLedgerReadings(PostgresFixture postgres) : ReadingConformance(postgres.NewLedger);
