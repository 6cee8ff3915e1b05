using Npgsql;
using SettlementGrid.Postgres;
using SettlementGrid.Testbed;

namespace SettlementGrid.Deploy.Tests.Postgres;

/// <summary>
/// A PostgreSQL whose log is archived by deploy/postgres/archive, and the operator's backup and restore on it.
/// Everything lies in one temporary folder of the database's user.
/// </summary>
sealed class Drill : IAsyncDisposable
{
    static readonly TimeSpan s_stepMax = TimeSpan.FromMinutes(2);
    static readonly string[] s_scripts = ["archive", "backup", "restore"];

    const int LogLinesShown = 20;
    const int SegmentName = 24;

    readonly TemporaryPostgres _postgres;
    readonly DatabaseUser _user;
    readonly string _folder;
    readonly List<string> _restored = [];
    string? _settings;

    Drill(TemporaryPostgres postgres, DatabaseUser user, string folder) =>
        (_postgres, _user, _folder) = (postgres, user, folder);

    public string ConnectionString => _postgres.ConnectionString;

    public static async Task<Drill> PrepareAsync()
    {
        var postgres = await TemporaryPostgres.StartAsync(_ => { }, CancellationToken.None);
        var user = await DatabaseUser.ChooseAsync(_ => { }, CancellationToken.None);
        var drill = new Drill(postgres, user, TemporaryPostgres.NewFolder());
        try
        {
            await drill.ArchiveAsync();
            return drill;
        }
        catch
        {
            await drill.DisposeAsync();
            throw;
        }
    }

    /// <summary>Whether the programs that a backup needs came with this PostgreSQL.</summary>
    public bool HasPrograms => ((string[])["pg_basebackup", "pg_verifybackup", "pg_archivecleanup"])
        .All(program => File.Exists(_postgres.Instance.Binaries.Program(program)));

    /// <summary>Names of the segments that the archive holds.</summary>
    public IReadOnlyList<string> Archived =>
        [.. Directory.EnumerateFiles(Path.Combine(_folder, "wal")).Select(Path.GetFileName)
            .OfType<string>().Where(name => name.Length == SegmentName)];

    /// <summary>Runs deploy/postgres/backup; gives the folder that it names.</summary>
    public async Task<string> BackUpAsync(int kept = 14)
    {
        var login = new NpgsqlConnectionStringBuilder(_postgres.Instance.SuperuserConnectionString);
        var said = await RunAsync(
            "env", $"SETTLEMENTGRID_BACKUPS_KEPT={kept}", Script("backup"),
            $"host={login.Host} port={login.Port} user={login.Username} password={login.Password}");
        return said.Split('\n')[^1];
    }

    /// <summary>The moment by the database's clock, after which only later commits lie.</summary>
    public async Task<DateTime> NowAsync() => (DateTime)(await AskAsync("SELECT clock_timestamp()"))!;

    /// <summary>Hands what the log holds to the archive and waits for it.</summary>
    public async Task ArchiveRestAsync()
    {
        var last = (string)(await AskAsync("SELECT pg_walfile_name(pg_switch_wal())"))!;
        var kept = Path.Combine(_folder, "wal", last);
        await UntilAsync(() => Task.FromResult(File.Exists(kept)));
    }

    /// <summary>From now on the archive takes nothing.</summary>
    public async Task BreakArchiveAsync()
    {
        await AskAsync("ALTER SYSTEM SET archive_command = 'false'");
        await AskAsync("SELECT pg_reload_conf()");
        // A segment that nothing was written to is not handed over.
        await AskAsync("CREATE TABLE later ()");
        await AskAsync("SELECT pg_switch_wal()");
    }

    /// <summary>Asks again and again; a test that waits for what does not come ends with an error.</summary>
    public static async Task UntilAsync(Func<Task<bool>> so)
    {
        using var bounded = new CancellationTokenSource(s_stepMax);
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!await so())
            await ticks.WaitForNextTickAsync(bounded.Token);
    }

    /// <summary>
    /// As on Debian: a backup has no settings, and those that stand elsewhere name the folder of the database that was.
    /// </summary>
    public async Task TakeSettingsOutAsync(string backup)
    {
        var settings = Path.Combine(_folder, "main");
        await RunAsync(
            "sh", "-c", $"mkdir {settings} && cd {backup} && mv postgresql.conf pg_hba.conf pg_ident.conf {settings}");
        await File.AppendAllTextAsync(
            Path.Combine(settings, "postgresql.conf"),
            $"""

            data_directory = '{_postgres.Instance.Directory.Cluster}'
            hba_file = '{settings}/pg_hba.conf'
            ident_file = '{settings}/pg_ident.conf'

            """);
        _settings = settings;
    }

    /// <summary>
    /// Runs deploy/postgres/restore into a new folder and starts PostgreSQL on it as the script says; gives the
    /// server's login there.
    /// </summary>
    public async Task<string> RestoreAsync(string backup, DateTime? moment)
    {
        var target = Path.Combine(_folder, $"restored-{_restored.Count}");
        string[] until = moment is { } time ? [$"{time:yyyy-MM-ddTHH:mm:ss.ffffffZ}"] : [];
        var said = await RunAsync([Script("restore"), backup, target, .. until]);
        _restored.Add(target);
        // The embedded database's settings stand beside its cluster, outside of what a backup copies.
        File.Copy(_postgres.Instance.Directory.Settings, Path.Combine(_folder, "postgres.conf"), overwrite: true);
        var place = Testbed.ServerPlace.Fresh();
        Directory.Delete(place.DataFolder);
        var port = place.HttpPort;
        var start = said.Split('\n')[^1].Replace("SETTINGS", _settings, StringComparison.Ordinal);
        await RunAsync("sh", "-c", $"{start} -s -w -o '-p {port}' -l {_folder}/restored.log");
        var login = new NpgsqlConnectionStringBuilder(ConnectionString) { Port = port };
        await WritableAsync(login.ConnectionString);
        return login.ConnectionString;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var one in _restored)
        {
            await ChildProgram.RunAsync(
                _user.As(_postgres.Instance.Binaries.Program("pg_ctl"), "stop", "-s", "-m", "immediate", "-D", one),
                _folder, s_stepMax, CancellationToken.None);
        }
        await _postgres.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    async Task ArchiveAsync()
    {
        // The checkout may be closed to the database's user.
        foreach (var script in s_scripts)
            File.Copy(Repository.Deploy("postgres", script), Script(script));
        await ChildProgram.RunAsync(
            ["sh", "-c",
                $"umask 022 && chmod 0755 {_folder}/* && if [ -n '{_user.Name}' ]; then chown '{_user.Name}' "
                    + $"{_folder}; fi"],
            _folder, s_stepMax, CancellationToken.None);
        var command = $"SETTLEMENTGRID_ARCHIVE={_folder}/wal {Script("archive")} %p %f";
        await AskAsync($"ALTER SYSTEM SET archive_command = '{command}'");
        await AskAsync("ALTER SYSTEM SET archive_mode = on");
        await _postgres.Instance.StopAsync(immediate: false, CancellationToken.None);
        await _postgres.Instance.StartAgainAsync(CancellationToken.None);
    }

    string Script(string name) => Path.Combine(_folder, name);

    /// <summary>What a database that could not be started said, wherever it writes that.</summary>
    string Log() => string.Join('\n', Directory.EnumerateFiles(_folder, "*.log")
        .Concat(Directory.EnumerateFiles(_postgres.Instance.Directory.PostgresLog))
        .SelectMany(file => File.ReadLines(file).TakeLast(LogLinesShown)));

    // A restored database first replays, then lets itself be written to.
    static Task WritableAsync(string connectionString) => UntilAsync(async () =>
        !(bool)(await AskAsync(connectionString, "SELECT pg_is_in_recovery()"))!);

    /// <summary>The first figure that a statement gives, asked as the database's superuser.</summary>
    public Task<object?> AskAsync(string sql) => AskAsync(_postgres.Instance.SuperuserConnectionString, sql);

    public static async Task<object?> AskAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    async Task<string> RunAsync(params string[] command)
    {
        string[] environment =
        [
            "env", $"SETTLEMENTGRID_ARCHIVE={_folder}/wal", $"SETTLEMENTGRID_BACKUPS={_folder}/base",
            $"PATH={_postgres.Instance.Binaries.Folder}:{Environment.GetEnvironmentVariable("PATH")}",
        ];
        var ran = await ChildProgram.RunAsync(
            [.. _user.As([.. environment, .. command])], _folder, s_stepMax, CancellationToken.None);
        Assert.True(ran.Succeeded, $"{string.Join(' ', command)}:\n{ran.Output}\n{Log()}");
        return ran.Output.Trim();
    }
}
