using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using SettlementGrid.Enrollees;
using SettlementGrid.Postgres;

namespace SettlementGrid.Ledger.Tests.Kit;

/// <summary>
/// One PostgreSQL for the run, started and thrown away by the tests; every test has a database of its own.
/// </summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    TemporaryPostgres? _postgres;

    public TemporaryPostgres Postgres => _postgres!;

    public async Task InitializeAsync() =>
        _postgres = await TemporaryPostgres.StartAsync(_ => { }, CancellationToken.None);

    public async Task DisposeAsync() => await _postgres!.DisposeAsync();

    public Task<string> NewDatabase() => Postgres.NewDatabaseAsync(CancellationToken.None);

    /// <summary>In a database of its own.</summary>
    public async Task<ILedger> NewLedger(ShiftedClock clock) => await Open(await NewDatabase(), clock);

    public static async Task<PostgresLedger> Open(string connection, TimeProvider clock) =>
        await PostgresLedger.Open(connection, clock, NullLogger.Instance, CancellationToken.None);

    /// <summary>The database as its superuser: for what only tampering and faults need.</summary>
    public string AsSuperuser(string connection) =>
        new NpgsqlConnectionStringBuilder(Postgres.Instance.SuperuserConnectionString)
        {
            Database = new NpgsqlConnectionStringBuilder(connection).Database,
        }.ConnectionString;

    public static async Task<object?> Execute(string connection, string sql)
    {
        await using var source = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(connection) { Pooling = false }.ConnectionString);
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}

[CollectionDefinition(Name)]
public sealed class OnPostgres : ICollectionFixture<PostgresFixture>
{
    public const string Name = "PostgreSQL";
}
