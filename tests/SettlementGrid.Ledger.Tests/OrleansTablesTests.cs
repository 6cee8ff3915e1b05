using Npgsql;
using SettlementGrid.Ledger.Starting;
using SettlementGrid.Ledger.Tests.Kit;

namespace SettlementGrid.Ledger.Tests;

/// <summary>
/// The statements that silos read from the database, asked as their providers ask: by key, with the providers' names of
/// parameters and columns, under the working role. Nothing here needs Orleans.
/// </summary>
[Collection(OnPostgres.Name)]
public sealed class OrleansTablesTests(PostgresFixture postgres)
{
    static readonly DateTime Moment = new(2026, 3, 2, 1, 0, 0, DateTimeKind.Utc);

    readonly ShiftedClock _clock = new();

    [Fact]
    public async Task Every_statement_that_the_providers_ask_for_is_there()
    {
        await using var silo = await Silo();
        var keys = new List<string>();
        await using var command = silo.CreateCommand("SELECT QueryKey FROM OrleansQuery");
        await using var rows = await command.ExecuteReaderAsync();
        while (await rows.ReadAsync())
            keys.Add(rows.GetString(0));
        Assert.Equal(
            [
                "CleanupDefunctSiloEntriesKey", "ClearStorageKey", "DeleteMembershipTableEntriesKey",
                "DeleteReminderRowKey", "DeleteReminderRowsKey", "DeleteStorageKey", "GatewaysQueryKey",
                "InsertMembershipKey", "InsertMembershipVersionKey", "MembershipReadAllKey", "MembershipReadRowKey",
                "ReadFromStorageKey", "ReadRangeRows1Key", "ReadRangeRows2Key", "ReadReminderRowKey",
                "ReadReminderRowsKey", "UpdateIAmAlivetimeKey", "UpdateMembershipKey", "UpsertReminderRowKey",
                "WriteToStorageKey",
            ],
            keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Of_two_first_writers_at_once_exactly_one_wins()
    {
        await using var silo = await Silo();
        await using var one = await silo.OpenConnectionAsync();
        await using var other = await silo.OpenConnectionAsync();
        await using var undecided = await one.BeginTransactionAsync();
        Assert.Equal(1, await Write(one, null, 1));

        // It waits for the first to decide: the unique key holds both.
        var second = Write(other, null, 2);
        await SomebodyWaits(silo);
        Assert.False(second.IsCompleted);
        await undecided.CommitAsync();
        Assert.Null(await second);
        Assert.Equal((1, (byte)1), await Read(other));
    }

    [Fact]
    public async Task A_state_is_written_only_over_the_version_that_was_read()
    {
        await using var silo = await Silo();
        await using var connection = await silo.OpenConnectionAsync();
        Assert.Equal(1, await Write(connection, null, 1));
        Assert.Null(await Write(connection, null, 2));
        Assert.Equal(2, await Write(connection, 1, 3));
        Assert.Null(await Write(connection, 1, 4));
        Assert.Equal((2, (byte)3), await Read(connection));
        Assert.Null(await Run(connection, "ClearStorageKey", [.. State, ("GrainStateVersion", 1)]));
        Assert.Equal(3, await Run(connection, "ClearStorageKey", [.. State, ("GrainStateVersion", 2)]));
        Assert.Equal(4, await Write(connection, 3, 5));
        Assert.Equal(5, await Run(connection, "DeleteStorageKey", [.. State, ("GrainStateVersion", 4)]));
        Assert.Equal(1, await Write(connection, null, 6));
    }

    [Fact]
    public async Task Of_two_who_know_the_same_memberships_only_one_changes_them()
    {
        await using var silo = await Silo();
        await using var one = await silo.OpenConnectionAsync();
        await using var other = await silo.OpenConnectionAsync();
        Assert.Equal(true, await Run(one, "InsertMembershipVersionKey", ("DeploymentId", "c")));
        Assert.Equal(false, await Run(one, "InsertMembershipVersionKey", ("DeploymentId", "c")));
        await using var undecided = await one.BeginTransactionAsync();
        Assert.Equal(true, await Join(one, 1, 0));
        var second = Join(other, 2, 0);
        await SomebodyWaits(silo);
        await undecided.CommitAsync();
        Assert.Equal(false, await second);
        Assert.Equal(true, await Join(other, 2, 1));
        Assert.Equal(false, await Join(other, 2, 2));
        Assert.Equal(false, await Change(other, 3, 2));
        Assert.Equal(true, await Change(other, 2, 2));
        Assert.Equal(false, await Change(one, 1, 2));
        Assert.Equal("127.0.0.1", await Run(one, "GatewaysQueryKey", ("DeploymentId", "c"), ("Status", 3)));
    }

    [Fact]
    public async Task A_cluster_without_silos_still_has_its_version()
    {
        await using var silo = await Silo();
        await using var connection = await silo.OpenConnectionAsync();
        await Run(connection, "InsertMembershipVersionKey", ("DeploymentId", "c"));
        Assert.Equal(0, await Run(connection, "MembershipReadAllKey", ("DeploymentId", "c")));
        Assert.Equal(0, await Run(
            connection, "MembershipReadRowKey",
            ("DeploymentId", "c"), ("Address", "127.0.0.1"), ("Port", 1), ("Generation", 1)));
    }

    [Fact]
    public async Task A_reminder_made_again_is_not_deleted_by_whoever_knew_the_old_one()
    {
        await using var silo = await Silo();
        await using var connection = await silo.OpenConnectionAsync();
        var old = await Remind(connection);
        Assert.Equal(true, await Run(connection, "DeleteReminderRowKey", [.. Reminder, ("Version", old)]));
        var made = await Remind(connection);
        Assert.Equal(false, await Run(connection, "DeleteReminderRowKey", [.. Reminder, ("Version", old)]));
        Assert.Equal("fund/1", await Run(
            connection, "ReadRangeRows1Key", ("ServiceId", "s"), ("BeginHash", 6), ("EndHash", 7)));
        Assert.Null(await Run(connection, "ReadRangeRows1Key", ("ServiceId", "s"), ("BeginHash", 7), ("EndHash", 9)));
        Assert.Equal("fund/1", await Run(
            connection, "ReadRangeRows2Key", ("ServiceId", "s"), ("BeginHash", 9), ("EndHash", 7)));
        Assert.NotEqual(old, made);
    }

    [Fact]
    public async Task The_working_role_writes_no_statement_and_no_settlement_through_them()
    {
        await using var silo = await Silo();
        foreach (var sql in new[]
        {
            "UPDATE orleans.orleansquery SET querytext = ''", "DELETE FROM orleans.orleansquery",
            "CREATE TABLE orleans.own (x int)", "UPDATE ledger.entries SET version = version",
        })
        {
            await using var command = silo.CreateCommand(sql);
            Assert.Equal("42501", (await Assert.ThrowsAsync<PostgresException>(command.ExecuteNonQueryAsync)).SqlState);
        }
    }

    static (string, object?)[] State =>
    [
        ("GrainIdHash", 5), ("GrainTypeHash", 6), ("GrainIdN0", 0L), ("GrainIdN1", 1L), ("GrainTypeString", "fund"),
        ("GrainIdExtensionString", DBNull.Value), ("ServiceId", "s"),
    ];

    static (string, object?)[] Reminder => [("ServiceId", "s"), ("GrainId", "fund/1"), ("ReminderName", "keep up")];

    static async Task<object?> Remind(NpgsqlConnection connection) => await Run(
        connection, "UpsertReminderRowKey", [.. Reminder, ("GrainHash", 7), ("StartTime", Moment), ("Period", 60_000)]);

    static async Task<object?> Write(NpgsqlConnection connection, int? known, byte payload) => await Run(
        connection, "WriteToStorageKey",
        [.. State, ("GrainStateVersion", known ?? (object)DBNull.Value), ("PayloadBinary", new[] { payload })]);

    static async Task<(int, byte)> Read(NpgsqlConnection connection)
    {
        await using var command = await Command(connection, "ReadFromStorageKey", State);
        await using var rows = await command.ExecuteReaderAsync();
        Assert.True(await rows.ReadAsync());
        return (
            rows.GetInt32(rows.GetOrdinal("Version")), rows.GetFieldValue<byte[]>(rows.GetOrdinal("PayloadBinary"))[0]);
    }

    static Task<object?> Join(NpgsqlConnection connection, int port, int known) => Run(
        connection, "InsertMembershipKey",
        ("DeploymentId", "c"), ("IAmAliveTime", Moment), ("SiloName", "silo"), ("HostName", "host"),
        ("Address", "127.0.0.1"), ("Port", port), ("Generation", 1), ("StartTime", Moment), ("Status", 1),
        ("ProxyPort", 30_000 + port), ("Version", known));

    static Task<object?> Change(NpgsqlConnection connection, int port, int known) => Run(
        connection, "UpdateMembershipKey",
        ("DeploymentId", "c"), ("Address", "127.0.0.1"), ("Port", port), ("Generation", 1), ("IAmAliveTime", Moment),
        ("Status", 3), ("SuspectTimes", DBNull.Value), ("Version", known));

    static async Task<object?> Run(
        NpgsqlConnection connection, string key, params (string Name, object? Value)[] parameters)
    {
        await using var command = await Command(connection, key, parameters);
        return await command.ExecuteScalarAsync();
    }

    static async Task<NpgsqlCommand> Command(
        NpgsqlConnection connection, string key, params (string Name, object? Value)[] parameters)
    {
        await using var find = new NpgsqlCommand("SELECT QueryText FROM OrleansQuery WHERE QueryKey = $1", connection);
        find.Parameters.AddWithValue(key);
        var command = new NpgsqlCommand((string)(await find.ExecuteScalarAsync())!, connection);
        foreach (var (name, value) in parameters)
        {
            // A null has a type too where the provider sends it.
            var parameter = command.Parameters.AddWithValue(name, value ?? DBNull.Value);
            if (value is DBNull)
                parameter.DbType = name == "GrainStateVersion" ? System.Data.DbType.Int32 : System.Data.DbType.String;
        }
        return command;
    }

    /// <summary>Until a statement waits for a lock; what others wait for is shown to a superuser alone.</summary>
    async Task SomebodyWaits(NpgsqlDataSource silo)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await using var source = NpgsqlDataSource.Create(postgres.AsSuperuser(silo.ConnectionString));
        await using var waiting = source.CreateCommand(
            "SELECT EXISTS (SELECT FROM pg_stat_activity"
            + " WHERE wait_event_type = 'Lock' AND datname = current_database())");
        while (!(bool)(await waiting.ExecuteScalarAsync(patience.Token))!)
        {
            // The other connection's statement is on its way.
        }
    }

    /// <summary>As silos connect.</summary>
    async Task<NpgsqlDataSource> Silo()
    {
        var database = await postgres.NewDatabase();
        await using (await PostgresFixture.Open(database, _clock))
        {
            // The schema is there now.
        }
        return NpgsqlDataSource.Create(WorkingSource.ForOrleans(database));
    }
}
