using System.Diagnostics;
using Npgsql;

namespace SettlementGrid.Postgres;

/// <summary>What is wanted of an embedded PostgreSQL.</summary>
/// <param name="Directory">the data folder (DIR); made if it is not there.</param>
public sealed record PostgresOptions(string Directory)
{
    public PostgresSettings Settings { get; init; } = PostgresSettings.ForThisMachine();

    /// <summary>Use these programs and look for no others. Null: the newest installed, else installed now.</summary>
    public PostgresBinaries? Binaries { get; init; }
}

/// <summary>
/// A PostgreSQL that belongs to a data folder: found or installed, made, started, taken over, stopped.
/// </summary>
/// <remarks>
/// Guarantees: one owner a folder (the lock goes with the process); a start after a SIGKILL of the owner, of the
/// database or of both needs no hand: a healthy orphan is taken over, a dying one waited for, a sick one stopped
/// and started again; an interrupted first start begins again. The data outlive everything but their folder.
/// It does not watch the database: PostgreSQL restarts its own backends, and a postmaster that died is started
/// again by <see cref="StartAgainAsync"/>.
/// </remarks>
public sealed class PostgresInstance : IAsyncDisposable
{
    private readonly DataDirectory _directory;
    private readonly Cluster _cluster;
    private readonly PostgresProcesses _processes;
    private readonly PostgresSettings _settings;
    private readonly Action<string> _say;
    private FileStream? _held;

    private PostgresInstance(
        DataDirectory directory, Cluster cluster, PostgresSettings settings, Action<string> say, FileStream? held)
    {
        _directory = directory;
        _cluster = cluster;
        _settings = settings;
        _say = say;
        _held = held;
        _processes = new PostgresProcesses(directory.Cluster);
    }

    /// <summary>The server's login; the same string stands in DIR/connection.</summary>
    public string ConnectionString => _directory.Connection.Read();

    public string SuperuserConnectionString => _directory.SuperuserConnection.Read();

    public PostgresBinaries Binaries => _cluster.Binaries;

    public DataDirectory Directory => _directory;

    /// <summary>True when a running PostgreSQL was found and kept.</summary>
    public bool WasTakenOver { get; private set; }

    /// <summary>False when another process owns the folder and this one only uses its database.</summary>
    public bool IsOwner => _held is not null;

    /// <summary>The postmaster's process, or null while none runs.</summary>
    public int? ProcessId => _processes.Living().Count > 0 ? _processes.PostmasterPid : null;

    public static Task<PostgresInstance> StartAsync(
        string directory, Action<string> say, CancellationToken cancellation) =>
        StartAsync(new PostgresOptions(directory), say, cancellation);

    /// <summary>Owns the folder and returns with a PostgreSQL that answers.</summary>
    /// <exception cref="PostgresUnavailableException">with what a person can do.</exception>
    public static async Task<PostgresInstance> StartAsync(
        PostgresOptions options, Action<string> say, CancellationToken cancellation)
    {
        var folder = DataDirectory.Open(options.Directory);
        var ownership = await folder.LockAsync(say, cancellation);
        PostgresInstance? started = null;
        try
        {
            var major = Cluster.MajorOf(folder);
            var binaries = options.Binaries
                ?? await PostgresBinaries.FindAsync(folder.Binaries, major, cancellation)
                ?? await PostgresInstallation.InstallAsync(folder, major, say, cancellation);
            var user = await DatabaseUser.ChooseAsync(say, cancellation);
            await user.RequireEntranceAsync(folder.FullPath, cancellation);
            started = new PostgresInstance(
                folder, new Cluster(folder, binaries, user), options.Settings, say, ownership);
            await started.StartAgainAsync(cancellation);
            return started;
        }
        catch
        {
            await (started?.DisposeAsync() ?? ValueTask.CompletedTask);
            await ownership.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// For the commands that work with the server up or down: uses the database of a running server, or owns the
    /// folder and starts it.
    /// </summary>
    public static async Task<PostgresInstance> UseAsync(
        PostgresOptions options, Action<string> say, CancellationToken cancellation)
    {
        var folder = DataDirectory.Open(options.Directory);
        await using (var free = folder.TryLock())
        {
            if (free is null && folder.SuperuserConnection.Exists
                && await Login.AskAsync(folder.SuperuserConnection.Read(), folder.Cluster, cancellation)
                    == Health.Healthy
                && await PostgresBinaries.FindAsync(folder.Binaries, Cluster.MajorOf(folder), cancellation)
                    is { } binaries)
            {
                var used = new Cluster(folder, binaries, await DatabaseUser.ChooseAsync(say, cancellation));
                return new PostgresInstance(folder, used, options.Settings, say, held: null);
            }
        }

        return await StartAsync(options, say, cancellation);
    }

    /// <summary>
    /// Starts the database of an owned folder if it does not run (first start, after <see cref="KillAsync"/>, after a
    /// crash of the postmaster); takes over what runs.
    /// </summary>
    public async Task StartAgainAsync(CancellationToken cancellation)
    {
        var since = Stopwatch.GetTimestamp();
        var wished = Wished();
        var superuser = _directory.SuperuserConnection.Ensure(Cluster.Superuser, "postgres", wished);
        if (Cluster.MajorOf(_directory) is null)
        {
            _say($"making a database in {_directory.Cluster} with PostgreSQL {Binaries.Major} ({Binaries.Folder})");
            await _cluster.CreateAsync(new NpgsqlConnectionStringBuilder(superuser).Password!, cancellation);
        }

        WasTakenOver = await TakeOverAsync(superuser, cancellation);
        var port = wished;
        if (!WasTakenOver)
        {
            _processes.RemoveStalePidFile();
            var settings = LogAhead.Fitted(_settings, _directory);
            port = await _cluster.StartAsync(settings, wished, cancellation);
            superuser = _directory.SuperuserConnection.Ensure(Cluster.Superuser, "postgres", port);
            await LogAhead.WriteAsync(superuser, _directory, settings, _say, cancellation);
        }

        var server = _directory.Connection.Ensure(Login.Server, Login.Server, port);
        await Login.EnsureAsync(superuser, server, cancellation);
        _say($"PostgreSQL {Binaries.Major} {(WasTakenOver ? "was running and is taken over" : "runs")} on "
            + $"127.0.0.1:{port} ({Stopwatch.GetElapsedTime(since).TotalSeconds:0.0} s)");
    }

    /// <summary>
    /// Fast: clients are cut off, a checkpoint is written, the next start is quick. Immediate: as after a crash,
    /// the next start replays the log. Nothing committed is lost either way. The folder stays owned.
    /// </summary>
    public async Task StopAsync(bool immediate, CancellationToken cancellation)
    {
        if (!IsOwner || _processes.Living().Count == 0)
        {
            return;
        }

        NpgsqlConnection.ClearAllPools();
        if (immediate || !await _cluster.StopAsync("fast", PostgresLimits.FastStopWaitMax, cancellation))
        {
            await _cluster.StopAsync("immediate", PostgresLimits.DyingWaitMax, cancellation);
        }

        if (!await _processes.WaitForEndAsync(PostgresLimits.DyingWaitMax, cancellation))
        {
            _processes.KillAll();
        }
    }

    /// <summary>SIGKILL to the postmaster and all its backends, as a power cut would.</summary>
    public async Task KillAsync(CancellationToken cancellation)
    {
        _processes.KillAll();
        await _processes.WaitForEndAsync(PostgresLimits.DyingWaitMax, cancellation);
    }

    /// <summary>Lets the folder go and leaves the database running, as a SIGKILL of this process would.</summary>
    public void Abandon()
    {
        _held?.Dispose();
        _held = null;
    }

    /// <summary>Stops an owned database (fast) and gives the folder free.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(immediate: false, CancellationToken.None);
        Abandon();
    }

    private int Wished() => _directory.SuperuserConnection.Exists
        ? new NpgsqlConnectionStringBuilder(_directory.SuperuserConnection.Read()).Port
        : Cluster.FirstPort(_directory.FullPath);

    // True: what ran is well and stays. False: nothing runs any more.
    private async Task<bool> TakeOverAsync(string superuser, CancellationToken cancellation)
    {
        var since = Stopwatch.GetTimestamp();
        for (var first = true; _processes.Living().Count > 0; first = false)
        {
            var health = await Login.AskAsync(superuser, _directory.Cluster, cancellation);
            if (health == Health.Healthy)
            {
                return true;
            }

            if (first)
            {
                _say($"a PostgreSQL of an earlier run is still busy on {_directory.Cluster}; waiting for it");
            }

            if (Stopwatch.GetElapsedTime(since) > PostgresLimits.DyingWaitMax)
            {
                _say("it neither answers nor ends: stopping it");
                await _cluster.StopAsync("immediate", PostgresLimits.LookInterval * 50, cancellation);
                _processes.KillAll();
                await _processes.WaitForEndAsync(PostgresLimits.DyingWaitMax, cancellation);
                return false;
            }

            await Task.Delay(PostgresLimits.LookInterval, cancellation);
        }

        return false;
    }
}
