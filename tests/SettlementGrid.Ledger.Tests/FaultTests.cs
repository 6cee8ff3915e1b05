using Npgsql;
using SettlementGrid.Enrollees;
using SettlementGrid.Ledger.Tests.Kit;
using SettlementGrid.Testbed.Proxying;
using static SettlementGrid.Ledger.Tests.Kit.Storing;

namespace SettlementGrid.Ledger.Tests;

/// <summary>
/// Each of the traps that were measured on PostgreSQL before the design was fixed, and what a network does.
/// </summary>
[Collection(OnPostgres.Name)]
public sealed class FaultTests(PostgresFixture postgres)
{
    const int Rounds = 12;

    readonly ShiftedClock _clock = new();

    [Theory]
    [InlineData(Mishap.LoseReply)]
    [InlineData(Mishap.LoseRequest)]
    [InlineData(Mishap.CutWhileAtWork)]
    public async Task A_commit_whose_reply_is_lost_is_resolved_and_stored_once(Mishap mishap)
    {
        var database = await postgres.NewDatabase();
        await using var proxy = new DatabaseProxy(database);
        await using var ledger = await PostgresFixture.Open(proxy.ConnectionString, _clock);
        var last = Make.Enrolled("p1", _clock.Now);
        await Stored(ledger, last);
        for (var round = 0; round < Rounds; round++)
        {
            proxy.Next(mishap);
            last = Make.Moved(last.After!, $"41{round:0000}", _clock.Now);
            var positions = await Stored(ledger, last);
            Assert.Equal(last, Assert.Single(await ledger.ReadTail(positions[0] - 1, 1, default)).Entry);
        }
        Assert.Equal(Rounds, proxy.Mishaps);
        Assert.Equal(Rounds + 1, (await ledger.Load("p1", default)).Version);
        await Clean(database);
    }

    [Fact]
    public async Task A_session_killed_at_any_moment_loses_nothing_acknowledged_and_doubles_nothing()
    {
        var database = await postgres.NewDatabase();
        await using var ledger = await PostgresFixture.Open(database, _clock);
        await Stored(ledger, Make.Enrolled("warm", _clock.Now));
        using var done = new CancellationTokenSource();
        var killing = Task.Run(async () =>
        {
            var kills = 0;
            while (!done.IsCancellationRequested)
            {
                kills += Convert.ToInt32(await PostgresFixture.Execute(
                    postgres.AsSuperuser(database),
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                    + "WHERE application_name = 'settlementgrid' AND datname = current_database()"));
            }
            return kills;
        });
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 3_000).Select(async i =>
        {
            var entry = Make.Enrolled($"p{i}", _clock.Now);
            try
            {
                return (Entry: entry, Outcome: (AppendOutcome?)await ledger.Append(Make.One(entry), default));
            }
            catch (LedgerUnavailableException)
            {
                return (Entry: entry, Outcome: (AppendOutcome?)null);
            }
        }));
        await done.CancelAsync();
        Assert.InRange(await killing, 1, int.MaxValue);
        await using var fresh = await PostgresFixture.Open(database, _clock);
        foreach (var (entry, outcome) in outcomes)
        {
            var stored = (await fresh.Load(entry.Stream.Id, default)).Version;
            Assert.Equal(outcome is AppendOutcome.Committed ? 1 : 0, stored);
        }
        await Clean(database);
    }

    [Fact]
    public async Task A_bad_entry_gets_its_own_error_and_the_rest_of_its_batch_is_stored()
    {
        await using var ledger = await PostgresFixture.Open(await postgres.NewDatabase(), _clock);
        var good = Enumerable.Range(0, 300).Select(i => Make.Enrolled($"p{i}", _clock.Now)).ToList();
        var bad = Make.Enrolled("no\0text", _clock.Now);
        var appends = good.Take(150).Append(bad).Concat(good.Skip(150))
            .Select(e => (Entry: e, Outcome: ledger.Append(Make.One(e), default).AsTask())).ToList();
        foreach (var (entry, outcome) in appends)
        {
            if (entry != bad)
                Assert.IsType<AppendOutcome.Committed>(await outcome);
            else
                Assert.Contains("22021", (await Assert.ThrowsAsync<EntryRefusedException>(() => outcome)).Message,
                    StringComparison.Ordinal);
        }
        Assert.Equal(300, (await ledger.ReadHead(default)).Position);
    }

    [Fact]
    public async Task Two_percent_duplicates_do_not_fail_their_batches()
    {
        await using var ledger = await PostgresFixture.Open(await postgres.NewDatabase(), _clock);
        var known = Enumerable.Range(0, 20).Select(i => Make.Enrolled($"old{i}", _clock.Now)).ToList();
        await Stored(ledger, [.. known]);
        var before = (await ledger.ReadHead(default)).CommitNumber;
        var fresh = Enumerable.Range(0, 1_000)
            .Select(i => i % 50 == 0 ? known[i / 50] : Make.Enrolled($"p{i}", _clock.Now));
        var outcomes = await Task.WhenAll(fresh.Select(e => ledger.Append(Make.One(e), default).AsTask()));
        Assert.Equal(20, outcomes.Count(o => o is AppendOutcome.VersionTaken));
        Assert.Equal(980, outcomes.Count(o => o is AppendOutcome.Committed));
        // One look-up and one second try each, not a commit for every append.
        Assert.InRange((await ledger.ReadHead(default)).CommitNumber - before, 1, 200);
    }

    [Fact]
    public async Task Batches_over_the_same_persons_from_two_servers_neither_deadlock_nor_tear()
    {
        var database = await postgres.NewDatabase();
        await using var one = await PostgresFixture.Open(database, _clock);
        await using var two = await PostgresFixture.Open(database, _clock);
        var persons = Enumerable.Range(0, 40).Select(i => $"p{i}").ToArray();
        await Stored(one, [.. persons.Select(p => Make.Enrolled(p, _clock.Now))]);
        var committed = 0;
        async Task Work(PostgresLedger ledger, int worker)
        {
            for (var round = 0; round < 40; round++)
            {
                var chosen = persons.ToArray();
                Seeded(100 * worker + round).Shuffle(chosen);
                var accounts = await Task.WhenAll(chosen.Take(10).Select(p => ledger.Load(p, default).AsTask()));
                var entries = accounts.Select(a => Make.Moved(a, $"4{worker + 1}{round:0000}", _clock.Now)).ToList();
                var outcome = await ledger.Append(new Append(entries, null, _clock.Now), default);
                Assert.True(outcome is AppendOutcome.Committed or AppendOutcome.VersionTaken, outcome.ToString());
                if (outcome is AppendOutcome.Committed)
                    Interlocked.Increment(ref committed);
            }
        }
        await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Work(i % 2 == 0 ? one : two, i)));
        Assert.Equal(40 + committed * 10, (await one.ReadHead(default)).Position);
        await Clean(database);
    }

    [Fact]
    public async Task The_same_request_id_at_the_same_instant_on_two_servers_is_stored_once()
    {
        var database = await postgres.NewDatabase();
        await using var one = await PostgresFixture.Open(database, _clock);
        await using var two = await PostgresFixture.Open(database, _clock);
        var persons = Enumerable.Range(0, 300).Select(i => Make.Enrolled($"p{i}", _clock.Now)).ToArray();
        await Stored(one, persons);
        await Task.WhenAll(persons.Select(async person =>
        {
            var request = Make.Request(person.Stream.Id, "r" + person.Stream.Id);
            var settled = Entry.Next(person.After!, Make.Settled(request), _clock.Now);
            var outcomes = await Task.WhenAll(
                one.Append(Make.One(settled), default).AsTask(), two.Append(Make.One(settled), default).AsTask());
            var committed = Assert.Single(outcomes.OfType<AppendOutcome.Committed>());
            var taken = Assert.Single(outcomes.OfType<AppendOutcome.RequestTaken>());
            Assert.Equal((settled, committed.Positions[0]), (taken.Stored.Entry, taken.Stored.Position));
        }));
    }

    [Fact]
    public async Task Whoever_has_read_up_to_a_mark_never_later_finds_a_fact_at_or_below_it()
    {
        var database = await postgres.NewDatabase();
        await using var one = await PostgresFixture.Open(database, _clock);
        await using var two = await PostgresFixture.Open(database, _clock);
        const int each = 1_500;
        var writing = Task.WhenAll(new[] { one, two }.SelectMany((ledger, l) => Enumerable.Range(0, each)
            .Select(i => ledger.Append(Make.One(Make.Enrolled($"{l}-{i}", _clock.Now)), default).AsTask())));
        var seen = new List<string>();
        while (seen.Count < 2 * each)
        {
            var page = await one.ReadTail(seen.Count, 100, default);
            for (var i = 0; i < page.Count; i++)
                Assert.Equal(seen.Count + i + 1, page[i].Position);
            seen.AddRange(page.Select(r => r.Entry.Stream.Id));
        }
        Assert.All(await writing, o => Assert.IsType<AppendOutcome.Committed>(o));
        Assert.Equal(2 * each, seen.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task What_was_acknowledged_before_a_load_began_is_in_it_whoever_else_is_loading()
    {
        await using var ledger = await PostgresFixture.Open(await postgres.NewDatabase(), _clock);
        var last = Make.Enrolled("p1", _clock.Now);
        await Stored(ledger, last);
        using var done = new CancellationTokenSource();
        var company = Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
                await ledger.Load("p1", default);
        })));
        for (var i = 0; i < 300; i++)
        {
            last = Make.Moved(last.After!, $"41{i:0000}", _clock.Now);
            await Stored(ledger, last);
            Assert.Equal(last.Version, (await ledger.Load("p1", default)).Version);
            Assert.Equal(last.Version, (await ledger.Confirm(new Question("p1", null, null), default)).Version);
        }
        await done.CancelAsync();
        await company;
    }

    [Fact]
    public async Task A_full_queue_answers_overloaded_at_once_and_a_queued_call_may_be_given_up()
    {
        var database = await postgres.NewDatabase();
        await using var ledger = await PostgresFixture.Open(database, _clock);
        await using var blocker = new NpgsqlConnection(postgres.AsSuperuser(database));
        await blocker.OpenAsync();
        await using var blocking = await blocker.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("SELECT 1 FROM ledger.head FOR UPDATE", blocker))
            await hold.ExecuteNonQueryAsync();

        using var given = new CancellationTokenSource();
        var queued = new List<Task<AppendOutcome>>();
        Task<AppendOutcome> Next(CancellationToken cancellation)
        {
            var call = queued.Count;
            var entries = Enumerable.Range(0, 1_000).Select(i => Make.Enrolled($"p{call}-{i}", _clock.Now)).ToList();
            queued.Add(ledger.Append(new Append(entries, null, _clock.Now), cancellation).AsTask());
            return queued[^1];
        }
        var most = LedgerLimits.Writers + LedgerLimits.QueuedRowsMax / 1_000 + 1;
        // The first cannot be given up, so one is stored. One is under way per writer, the others fill the queue.
        while (!(Next(queued.Count == 0 ? CancellationToken.None : given.Token) is { IsCompleted: true } answered
                && await answered is AppendOutcome.Overloaded))
            Assert.InRange(queued.Count, 0, most);
        await given.CancelAsync();
        var cancelled = queued.Count(t => t.IsCanceled);
        Assert.InRange(cancelled, LedgerLimits.QueuedRowsMax / 1_000 - 1, queued.Count);

        await blocking.RollbackAsync();
        var stored = 0;
        foreach (var task in queued.Where(t => !t.IsCanceled))
            stored += await task is AppendOutcome.Committed ? 1 : 0;
        Assert.Equal(1_000 * stored, (await ledger.ReadHead(default)).Position);
        Assert.InRange(stored, 1, LedgerLimits.Writers);
    }

    [Fact]
    public async Task Closing_writes_what_is_queued()
    {
        var database = await postgres.NewDatabase();
        var ledger = await PostgresFixture.Open(database, _clock);
        var appends = Enumerable.Range(0, 1_000)
            .Select(i => ledger.Append(Make.One(Make.Enrolled($"p{i}", _clock.Now)), default).AsTask()).ToList();
        await ledger.DisposeAsync();
        Assert.All(appends, a => Assert.True(a.IsCompletedSuccessfully));
        await using var fresh = await PostgresFixture.Open(database, _clock);
        Assert.Equal(1_000, (await fresh.ReadHead(default)).Position);
    }

    // The rim of the tests: a fixed seed each.
#pragma warning disable RS0030
    static Random Seeded(int seed) => new(seed);
#pragma warning restore RS0030
}
