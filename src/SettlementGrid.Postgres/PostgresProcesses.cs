using System.ComponentModel;
using System.Diagnostics;

namespace SettlementGrid.Postgres;

/// <summary>
/// Which processes are at work on a cluster's folder. PostgreSQL's processes all stand in it (their working
/// directory), so on Linux the answer does not rest on a process number that another program may hold by now.
/// </summary>
public sealed class PostgresProcesses(string cluster)
{
    private string PidFile => Path.Combine(cluster, "postmaster.pid");

    /// <summary>The first line of postmaster.pid, or null without one.</summary>
    public int? PostmasterPid
    {
        get
        {
            try
            {
                return int.TryParse(File.ReadLines(PidFile).FirstOrDefault(), out var pid) ? pid : null;
            }
            catch (IOException)
            {
                return null;
            }
        }
    }

    /// <summary>All living processes of this cluster: the postmaster and its children, orphaned or not.</summary>
    public IReadOnlyList<int> Living() => OperatingSystem.IsLinux() ? StandingInCluster() : NamedByPidFile();

    /// <summary>
    /// Removes a postmaster.pid that no living process stands behind. PostgreSQL does so itself, but refuses
    /// where the number it holds was given to another process of the same user since (usual in containers).
    /// </summary>
    public void RemoveStalePidFile()
    {
        if (Living().Count == 0)
        {
            File.Delete(PidFile);
        }
    }

    /// <summary>SIGKILL to all of them: as a power cut is for the database.</summary>
    public void KillAll()
    {
        foreach (var pid in Living())
        {
            try
            {
                using var process = Process.GetProcessById(pid);
                process.Kill();
            }
            catch (Exception gone) when (gone is ArgumentException or InvalidOperationException or Win32Exception)
            {
                // It ended by itself meanwhile; who still lives is asked again by the caller.
                continue;
            }
        }
    }

    /// <summary>True once no process of the cluster is left, false when the time is over before.</summary>
    public async Task<bool> WaitForEndAsync(TimeSpan max, CancellationToken cancellation)
    {
        var since = Stopwatch.GetTimestamp();
        while (Living().Count > 0)
        {
            if (Stopwatch.GetElapsedTime(since) > max)
            {
                return false;
            }

            await Task.Delay(PostgresLimits.LookInterval, cancellation);
        }

        return true;
    }

    private List<int> StandingInCluster()
    {
        var living = new List<int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), out var pid) && StandsInCluster(folder))
            {
                living.Add(pid);
            }
        }

        return living;
    }

    private bool StandsInCluster(string process)
    {
        try
        {
            // A zombie has no working directory any more, so it does not count as living.
            return new FileInfo(Path.Combine(process, "cwd")).LinkTarget == cluster
                && File.ReadAllText(Path.Combine(process, "comm")).StartsWith("postgres", StringComparison.Ordinal);
        }
        catch (Exception hidden) when (hidden is IOException or UnauthorizedAccessException)
        {
            // Ended meanwhile, or another user's process: not ours.
            return false;
        }
    }

    private int[] NamedByPidFile()
    {
        if (PostmasterPid is not { } pid)
        {
            return [];
        }

        try
        {
            using var process = Process.GetProcessById(pid);
            return process.ProcessName.StartsWith("postgres", StringComparison.OrdinalIgnoreCase) ? [pid] : [];
        }
        catch (ArgumentException)
        {
            return [];
        }
    }
}
