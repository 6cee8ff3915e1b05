using System.Diagnostics;
using System.Globalization;
using Npgsql;
using SettlementGrid.Postgres;
using SettlementGrid.Testbed;

namespace SettlementGrid.LoadTest.Controls;

/// <summary>
/// Commits small rows into a table of its own on the server's cluster, four clients at a time: what one commit costs on
/// this disk at this moment, whatever the server does. By pgbench; where it is not installed, by Npgsql.
/// </summary>
sealed class CommitControl : IAsyncDisposable
{
    const string Table = "settlementgrid_bench_control";
    const int Clients = 4;
    const string Insert = $"INSERT INTO {Table} (row) VALUES (repeat('x', 300))";
    const string AverageLine = "latency average = ";

    readonly string _connection;
    readonly string? _pgbench;
    readonly DirectoryInfo _folder;

    CommitControl(string connection, string? pgbench, DirectoryInfo folder) =>
        (_connection, _pgbench, _folder) = (connection, pgbench, folder);

    /// <summary>What commits: pgbench or Npgsql.</summary>
    public string By => _pgbench is null ? "Npgsql (pgbench is not installed)" : "pgbench";

    public static async Task<CommitControl> OpenAsync(RunningServer server, CancellationToken cancellation)
    {
        var data = server.Place.Data;
        var connection = data.SuperuserConnection.Read();
        await ExecuteAsync(
            connection,
            $"DROP TABLE IF EXISTS {Table}; CREATE TABLE {Table} (id bigserial PRIMARY KEY, row text)", cancellation);
        var beside = await PostgresBinaries.FindAsync(data.Binaries, major: null, cancellation);
        var pgbench = beside is not null && File.Exists(beside.Program("pgbench"))
            ? beside.Program("pgbench")
            : ChildProgram.Find("pgbench");
        var folder = Directory.CreateTempSubdirectory("settlementgrid-control-");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "insert.sql"), Insert + ";\n", cancellation);
        WritePassword(Path.Combine(folder.FullName, "password"), connection);
        return new CommitControl(connection, pgbench, folder);
    }

    /// <summary>The mean time of a commit, in milliseconds.</summary>
    public async Task<double> RunAsync(CancellationToken cancellation) => _pgbench is null
        ? await ByNpgsqlAsync(cancellation)
        : await ByPgbenchAsync(_pgbench, cancellation);

    public async ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        try
        {
            await ExecuteAsync(_connection, $"DROP TABLE IF EXISTS {Table}", CancellationToken.None);
        }
        catch (NpgsqlException)
        {
            // The database is gone, and the table with it.
        }
    }

    async Task<double> ByPgbenchAsync(string pgbench, CancellationToken cancellation)
    {
        var to = new NpgsqlConnectionStringBuilder(_connection);
        var seconds = (int)LoadLimits.ControlLasts.TotalSeconds;
        var ran = await ChildProgram.RunAsync(
            [
                pgbench, "--no-vacuum", $"--client={Clients}", $"--time={seconds}",
                "--file=" + Path.Combine(_folder.FullName, "insert.sql"),
                $"host={to.Host} port={to.Port} user={to.Username} dbname={to.Database} "
                    + $"passfile='{Path.Combine(_folder.FullName, "password")}'",
            ],
            _folder.FullName, LoadLimits.ControlLasts + LoadLimits.FinishMax, cancellation);
        var line = ran.Output.Split('\n').FirstOrDefault(one => one.StartsWith(AverageLine, StringComparison.Ordinal));
        return ran.Succeeded && line is not null
            ? double.Parse(line[AverageLine.Length..].Split(' ')[0], CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"pgbench: {ran.Output}");
    }

    async Task<double> ByNpgsqlAsync(CancellationToken cancellation)
    {
        var until = Stopwatch.GetTimestamp() + (long)(LoadLimits.ControlLasts.TotalSeconds * Stopwatch.Frequency);
        var began = Stopwatch.GetTimestamp();
        var commits = await Task.WhenAll(Enumerable.Range(0, Clients).Select(async _ =>
        {
            await using var connection = new NpgsqlConnection(_connection);
            await connection.OpenAsync(cancellation);
            await using var command = new NpgsqlCommand(Insert, connection);
            await command.PrepareAsync(cancellation);
            var count = 0;
            for (; Stopwatch.GetTimestamp() < until; count++)
                await command.ExecuteNonQueryAsync(cancellation);
            return count;
        }));
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds * Clients / Math.Max(1, commits.Sum());
    }

    static async Task ExecuteAsync(string connectionString, string sql, CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellation);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>In a file, because everybody may read a program's arguments.</summary>
    static void WritePassword(string file, string connection)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var text = new StreamWriter(file, options);
        text.WriteLine("*:*:*:*:" + new NpgsqlConnectionStringBuilder(connection).Password);
    }
}
