using Npgsql;
using SettlementGrid.Ledger.Starting;
using SettlementGrid.Ledger.Tests.Kit;

namespace SettlementGrid.Ledger.Tests;

/// <summary>
/// What a start makes sure of: safe settings, the schema, and a role that cannot change what is written.
/// </summary>
[Collection(OnPostgres.Name)]
public sealed class StartTests(PostgresFixture postgres)
{
    readonly ShiftedClock _clock = new();

    [Theory]
    [InlineData("UPDATE ledger.entries SET version = version")]
    [InlineData("DELETE FROM ledger.entries")]
    [InlineData("TRUNCATE ledger.entries")]
    [InlineData("UPDATE ledger.commits SET number = number")]
    [InlineData("DELETE FROM ledger.commits")]
    [InlineData("TRUNCATE ledger.commits")]
    public async Task Nobody_changes_or_deletes_what_is_written(string sql)
    {
        var database = await Ledger();
        Assert.Equal("42501", (await Refused(database, $"SET ROLE {AppRole.Name}; " + sql)).SqlState);
        Assert.Equal("SG004", (await Refused(database, sql)).SqlState);
        Assert.Equal("SG004", (await Refused(postgres.AsSuperuser(database), sql)).SqlState);
    }

    [Theory]
    [InlineData("UPDATE ledger.head SET position = 0")]
    [InlineData("INSERT INTO ledger.commits SELECT number + 1, id + 1, 1, 0, 0, now(), '', '' FROM ledger.commits")]
    [InlineData("SELECT ledger.next_commit(1, 0, '', 0)")]
    [InlineData("ALTER TABLE ledger.entries DISABLE TRIGGER ALL")]
    [InlineData("CREATE TABLE ledger.own (x int)")]
    public async Task The_working_role_reaches_the_head_only_through_its_functions(string sql) =>
        Assert.Equal("42501", (await Refused(await Ledger(), $"SET ROLE {AppRole.Name}; " + sql)).SqlState);

    [Fact]
    public async Task A_start_is_refused_where_a_commit_is_not_flushed()
    {
        var database = await postgres.NewDatabase();
        var name = new NpgsqlConnectionStringBuilder(database).Database;
        await PostgresFixture.Execute(
            postgres.AsSuperuser(database), $"ALTER DATABASE {name} SET synchronous_commit = off");
        var refused = await Assert.ThrowsAsync<LedgerRefusedException>(() => PostgresFixture.Open(database, _clock));
        Assert.Contains("synchronous_commit is off", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_start_is_refused_on_a_database_that_takes_no_writes()
    {
        var database = await postgres.NewDatabase();
        var name = new NpgsqlConnectionStringBuilder(database).Database;
        await PostgresFixture.Execute(
            postgres.AsSuperuser(database), $"ALTER DATABASE {name} SET default_transaction_read_only = on");
        await Assert.ThrowsAsync<LedgerRefusedException>(() => PostgresFixture.Open(database, _clock));
    }

    [Fact]
    public async Task Two_servers_may_start_at_once_and_a_second_start_changes_nothing()
    {
        var database = await postgres.NewDatabase();
        var ledgers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => PostgresFixture.Open(database, _clock)));
        foreach (var ledger in ledgers)
            await ledger.DisposeAsync();
        var applied =
            await PostgresFixture.Execute(database, "SELECT array_agg(number ORDER BY number) FROM ledger.migrations");
        Assert.Equal(Migrations.All.Select(m => m.Number), Assert.IsType<int[]>(applied));
    }

    [Fact]
    public async Task A_changed_migration_is_refused()
    {
        var database = await Ledger();
        await PostgresFixture.Execute(database, "UPDATE ledger.migrations SET checksum = sha256('x') WHERE number = 1");
        var refused = await Assert.ThrowsAsync<LedgerRefusedException>(() => PostgresFixture.Open(database, _clock));
        Assert.Contains("0001_ledger.sql", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_newer_schema_is_refused()
    {
        var database = await Ledger();
        await PostgresFixture.Execute(
            database, "INSERT INTO ledger.migrations (number, name, checksum) VALUES (9999, '9999_later.sql', '')");
        var refused = await Assert.ThrowsAsync<LedgerRefusedException>(() => PostgresFixture.Open(database, _clock));
        Assert.Contains("9999_later.sql", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>In the middle of a rolling upgrade a server of the release before may be started again.</summary>
    [Fact]
    public async Task A_newer_schema_that_only_adds_is_worked_beside()
    {
        var database = await Ledger();
        await PostgresFixture.Execute(
            database,
            "INSERT INTO ledger.migrations (number, name, checksum) VALUES (9998, '9998_more.additive.sql', '')");
        await using (var ledger = await PostgresFixture.Open(database, _clock))
            await ledger.Append(Make.One(Make.Enrolled("p2", _clock.Now)), default);
        await PostgresFixture.Execute(
            database, "INSERT INTO ledger.migrations (number, name, checksum) VALUES (9999, '9999_later.sql', '')");
        var refused = await Assert.ThrowsAsync<LedgerRefusedException>(() => PostgresFixture.Open(database, _clock));
        Assert.Contains("9999_later.sql", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Migration_numbers_are_unique() =>
        Assert.Equal(Migrations.All.Count, Migrations.All.Select(m => m.Number).Distinct().Count());

    /// <summary>
    /// Stored forms: if this fails, the ledgers out there no longer verify. Change the code back, not the test.
    /// </summary>
    [Fact]
    public void Keys_stand_in_their_columns_as_they_always_did()
    {
        var request = Make.Request("p1", "r1", "E1");
        Assert.Equal("b230cb05-6bb4-556d-4f94-05be892fbd71", Keys.Of(request.Id).ToString());
        Assert.Equal("7fca8fb8-8032-9eaa-011d-87641e7b0005", Keys.Place(request.EncounterKey, 2, true).ToString());
        Assert.Equal((2, true), Keys.Attempt(Keys.Place(request.EncounterKey, 2, true)));
        Assert.Equal(-4157703395032352768, Keys.Facility(Make.Hospital, 1_772_697_600_999));
    }

    async Task<string> Ledger()
    {
        var database = await postgres.NewDatabase();
        await using var ledger = await PostgresFixture.Open(database, _clock);
        await ledger.Append(Make.One(Make.Enrolled("p1", _clock.Now)), default);
        return database;
    }

    static Task<PostgresException> Refused(string connection, string sql) =>
        Assert.ThrowsAsync<PostgresException>(() => PostgresFixture.Execute(connection, sql));
}
