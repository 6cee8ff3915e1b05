using System.Globalization;

namespace SettlementGrid.Faults.Hostile.Measuring;

/// <summary>
/// A control group of the system that gives the processes in it a quarter of one processor, so that what is measured is
/// what a hostile client makes the server do and not that it takes the processor away. Needs Linux and root; without
/// them <see cref="TryMake"/> says why there is none.
/// </summary>
public sealed class QuarterProcessor : IDisposable
{
    const int PeriodMicroseconds = 100_000;
    const int QuotaMicroseconds = PeriodMicroseconds / 4;
    const string Root = "/sys/fs/cgroup";

    readonly string _folder;

    QuarterProcessor(string folder) => _folder = folder;

    public static QuarterProcessor? TryMake(out string why)
    {
        var unified = File.Exists(Path.Combine(Root, "cgroup.controllers"));
        var folder = Path.Combine(Root, unified ? "" : "cpu", $"settlementgrid-hostile-{Environment.ProcessId}");
        try
        {
            Directory.CreateDirectory(folder);
            if (unified)
            {
                File.WriteAllText(Path.Combine(Root, "cgroup.subtree_control"), "+cpu");
                File.WriteAllText(Path.Combine(folder, "cpu.max"), $"{QuotaMicroseconds} {PeriodMicroseconds}");
            }
            else
            {
                File.WriteAllText(Path.Combine(folder, "cpu.cfs_period_us"), Text(PeriodMicroseconds));
                File.WriteAllText(Path.Combine(folder, "cpu.cfs_quota_us"), Text(QuotaMicroseconds));
            }
            why = unified ? "cgroup v2, cpu.max" : "cgroup v1, cpu.cfs_quota_us";
            return new QuarterProcessor(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            why = $"no control group: {e.Message}";
            return null;
        }
    }

    /// <summary>From now on the process and its threads have the quarter together.</summary>
    public void Hold(int process) => File.WriteAllText(Path.Combine(_folder, "cgroup.procs"), Text(process));

    public void Dispose()
    {
        try
        {
            Directory.Delete(_folder);
        }
        catch (IOException)
        {
            // A process in it is still ending; an empty group costs nothing.
        }
    }

    static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
