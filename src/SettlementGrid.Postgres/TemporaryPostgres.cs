using Npgsql;

namespace SettlementGrid.Postgres;

/// <summary>
/// A PostgreSQL in a temporary folder, gone with it at the end: for tests and benchmarks. Set up as the server's
/// own but for its memory: as durable, as checked.
/// </summary>
public sealed class TemporaryPostgres : IAsyncDisposable
{
    private readonly PostgresInstance _instance;
    private int _databases;

    private TemporaryPostgres(PostgresInstance instance) => _instance = instance;

    public PostgresInstance Instance => _instance;

    /// <summary>The server's login to its (empty) database.</summary>
    public string ConnectionString => _instance.ConnectionString;

    public static async Task<TemporaryPostgres> StartAsync(
        Action<string> say, CancellationToken cancellation, PostgresSettings? settings = null)
    {
        var options = new PostgresOptions(NewFolder())
        {
            Settings = settings ?? PostgresSettings.Small(),
            Binaries = await BinariesAsync(say, cancellation),
        };
        return new TemporaryPostgres(await PostgresInstance.StartAsync(options, say, cancellation));
    }

    /// <summary>
    /// What is installed; else it is installed now, into the default place, so that it is done once and not for
    /// every temporary folder.
    /// </summary>
    public static async Task<PostgresBinaries> BinariesAsync(Action<string> say, CancellationToken cancellation)
    {
        var place = DataDirectory.Open(DataDirectory.DefaultPath());
        if (await PostgresBinaries.FindAsync(place.Binaries, major: null, cancellation) is { } installed)
        {
            return installed;
        }

        await using var ownership = await place.LockAsync(say, cancellation);
        return await PostgresInstallation.InstallAsync(place, major: null, say, cancellation);
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
        var name = $"{Login.Server}_{Interlocked.Increment(ref _databases)}";
        await Login.ExecuteAsync(
            _instance.SuperuserConnectionString,
            $"CREATE DATABASE {name} OWNER {Login.Server} TEMPLATE template0",
            cancellation);
        return new NpgsqlConnectionStringBuilder(_instance.ConnectionString) { Database = name }.ConnectionString;
    }

    public async ValueTask DisposeAsync()
    {
        await _instance.StopAsync(immediate: true, CancellationToken.None);
        await _instance.DisposeAsync();
        System.IO.Directory.Delete(_instance.Directory.FullPath, recursive: true);
    }
}
