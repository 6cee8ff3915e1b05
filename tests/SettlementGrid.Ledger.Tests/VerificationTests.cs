using SettlementGrid.Enrollees;
using SettlementGrid.Ledger.Anchoring;
using SettlementGrid.Ledger.Tests.Kit;
using SettlementGrid.Ledger.Verification;
using Microsoft.Extensions.Logging.Abstractions;

namespace SettlementGrid.Ledger.Tests;

[Collection(OnPostgres.Name)]
public sealed class VerificationTests(PostgresFixture postgres) : IAsyncLifetime
{
    readonly ShiftedClock _clock = new();
    readonly string _folder = Directory.CreateTempSubdirectory("settlementgrid-anchor-").FullName;
    string _database = "";
    Recorded? _first;
    Recorded? _second;

    string AnchorPath => Path.Combine(_folder, "anchor");

    public async Task InitializeAsync()
    {
        _database = await postgres.NewDatabase();
        await using var ledger = await PostgresFixture.Open(_database, _clock);
        var city = await City.Build(ledger, _clock, "p1", "p2", "p3");
        _first = await city.Settle("p1", "r1");
        var twice = await city.Settle("p2", "r2");
        await city.Reverse(twice, "v2");
        await city.Cancel("p3", "r3");
        await city.Settle("p1", "r4", 1_000_000_00);
        _second = await city.Settle("p2", "r5");
        await city.Cancel("p2", "r5");
        await ledger.Append(Make.One(Make.Moved(await ledger.Load("p3", default), "410922", _clock.Now)), default);
        using var anchors = new AnchorWriting(ledger, AnchorPath, _clock, NullLogger.Instance);
        await anchors.Write(default);
    }

    public Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_ledger_as_it_was_written_is_clean()
    {
        var report = await Verify();
        Assert.Empty(report.Findings);
        Assert.Equal((15L, 4L, 4L, 1L), (report.Entries, report.Streams, report.Settlements, report.Anchors));
        Assert.Equal(15, report.Head.Position);
    }

    /// <summary>What was written before format 2 stays as it is; the same persons go on in format 2.</summary>
    [Fact]
    public async Task A_ledger_with_entries_of_both_formats_is_clean_and_stays_so()
    {
        _database = await postgres.NewDatabase();
        await using var ledger = await PostgresFixture.Open(_database, _clock);
        var city = await City.Build(ledger, _clock, "p1", "p2");
        var before = await Make.InFormat1(ledger, "p1", _clock.Now, "r1", "r2");
        Assert.Equal(1, before.Entry.Format);
        var settled = await city.Settle("p1", "r3", discharged: new DateOnly(2026, 2, 25));
        var marked = await city.Settle("p1", "r4", discharged: new DateOnly(2026, 2, 24));
        Assert.Null(((Fact.Settled)settled.Fact).LaterDischarge);
        Assert.Equal(new DateOnly(2026, 2, 25), ((Fact.Settled)marked.Fact).LaterDischarge);
        await city.Reverse(before, "v1");
        await city.Settle("p2", "r5");
        var report = await new LedgerVerification(_database, City.ReadPlan, null).Run(null, default);
        Assert.Empty(report.Findings);
        Assert.Equal(5, report.Settlements);
        var formats = (await ledger.ReadStream(StreamKey.Person("p1"), 1, 20, default)).Select(r => r.Entry.Format);
        Assert.Equal([2, 2, 1, 1, 2, 2, 2], formats.Take(7).Select(format => (int)format));
    }

    [Fact]
    public async Task A_mark_forged_with_its_hashes_is_found_by_computing_it_again()
    {
        var fact = (Fact.Settled)_first!.Fact with { LaterDischarge = new DateOnly(2026, 3, 2) };
        var before = (await History("p1"))[1].Entry.After!;
        var forged = Entry.Next(before, fact, _first.Entry.At);
        await Tamper($"""
            UPDATE ledger.entries SET body = '\x{Convert.ToHexString(forged.Body)}', hash = '\x{forged.Hash}'
            WHERE stream_id = 'p1' AND version = 3
            """);
        Assert.Contains((await Verify()).Findings, f => f.Stream == StreamKey.Person("p1") && f.Version == 3
            && f.What == "its figures, computed again, are others");
    }

    [Theory]
    [InlineData("layer_paid = ARRAY[1]", "column layer_paid")]
    [InlineData("facility_id = 'H00000000000'", "column facility_id")]
    [InlineData("region_id = '410999'", "column region_id")]
    [InlineData("at = at + interval '1 ms'", "column at")]
    [InlineData("facility_key = 1", "column facility_key")]
    [InlineData("kind = 5", "column kind")]
    [InlineData("settlement_id = '00000000-0000-0000-0000-000000000001'", "column settlement_id")]
    [InlineData("body = set_byte(body, 60, get_byte(body, 60) # 1)", "canonical bytes")]
    [InlineData("hash = sha256('x')", "canonical bytes were changed")]
    public async Task A_changed_row_is_named(string change, string what)
    {
        await Tamper($"UPDATE ledger.entries SET {change} WHERE stream_id = 'p1' AND version = 3");
        var report = await Verify();
        var finding = report.Findings.First(f => f.Stream is not null);
        Assert.Contains(what, finding.What, StringComparison.Ordinal);
        Assert.Equal(
            (StreamKey.Person("p1"), 3L, _first!.Position), (finding.Stream, finding.Version, finding.Position));
    }

    [Theory]
    [InlineData("region_id = '410999'", "column region_id")]
    [InlineData("settlement_id = NULL", "column settlement_id")]
    [InlineData("stream_id = stream_id || '0'", "column stream_id")]
    [InlineData("layer_paid = ARRAY[1]", "column layer_paid")]
    [InlineData("facility_id = 'H00000000000'", "column facility_id")]
    public async Task A_changed_row_of_a_fund_is_named(string change, string what)
    {
        await using (var ledger = await PostgresFixture.Open(_database, _clock))
            await ledger.Append(Make.One(Make.FundRecord("q1", null, _clock.Now)), default);
        Assert.Empty((await Verify()).Findings);
        await Tamper($"UPDATE ledger.entries SET {change} WHERE stream_kind = 2");
        Assert.Contains((await Verify()).Findings, f => f.What.Contains(what, StringComparison.Ordinal));
    }

    /// <summary>A forger who knows the format: amount changed, all hashes of the row in order.</summary>
    [Fact]
    public async Task An_amount_forged_with_its_hashes_is_found_by_computing_it_again()
    {
        var fact = (Fact.Settled)_first!.Fact;
        var more = fact.Outcome.Layers[0] with { Paid = new Plans.Money(fact.Outcome.Layers[0].Paid.Fen + 1) };
        // The state before it, by taking what it did away again.
        var undone = fact.Outcome.Changes.Select(c =>
            new Plans.AccumulatorChange(c.Key, default(Plans.Accumulator) - c.Change));
        var account = _first.Entry.After! with
        {
            Version = 2, LastHash = _first.Entry.Previous, LastAt = 0,
            Accumulators = _first.Entry.After.Accumulators.Plus([.. undone]),
        };
        var forged = Entry.Next(
            account, fact with { Outcome = fact.Outcome with { Layers = [more] } }, _first.Entry.At);
        await Tamper($"""
            UPDATE ledger.entries SET body = '\x{Convert.ToHexString(forged.Body)}', hash = '\x{forged.Hash}',
                layer_paid = ARRAY[{more.Paid.Fen}] WHERE stream_id = 'p1' AND version = 3
            """);
        var report = await Verify();
        Assert.Contains(report.Findings, f => f.Stream == StreamKey.Person("p1") && f.Version == 3 && f.Year == 2026
            && f.What == "its figures, computed again, are others");
        Assert.Contains(report.Findings, f => f.What == "its entries are not those committed");
        Assert.Contains(report.Findings, f => f.Version == 4 && f.What == "does not follow from the fact before it");
    }

    [Fact]
    public async Task A_deleted_middle_row_is_named()
    {
        await Tamper("DELETE FROM ledger.entries WHERE stream_id = 'p2' AND version = 3");
        var report = await Verify();
        Assert.Contains(report.Findings, f => f.What == "version 3 is missing" && f.Stream == StreamKey.Person("p2"));
        Assert.Contains(report.Findings, f => f.What == "holds 0 entries, 1 were committed");
    }

    [Fact]
    public async Task A_deleted_last_row_is_named()
    {
        await Tamper("""
            DELETE FROM ledger.entries
            WHERE commit_id = (SELECT id FROM ledger.commits ORDER BY number DESC LIMIT 1)
            """);
        var report = await Verify();
        Assert.Contains(report.Findings, f => f.Position == 15);
    }

    [Fact]
    public async Task A_deleted_last_commit_is_named()
    {
        await Tamper("DELETE FROM ledger.commits WHERE number = (SELECT max(number) FROM ledger.commits)");
        var report = await Verify();
        Assert.Contains(report.Findings, f => f.What.StartsWith("the head is not", StringComparison.Ordinal));
        Assert.Contains(report.Findings, f => f.What == "belongs to no commit" && f.Stream == StreamKey.Person("p3"));
    }

    [Fact]
    public async Task An_end_cut_off_with_everything_in_order_shows_in_the_anchor_alone()
    {
        await CutEnd();
        Assert.Empty((await Verify(anchored: false)).Findings);
        var finding = Assert.Single((await Verify()).Findings);
        Assert.Contains("ledger ends at commit", finding.What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_ledger_written_anew_shows_in_the_anchor_alone()
    {
        await CutEnd();
        await using (var ledger = await PostgresFixture.Open(_database, _clock))
            await ledger.Append(Make.One(Make.Moved(await ledger.Load("p3", default), "410907", _clock.Now)), default);
        Assert.Empty((await Verify(anchored: false)).Findings);
        var finding = Assert.Single((await Verify()).Findings);
        Assert.Contains("written anew", finding.What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_swapped_rows_are_named()
    {
        await Tamper("""
            UPDATE ledger.entries SET commit_id = -commit_id
            WHERE stream_id IN ('p1', 'p2') AND version = 3;
            UPDATE ledger.entries e SET commit_id = -o.commit_id FROM ledger.entries o
            WHERE e.version = 3 AND o.version = 3 AND e.commit_id < 0
                AND (e.stream_id, o.stream_id) IN (('p1', 'p2'), ('p2', 'p1'))
            """);
        var report = await Verify();
        Assert.Equal(2, report.Findings.Count(f => f.What == "its entries are not those committed"));
    }

    [Fact]
    public async Task A_row_added_by_hand_is_named()
    {
        await Tamper("""
            INSERT INTO ledger.entries (version, commit_id, at, ordinal, kind, stream_kind, stream_id, hash, body)
            SELECT version, 77, at, 0, kind, stream_kind, 'p9', hash, body FROM ledger.entries
            WHERE stream_id = 'p3' AND version = 1
            """);
        Assert.Contains(
            (await Verify()).Findings, f => f.Stream == StreamKey.Person("p9") && f.What == "belongs to no commit");
    }

    [Fact]
    public async Task A_forged_line_of_the_anchor_is_named()
    {
        var line = (await File.ReadAllTextAsync(AnchorPath)).Split(' ');
        line[1] = "14";
        await File.WriteAllTextAsync(AnchorPath, string.Join(' ', line));
        Assert.Contains((await Verify()).Findings, f => f.What.StartsWith("line 1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_torn_last_line_of_the_anchor_is_no_finding_and_is_cut_at_the_next_start()
    {
        await File.AppendAllTextAsync(AnchorPath, "16 16 ab");
        Assert.Empty((await Verify()).Findings);
        await using var ledger = await PostgresFixture.Open(_database, _clock);
        using (var anchors = new AnchorWriting(ledger, AnchorPath, _clock, NullLogger.Instance))
            await anchors.Write(default);
        Assert.Equal(2, (await File.ReadAllLinesAsync(AnchorPath)).Length);
        Assert.Empty((await Verify()).Findings);
    }

    [Fact]
    public async Task Two_servers_never_write_one_anchor_file_and_reading_it_hinders_neither()
    {
        await using var ledger = await PostgresFixture.Open(_database, _clock);
        using (new AnchorWriting(ledger, AnchorPath, _clock, NullLogger.Instance))
        {
            Assert.Throws<IOException>(() => new AnchorWriting(ledger, AnchorPath, _clock, NullLogger.Instance));
            Assert.Empty((await Verify()).Findings);
        }
        new AnchorWriting(ledger, AnchorPath, _clock, NullLogger.Instance).Dispose();
    }

    [SkippableFact]
    public void The_signing_key_is_its_owners_alone()
    {
        if (OperatingSystem.IsWindows())
            Skip.If(true, "Windows has no file modes.");
        else
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite,
                File.GetUnixFileMode(AnchorKey.PrivatePath(AnchorPath)));
    }

    [Fact]
    public void A_key_that_a_crash_kept_from_being_written_is_made_again()
    {
        var anchor = Path.Combine(Path.GetDirectoryName(AnchorPath)!, "crashed");
        File.WriteAllBytes(AnchorKey.PrivatePath(anchor), []);
        File.WriteAllText(AnchorKey.PrivatePath(anchor) + ".new", "-----BEGIN");
        using var made = AnchorKey.OpenOrCreate(anchor);
        using var opened = AnchorKey.OpenOrCreate(anchor);
        using var published = AnchorKey.OpenPublic(anchor);
        Assert.True(opened.Verifies([1], made.Sign([1])));
        Assert.True(published.Verifies([1], made.Sign([1])));
    }

    async Task<IReadOnlyList<Recorded>> History(string person)
    {
        await using var ledger = await PostgresFixture.Open(_database, _clock);
        return await ledger.ReadStream(StreamKey.Person(person), 1, 20, default);
    }

    Task<VerificationReport> Verify(bool anchored = true) =>
        new LedgerVerification(_database, City.ReadPlan, anchored ? AnchorPath : null).Run(null, default);

    /// <summary>As somebody with every right over the database would: triggers off.</summary>
    Task Tamper(string sql) => PostgresFixture.Execute(
        postgres.AsSuperuser(_database), "SET session_replication_role = replica; " + sql);

    /// <summary>Takes the newest commit away and sets the head back, so that every hash fits.</summary>
    Task CutEnd() => Tamper("""
        DELETE FROM ledger.entries WHERE commit_id = (SELECT id FROM ledger.commits ORDER BY number DESC LIMIT 1);
        DELETE FROM ledger.commits WHERE number = (SELECT max(number) FROM ledger.commits);
        UPDATE ledger.head h SET number = c.number, position = c.first_position + c.count - 1,
            catalog_revision = c.catalog_revision, hash = c.hash
        FROM (SELECT * FROM ledger.commits ORDER BY number DESC LIMIT 1) c
        """);
}
