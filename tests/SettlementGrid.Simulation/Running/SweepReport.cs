using System.Text;
using SettlementGrid.Simulation.Broken;
using SettlementGrid.Simulation.World;

namespace SettlementGrid.Simulation.Running;

/// <summary>A sweep in words, for people.</summary>
sealed class SweepReport(Sweep sweep, Build build, TimeSpan took)
{
    public string Text
    {
        get
        {
            var text = new StringBuilder();
            text.AppendLine(
                $"{sweep.Done:N0} seeds of the {(build == Build.Real ? "real build" : "build " + build.Name)} in "
                + $"{took.TotalSeconds:N1} s, {sweep.Done / took.TotalMinutes:N0} a minute; "
                + $"{sweep.VirtualTime.TotalHours:N1} hours of virtual time 虚拟时间");
            text.AppendLine(
                $"{sweep.Calls:N0} calls, {sweep.Entries:N0} entries in {sweep.Commits:N0} commits: "
                + string.Join(", ", sweep.Kinds.OrderBy(k => k.Key).Select(k => $"{k.Value:N0} {k.Key}")));
            text.AppendLine(string.Join(
                ", ", Enum.GetValues<Happening>().Select(h => $"{sweep.Counts[(int)h]:N0} {h}")));
            text.Append(sweep.Found is null
                ? "every invariant held after each of them 未发现问题"
                : "an invariant was broken 发现问题:");
            return text.ToString();
        }
    }

    public static string Replay(int seed, Build build) =>
        $"./grid simulate --seed {seed}{(build == Build.Real ? "" : " --broken " + build.Name)}";

    /// <summary>The end of the seed's history, by running it again.</summary>
    public static IReadOnlyCollection<string> LastLines(int seed, Build build)
    {
        var lines = new Queue<string>();
        try
        {
            SimulatedRun.Of(seed, build, line =>
            {
                lines.Enqueue(line);
                if (lines.Count > SimulationLimits.HistoryLinesShown)
                    lines.Dequeue();
            });
        }
        catch (Exception fault)
        {
            lines.Enqueue(fault.Message);
        }
        return lines;
    }
}
