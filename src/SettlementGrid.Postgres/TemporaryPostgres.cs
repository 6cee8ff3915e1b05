using Npgsql;

namespace SettlementGrid.Postgres;

/// <summary>
/// A PostgreSQL in a temporary folder, gone with it at the end: for tests and benchmarks. Set up as the server's
/// own but for its memory: as durable, as checked.
/// </summary>
public sealed class TemporaryPostgres : IAsyncDisposable
{
    private readonly PostgresInstance instance;
    private int databases;

    private TemporaryPostgres(PostgresInstance instance) => this.instance = instance;

    public PostgresInstance Instance => instance;

    /// <summary>The server's login to its (empty) database.</summary>
    public string ConnectionString => instance.ConnectionString;

    public static async Task<TemporaryPostgres> StartAsync(
        Action<string> say, CancellationToken cancellation, PostgresSettings? settings = null)
    {
        var options = new PostgresOptions(NewFolder()) { Settings = settings ?? PostgresSettings.Small() };
        return new TemporaryPostgres(await PostgresInstance.StartAsync(options, say, cancellation));
    }

    /// <summary>A folder under the system's temporary one that the database's user can pass through.</summary>
    public static string NewFolder()
    {
        var folder = System.IO.Directory.CreateTempSubdirectory("settlementgrid-").FullName;
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(
                folder,
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
                | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }

        return folder;
    }

    /// <summary>One more empty database, owned by the server's login; returns its connection string.</summary>
    public async Task<string> NewDatabaseAsync(CancellationToken cancellation)
    {
        var name = $"{Login.Server}_{Interlocked.Increment(ref databases)}";
        await Login.ExecuteAsync(
            instance.SuperuserConnectionString,
            $"CREATE DATABASE {name} OWNER {Login.Server} TEMPLATE template0",
            cancellation);
        return new NpgsqlConnectionStringBuilder(instance.ConnectionString) { Database = name }.ConnectionString;
    }

    public async ValueTask DisposeAsync()
    {
        await instance.StopAsync(immediate: true, CancellationToken.None);
        await instance.DisposeAsync();
        System.IO.Directory.Delete(instance.Directory.FullPath, recursive: true);
    }
}
