using System.Diagnostics;

namespace SettlementGrid.Postgres;

/// <summary>
/// The folder that holds everything the embedded default keeps. One process at a time owns it: the lock is the
/// operating system's and goes with the process, so a SIGKILL leaves nothing to clean up.
/// </summary>
/// <remarks>
/// connection, connection-superuser (mode 600), lock, postgres.conf, postgres/ (the database's files),
/// postgres-log/, postgres-bin/ (only where PostgreSQL came from npm).
/// </remarks>
public sealed class DataDirectory
{
    private const UnixFileMode EnterAll =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private DataDirectory(string path) => FullPath = path;

    public string FullPath { get; }

    /// <summary>The database's own folder (PGDATA).</summary>
    public string Cluster => Path.Combine(FullPath, "postgres");

    /// <summary>Our settings, which the cluster's postgresql.conf includes. Not in the cluster's folder: that one
    /// belongs to the database's user, and root should not write through a folder of a lesser user.</summary>
    public string Settings => Path.Combine(FullPath, "postgres.conf");

    public string PostgresLog => Path.Combine(FullPath, "postgres-log");

    public string Binaries => Path.Combine(FullPath, "postgres-bin");

    /// <summary>The server's login: owns its database, may create roles, is no superuser.</summary>
    public ConnectionFile Connection => new(Path.Combine(FullPath, "connection"));

    public ConnectionFile SuperuserConnection => new(Path.Combine(FullPath, "connection-superuser"));

    /// <summary>
    /// As root /var/lib/settlementgrid (durable, and the database's user can enter it, which /root forbids); else the
    /// user's own data folder (XDG_DATA_HOME, ~/.local/share, Application Support, LocalAppData).
    /// </summary>
    public static string DefaultPath()
    {
        if (!OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess)
        {
            return "/var/lib/settlementgrid";
        }

        var home = Environment.GetFolderPath(
            Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return home.Length > 0 ? Path.Combine(home, "settlementgrid") : Path.GetFullPath(".data");
    }

    /// <summary>Makes the folder if it is not there. A folder made here lets others pass through, not list.</summary>
    public static DataDirectory Open(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (!Directory.Exists(full))
        {
            Directory.CreateDirectory(full);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(full, EnterAll);
            }
        }

        return new DataDirectory(Real(full));
    }

    /// <summary>The lock, or null while another process holds it.</summary>
    public FileStream? TryLock()
    {
        try
        {
            return new FileStream(
                Path.Combine(FullPath, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Waits for a dying owner for at most <see cref="PostgresLimits.DyingWaitMax"/>.</summary>
    public async Task<FileStream> LockAsync(Action<string> say, CancellationToken cancellation)
    {
        var since = Stopwatch.GetTimestamp();
        for (var first = true; ; first = false)
        {
            if (TryLock() is { } held)
            {
                return held;
            }

            if (first)
            {
                say($"waiting for another SettlementGrid program that uses {FullPath}");
            }

            if (Stopwatch.GetElapsedTime(since) > PostgresLimits.DyingWaitMax)
            {
                throw new PostgresUnavailableException(
                    $"{FullPath} is in use by another SettlementGrid program (a running server?). "
                    + "Stop it, or choose another folder with --data.");
            }

            await Task.Delay(PostgresLimits.LookInterval, cancellation);
        }
    }

    // The system reports where a process stands with all links resolved, also those of parent folders
    // (/home -> /data/home); finding our processes by their folder needs the same form.
    private static string Real(string path)
    {
        var parent = Path.GetDirectoryName(path);
        if (parent is null)
        {
            return path;
        }

        var here = Path.Combine(Real(parent), Path.GetFileName(path));
        return Directory.ResolveLinkTarget(here, returnFinalTarget: true) is { } target ? Real(target.FullName) : here;
    }
}
