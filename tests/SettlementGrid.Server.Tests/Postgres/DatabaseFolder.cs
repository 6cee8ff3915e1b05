using Npgsql;
using SettlementGrid.Postgres;

namespace SettlementGrid.Server.Tests.Postgres;

/// <summary>A temporary DIR; whatever a test left running on it is killed at the end.</summary>
public sealed class DatabaseFolder : IDisposable
{
    private readonly List<string> _said = [];

    public string Path { get; } = TemporaryPostgres.NewFolder();

    public string Cluster => System.IO.Path.Combine(Path, "postgres");

    public PostgresProcesses Processes => new(Cluster);

    /// <summary>All news so far.</summary>
    public string Said => string.Join('\n', _said);

    public async Task<PostgresInstance> StartAsync(PostgresSettings? settings = null)
    {
        var options = new PostgresOptions(Path)
        {
            Settings = settings ?? PostgresSettings.Small(),
            Binaries = await TemporaryPostgres.BinariesAsync(_said.Add, default),
        };
        return await PostgresInstance.StartAsync(options, _said.Add, default);
    }

    public static async Task<T> AskAsync<T>(string connectionString, string sql)
    {
        var single = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false };
        await using var connection = new NpgsqlConnection(single.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public static Task DoAsync(string connectionString, string sql) =>
        AskAsync<object>(connectionString, sql + "; SELECT 1");

    public void Dispose()
    {
        Processes.KillAll();
        for (var tries = 0; Processes.Living().Count > 0 && tries < 1000; tries++)
        {
            // Killed processes of another parent end within milliseconds, and nothing tells when.
            Thread.Sleep(5);
        }

        Directory.Delete(Path, recursive: true);
    }
}
