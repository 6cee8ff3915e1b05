using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SettlementGrid.Postgres;

/// <summary>
/// The database's files and the programs on them: made by initdb, started and stopped by pg_ctl.
/// pg_ctl puts PostgreSQL into a session of its own, so that Ctrl-C at the terminal reaches the server alone,
/// which drains first and stops its database last.
/// </summary>
internal sealed class Cluster(DataDirectory directory, PostgresBinaries binaries, DatabaseUser user)
{
    public const string Superuser = "postgres";

    private string StartLog => Path.Combine(directory.PostgresLog, "start.log");

    public PostgresBinaries Binaries => binaries;

    /// <summary>The major version that made the files, or null where there are none.</summary>
    public static int? MajorOf(DataDirectory directory)
    {
        var file = Path.Combine(directory.Cluster, "PG_VERSION");
        return File.Exists(file) && int.TryParse(File.ReadAllText(file), out var major) ? major : null;
    }

    /// <summary>
    /// Makes the cluster beside and renames it when it is whole: an initdb that was killed leaves no half cluster.
    /// Data checksums on; C collation (by bytes: fast, and no upgrade of a locale library can break an index).
    /// </summary>
    public async Task CreateAsync(string superuserPassword, CancellationToken cancellation)
    {
        var beside = directory.Cluster + ".new";
        if (Directory.Exists(beside))
        {
            Directory.Delete(beside, recursive: true);
        }

        await user.OwnFolderAsync(beside, cancellation);
        await user.OwnFolderAsync(directory.PostgresLog, cancellation);
        var passwordFile = Path.Combine(directory.PostgresLog, "initdb-password");
        await File.WriteAllTextAsync(passwordFile, superuserPassword, cancellation);
        if (user.Name is { } owner)
        {
            await RunAsync(["chown", owner, passwordFile], PostgresLimits.CommandMax, cancellation);
        }

        var made = await RunAsync(
            user.As(
                binaries.Program("initdb"), "-D", beside, "--encoding=UTF8", "--locale=C", "--data-checksums",
                "--auth=scram-sha-256", $"--username={Superuser}", $"--pwfile={passwordFile}"),
            PostgresLimits.InitdbMax,
            cancellation);
        File.Delete(passwordFile);
        if (!made.Succeeded)
        {
            throw new PostgresUnavailableException($"initdb could not make {directory.Cluster}:\n{made.Output}");
        }

        await File.AppendAllTextAsync(
            Path.Combine(beside, "postgresql.conf"), "\ninclude '../postgres.conf'\n", cancellation);
        Directory.Move(beside, directory.Cluster);
    }

    /// <summary>Writes our settings and starts; on the next port where another program took the wished one.</summary>
    /// <returns>the port.</returns>
    public async Task<int> StartAsync(PostgresSettings settings, int wishedPort, CancellationToken cancellation)
    {
        var lz4 = await TakesLz4Async(settings, wishedPort, cancellation);
        var port = wishedPort;
        for (var tries = 0; tries < PostgresLimits.PortTriesMax; tries++, port = Next(port))
        {
            if (!IsFree(port))
            {
                continue;
            }

            await WriteSettingsAsync(settings, port, lz4, cancellation);
            File.Delete(StartLog);
            var started = await PgCtlAsync(
                PostgresLimits.StartWaitMax, cancellation,
                "start", "-s", "-w", "-t", $"{PostgresLimits.StartWaitMax.TotalSeconds:0}", "-l", StartLog);
            if (started.Succeeded)
            {
                return port;
            }

            if (IsFree(port))
            {
                throw new PostgresUnavailableException(
                    $"PostgreSQL {binaries.Major} does not start on {directory.Cluster}:\n"
                    + $"{started.Output}\n{LogTail()}");
            }
        }

        throw new PostgresUnavailableException($"no free port for PostgreSQL from {wishedPort} on");
    }

    public async Task<bool> StopAsync(string mode, TimeSpan max, CancellationToken cancellation) =>
        (await PgCtlAsync(max + PostgresLimits.CommandMax, cancellation,
            "stop", "-s", "-w", "-t", $"{max.TotalSeconds:0}", "-m", mode)).Succeeded;

    /// <summary>The first port to try for this folder: the same one each time, others for other folders.</summary>
    public static int FirstPort(string folder)
    {
        var hash = System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(folder));
        var span = PostgresLimits.PortEnd - PostgresLimits.PortFirst;
        return PostgresLimits.PortFirst + (BitConverter.ToUInt16(hash) % span);
    }

    private static int Next(int port) => port + 1 < PostgresLimits.PortEnd ? port + 1 : PostgresLimits.PortFirst;

    private static bool IsFree(int port)
    {
        try
        {
            using var probe = new TcpListener(IPAddress.Loopback, port);
            probe.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    // A build without lz4 refuses to start on "wal_compression = lz4"; asking the program costs 10 ms.
    private async Task<bool> TakesLz4Async(PostgresSettings settings, int port, CancellationToken cancellation)
    {
        await WriteSettingsAsync(settings, port, lz4: false, cancellation);
        var asked = await RunAsync(
            user.As(
                binaries.Program("postgres"), "-C", "wal_compression", "-D", directory.Cluster,
                "-c", "wal_compression=lz4"),
            PostgresLimits.CommandMax,
            cancellation);
        return asked.Succeeded;
    }

    private async Task WriteSettingsAsync(
        PostgresSettings settings, int port, bool lz4, CancellationToken cancellation)
    {
        await File.WriteAllTextAsync(
            directory.Settings, settings.Text(port, directory.PostgresLog, lz4), cancellation);
        if (!OperatingSystem.IsWindows())
        {
            // No secret in it, and the database's user must read it whatever the umask is.
            File.SetUnixFileMode(
                directory.Settings,
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }
    }

    private string LogTail()
    {
        var newest = new DirectoryInfo(directory.PostgresLog).GetFiles("*.log").OrderBy(file => file.LastWriteTimeUtc);
        return string.Join('\n', newest.TakeLast(2).SelectMany(file => File.ReadLines(file.FullName).TakeLast(8)));
    }

    private Task<ChildResult> PgCtlAsync(TimeSpan max, CancellationToken cancellation, params string[] arguments) =>
        RunAsync(
            user.As([binaries.Program("pg_ctl"), .. arguments, "-D", directory.Cluster]),
            max + PostgresLimits.CommandMax,
            cancellation);

    private Task<ChildResult> RunAsync(string[] command, TimeSpan max, CancellationToken cancellation) =>
        ChildProgram.RunAsync(command, directory.FullPath, max, cancellation);
}
