using SettlementGrid.Enrollees;
using SettlementGrid.Ledger.Tests.Kit;
using static SettlementGrid.Ledger.Tests.Kit.Storing;

namespace SettlementGrid.Ledger.Tests;

/// <summary>A database that is set back to an older state under a running server, which knows better.</summary>
[Collection(OnPostgres.Name)]
public sealed class TakenBackTests(PostgresFixture postgres)
{
    readonly ShiftedClock _clock = new();

    [Fact]
    public async Task A_database_taken_back_under_a_running_server_takes_nothing_more_from_it()
    {
        var database = await postgres.NewDatabase();
        await using var ledger = await PostgresFixture.Open(database, _clock);
        await Stored(ledger, Make.Enrolled("p1", _clock.Now));
        await Stored(ledger, Make.Enrolled("p2", _clock.Now));
        await PostgresFixture.Execute(postgres.AsSuperuser(database), """
            SET session_replication_role = replica;
            DELETE FROM ledger.entries WHERE stream_id = 'p2';
            DELETE FROM ledger.commits WHERE number = 2;
            UPDATE ledger.head SET number = 1, position = 1, hash = (SELECT hash FROM ledger.commits)
            """);
        await Assert.ThrowsAsync<LedgerUnavailableException>(
            async () => await ledger.Append(Make.One(Make.Enrolled("p3", _clock.Now)), default));
        await using var fresh = await PostgresFixture.Open(database, _clock);
        await Stored(fresh, Make.Enrolled("p3", _clock.Now));
    }

    [Fact]
    public async Task What_a_server_only_loaded_cannot_be_taken_back_under_it_either()
    {
        var database = await postgres.NewDatabase();
        await using var ledger = await PostgresFixture.Open(database, _clock);
        var enrolled = Make.Enrolled("p1", _clock.Now);
        await using (var other = await PostgresFixture.Open(database, _clock))
            await Stored(other, enrolled);
        var account = await ledger.Load("p1", default);
        await PostgresFixture.Execute(postgres.AsSuperuser(database), """
            SET session_replication_role = replica;
            DELETE FROM ledger.entries;
            DELETE FROM ledger.commits;
            UPDATE ledger.head SET number = 0, position = 0, hash = decode(repeat('00', 32), 'hex')
            """);
        var next = Make.Moved(account, "410922", _clock.Now);
        await Assert.ThrowsAsync<LedgerUnavailableException>(async () => await ledger.Append(Make.One(next), default));
    }

    [Fact]
    public async Task A_cold_load_is_refused_where_another_server_wrote_on_since_the_database_was_taken_back()
    {
        var database = await postgres.NewDatabase();
        await using var ledger = await PostgresFixture.Open(database, _clock);
        var first = Make.Enrolled("p1", _clock.Now);
        await Stored(ledger, first);
        var lost = Make.Moved(first.After!, "410922", _clock.Now);
        await Stored(ledger, lost);
        await PostgresFixture.Execute(postgres.AsSuperuser(database), """
            SET session_replication_role = replica;
            DELETE FROM ledger.entries WHERE version = 2;
            DELETE FROM ledger.commits WHERE number = 2;
            UPDATE ledger.head SET number = 1, position = 1, hash = (SELECT hash FROM ledger.commits)
            """);
        await using (var other = await PostgresFixture.Open(database, _clock))
        {
            for (var person = 2; person < 6; person++)
                await Stored(other, Make.Enrolled($"p{person}", _clock.Now));
        }

        // What it remembers of p1 is from a future that never was; a load of somebody else must not hide that.
        await Assert.ThrowsAsync<LedgerUnavailableException>(async () => await ledger.Load("p3", default));
        var next = Make.Moved(lost.After!, "410923", _clock.Now);
        await Assert.ThrowsAsync<LedgerUnavailableException>(async () => await ledger.Append(Make.One(next), default));
        await Clean(database);
    }

    [Fact]
    public async Task Nothing_older_is_read_from_a_database_taken_back_under_a_running_server()
    {
        var database = await postgres.NewDatabase();
        await using var ledger = await PostgresFixture.Open(database, _clock);
        var first = Make.Enrolled("p1", _clock.Now);
        await Stored(ledger, first);
        await Stored(ledger, Make.Moved(first.After!, "410922", _clock.Now));
        var second = Make.Enrolled("p2", _clock.Now);
        await Stored(ledger, second);
        var settled = Make.Settled(Make.Request("p2", "r1"));
        await Stored(ledger, Entry.Next(second.After!, settled, _clock.Now));
        await PostgresFixture.Execute(postgres.AsSuperuser(database), """
            SET session_replication_role = replica;
            DELETE FROM ledger.entries WHERE version = 2 OR stream_id = 'p2';
            DELETE FROM ledger.commits WHERE number > 1;
            UPDATE ledger.head SET number = 1, position = 1, hash = (SELECT hash FROM ledger.commits)
            """);

        foreach (var person in (string[])["p1", "p2"])
        {
            await Assert.ThrowsAsync<LedgerUnavailableException>(async () => await ledger.Load(person, default));
            await Assert.ThrowsAsync<LedgerUnavailableException>(
                async () => await ledger.Confirm(new Question(person, null, null), default));
        }
        foreach (var read in EveryPage.Of(ledger, settled, _clock.Now))
            await Assert.ThrowsAsync<LedgerUnavailableException>(read);
    }
}
