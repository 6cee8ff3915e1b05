using System.Net;
using System.Net.Sockets;
using Npgsql;
using SettlementGrid.Postgres;

namespace SettlementGrid.Server.Tests.Postgres;

/// <summary>The embedded database, for real: each test starts PostgreSQL on a folder of its own.</summary>
public sealed class LifecycleTests : IDisposable
{
    private readonly DatabaseFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task First_start_makes_a_safe_cluster_and_a_login_that_is_no_superuser()
    {
        await using var instance = await _folder.StartAsync();
        var login = instance.ConnectionString;

        Assert.Equal("on", await AskAsync("SHOW data_checksums"));
        Assert.Equal("UTF8", await AskAsync("SHOW server_encoding"));
        Assert.Equal("C", await AskAsync(
            "SELECT datcollate::text FROM pg_database WHERE datname = current_database()"));
        Assert.Equal("127.0.0.1", await AskAsync("SHOW listen_addresses"));
        Assert.Equal("off", await AskAsync("SELECT current_setting('is_superuser')"));
        Assert.All(
            ["fsync", "synchronous_commit", "full_page_writes"],
            setting => Assert.Equal("on", AskAsync($"SHOW {setting}").Result));
        Assert.Equal(["connection", "connection-superuser"], PrivateFiles());

        Task<string> AskAsync(string sql) => DatabaseFolder.AskAsync<string>(login, sql);
    }

    [Fact]
    public async Task Database_without_its_log_ahead_has_it_from_the_next_start_on()
    {
        await using (await _folder.StartAsync())
        {
            Assert.True(LogFiles() < 8);
        }

        await using var second = await _folder.StartAsync(PostgresSettings.Small() with { LogAheadMiB = 128 });
        Assert.True(LogFiles() >= 8);

        int LogFiles() => Directory.GetFiles(Path.Combine(_folder.Cluster, "pg_wal")).Length;
    }

    [Fact]
    public async Task New_database_has_files_of_its_log_ready_and_goes_on_with_them()
    {
        var settings = PostgresSettings.Small() with { LogAheadMiB = 128 };
        await using var instance = await _folder.StartAsync(settings);
        var files = LogFiles();
        Assert.True(files.Length >= 8, $"{files.Length} files");

        for (var written = 0; written < 3; written++)
        {
            await DatabaseFolder.DoAsync(
                instance.SuperuserConnectionString,
                "SELECT pg_logical_emit_message(false, 'test', 'some'); SELECT pg_switch_wal()");
        }

        Assert.Equal(files, LogFiles());

        string[] LogFiles() => [.. Directory.GetFiles(Path.Combine(_folder.Cluster, "pg_wal")).Order()];
    }

    [Fact]
    public async Task Second_start_continues_on_the_same_data_and_port()
    {
        string before;
        await using (var first = await _folder.StartAsync())
        {
            before = first.ConnectionString;
            await DatabaseFolder.DoAsync(before, "CREATE TABLE kept AS SELECT 42 AS figure");
        }

        Assert.Empty(_folder.Processes.Living());
        await using var second = await _folder.StartAsync();
        Assert.Equal(before, second.ConnectionString);
        Assert.Equal(42, await DatabaseFolder.AskAsync<int>(second.ConnectionString, "SELECT figure FROM kept"));
    }

    [Fact]
    public async Task Start_after_everything_was_killed_needs_no_hand()
    {
        var first = await _folder.StartAsync();
        await DatabaseFolder.DoAsync(first.ConnectionString, "CREATE TABLE kept AS SELECT 42 AS figure");
        _folder.Processes.KillAll();
        first.Abandon();

        await using var second = await _folder.StartAsync();
        Assert.False(second.WasTakenOver);
        Assert.Equal(42, await DatabaseFolder.AskAsync<int>(second.ConnectionString, "SELECT figure FROM kept"));
    }

    [Fact]
    public async Task Orphan_that_is_well_is_taken_over_as_it_runs()
    {
        var first = await _folder.StartAsync();
        var process = first.ProcessId;
        first.Abandon();

        await using var second = await _folder.StartAsync();
        Assert.True(second.WasTakenOver);
        Assert.Equal(process, second.ProcessId);
    }

    [Fact]
    public async Task Orphan_that_is_stopping_is_waited_for()
    {
        var first = await _folder.StartAsync();
        await using var client = new NpgsqlConnection(first.ConnectionString);
        await client.OpenAsync();
        first.Abandon();

        // A smart shutdown lets clients finish and takes no new ones: neither well nor gone.
        await DatabaseFolder.DoAsync(first.SuperuserConnectionString, "SELECT 1");
        using (var postmaster = System.Diagnostics.Process.GetProcessById(first.ProcessId!.Value))
        {
            Assert.Equal(0, Signal.Send(postmaster.Id, Signal.Terminate));
        }

        var starting = _folder.StartAsync();
        await client.CloseAsync();
        NpgsqlConnection.ClearPool(client);
        await using var second = await starting;
        Assert.Equal(1, await DatabaseFolder.AskAsync<int>(second.ConnectionString, "SELECT 1"));
    }

    [Fact]
    public async Task Postmaster_pid_file_that_names_a_foreign_process_is_removed()
    {
        await using (await _folder.StartAsync())
        {
        }

        // In a container, numbers come again soon: this one is alive and no PostgreSQL.
        await File.WriteAllTextAsync(
            Path.Combine(_folder.Cluster, "postmaster.pid"), $"{Environment.ProcessId}\n{_folder.Cluster}\n");
        await using var second = await _folder.StartAsync();
        Assert.NotEqual(Environment.ProcessId, second.ProcessId);
    }

    [Fact]
    public async Task First_start_that_was_killed_in_initdb_begins_again()
    {
        Directory.CreateDirectory(_folder.Cluster + ".new/base");
        await File.WriteAllTextAsync(_folder.Cluster + ".new/PG_VERSION", "15\n");

        await using var instance = await _folder.StartAsync();
        Assert.Equal(1, await DatabaseFolder.AskAsync<int>(instance.ConnectionString, "SELECT 1"));
        Assert.False(Directory.Exists(_folder.Cluster + ".new"));
    }

    [Fact]
    public async Task Port_that_another_program_took_is_left_to_it()
    {
        int port;
        await using (var first = await _folder.StartAsync())
        {
            port = new NpgsqlConnectionStringBuilder(first.ConnectionString).Port;
        }

        using var other = new TcpListener(IPAddress.Loopback, port);
        other.Start();
        await using var second = await _folder.StartAsync();
        Assert.NotEqual(port, new NpgsqlConnectionStringBuilder(second.ConnectionString).Port);
        Assert.Equal(1, await DatabaseFolder.AskAsync<int>(second.ConnectionString, "SELECT 1"));
    }

    [Fact]
    public async Task Lost_password_file_of_the_login_is_made_anew()
    {
        await using (await _folder.StartAsync())
        {
        }

        File.Delete(Path.Combine(_folder.Path, "connection"));
        await using var second = await _folder.StartAsync();
        Assert.Equal(1, await DatabaseFolder.AskAsync<int>(second.ConnectionString, "SELECT 1"));
    }

    [Fact]
    public async Task Command_uses_the_database_of_a_running_server_and_leaves_it_running()
    {
        await using var server = await _folder.StartAsync();
        await using (var command = await PostgresInstance.UseAsync(new(_folder.Path), _ => { }, default))
        {
            Assert.False(command.IsOwner);
            Assert.Equal(server.ConnectionString, command.ConnectionString);
        }

        Assert.NotNull(server.ProcessId);
    }

    [Fact]
    public async Task Database_stands_in_a_session_of_its_own()
    {
        Assert.True(OperatingSystem.IsLinux(), "read from /proc, so on Linux only");
        await using var instance = await _folder.StartAsync();

        // "pid (comm) state ppid pgrp session": Ctrl-C goes to the terminal's foreground group, ours.
        var stat = await File.ReadAllTextAsync($"/proc/{instance.ProcessId}/stat");
        var session = int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[3]);
        Assert.Equal(instance.ProcessId, session);
    }

    [SkippableFact]
    public async Task Folder_that_the_database_user_cannot_enter_is_refused_with_what_to_do()
    {
        Skip.IfNot(
            OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess,
            "only root lends PostgreSQL another user");
        var closed = Path.Combine(_folder.Path, "closed");
        Directory.CreateDirectory(Path.Combine(closed, "data"));
        if (OperatingSystem.IsLinux())
        {
            File.SetUnixFileMode(closed, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        var refused = await Assert.ThrowsAsync<PostgresUnavailableException>(
            () => PostgresInstance.StartAsync(Path.Combine(closed, "data"), _ => { }, default));
        Assert.Contains($"cannot enter {closed}", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--data", refused.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Orphan_that_neither_answers_nor_ends_is_stopped_and_started_again()
    {
        Skip.If(
            Environment.GetEnvironmentVariable("SETTLEMENTGRID_LONG") is null,
            "waits for 30 s; ./grid test --long runs it");
        var first = await _folder.StartAsync();
        var process = first.ProcessId!.Value;
        first.Abandon();
        Assert.Equal(0, Signal.Send(process, Signal.Stop));

        await using var second = await _folder.StartAsync();
        Assert.False(second.WasTakenOver);
        Assert.Contains("stopping it", _folder.Said, StringComparison.Ordinal);
    }

    private string[] PrivateFiles()
    {
        if (OperatingSystem.IsWindows())
        {
            return ["connection", "connection-superuser"];
        }

        var found = new List<string>();
        foreach (var file in Directory.GetFiles(_folder.Path).Order())
        {
            if (File.GetUnixFileMode(file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite))
            {
                found.Add(Path.GetFileName(file));
            }
        }

        return [.. found];
    }
}
