using SettlementGrid.LoadTest.Measuring;
using SettlementGrid.LoadTest.Reporting;

namespace SettlementGrid.LoadTest.Overload;

/// <summary>An overload run in words.</summary>
static class OverloadReport
{
    /// <summary>Half seconds that one line of the course adds up.</summary>
    const int WindowsPerLine = 4;

    public static async Task PublishAsync(
        OverloadSettings settings, OverloadFigures figures, AuditFinding audited, Machine machine, DateTimeOffset at)
    {
        var report = new Report("Overload");
        AddKnee(report, settings, figures);
        AddTwice(report, figures);
        AddRecovery(report, figures);
        RunRows.AddEnd(report, audited, machine);
        AddPhases(report, figures);
        AddCourse(report, figures.Timeline);
        report.AddNote("Times of settled bills count from the intended start. The server times a refusal from the "
            + "start of its call to its answer; how long a call waits before its start, its headers read, it samples "
            + "in the same queue. Both are shown as the bounds of buckets. Server, database and generator share the "
            + "processors: arrivals that are refused cost the generator as much as the server.");
        await report.PublishAsync(settings.Load, at);
    }

    static void AddKnee(Report report, OverloadSettings settings, OverloadFigures figures)
    {
        report.Add("knee: settlements a second, closed loop",
            $"{figures.Knee:n0}" + (figures.KneeBefore is { } before
                ? $" with {before.Settings.InFlight} in flight, p99 {before.Result.Latency.At(0.99) / 1000.0:0.0} ms"
                : " (given)"), figures.Knee);
        if (figures.KneeAfter is { } after)
            report.Add(
                "the same after everything, as a control", $"{after.SettledPerSecond:n0}", after.SettledPerSecond);
        report.Add("connections · persons · seed",
            $"{settings.Load.Connections} · {settings.Load.Persons:n0} · {settings.Load.Seed}",
            new { settings.Load.Connections, settings.Load.Persons, settings.Load.Seed });
    }

    static void AddTwice(Report report, OverloadFigures figures)
    {
        var windows = figures.Timeline.Of(OverloadFigures.Twice);
        var (arrived, refused) = (windows.Sum(one => one.Arrived), windows.Sum(one => one.Refused));
        report.Add("twice the knee: goodput", $"{figures.Goodput:n0} settled a second, "
            + $"{figures.Goodput / figures.Knee:0 %} of the knee", figures.Goodput / figures.Knee);
        report.Add("refused of the arrivals", $"{(double)refused / Math.Max(1, arrived):0 %} ({refused:n0})",
            (double)refused / Math.Max(1, arrived));
        report.Add("given up unsent, because every stream was taken", $"{windows.Sum(one => one.GivenUp):n0}",
            windows.Sum(one => one.GivenUp));
        report.Add("neither settled nor refused, all phases", figures.Otherwise.Count == 0
            ? "none"
            : string.Join(", ", figures.Otherwise.Select(one => $"{one.Key} {one.Value:n0}")), figures.Otherwise);
        if (figures.Retried > 0)
            report.Add("sent again after a refusal", $"{figures.Retried:n0}", figures.Retried);
        Add("refusal in the server: p50 · p99 · p99.9", figures.Door[OverloadFigures.Twice].RefusedAfter);
        Add("wait before it, headers read: p50 · p99 · p99.9", figures.Door[OverloadFigures.Twice].PoolWait);
        var seen = figures.Timeline.RefusalsOf(OverloadFigures.Twice);
        report.Add("refusal as its caller sees it: p50 · p99",
            $"{seen.At(0.5) / 1000.0:0.0} · {seen.At(0.99) / 1000.0:0.0} ms", seen.At(0.99) / 1000.0);

        void Add(string name, Buckets times) => report.Add(
            name, $"{times.InWords(0.5)} · {times.InWords(0.99)} · {times.InWords(0.999)}",
            new { P50 = times.AtMost(0.5), P99 = times.AtMost(0.99), P999 = times.AtMost(0.999) });
    }

    static void AddRecovery(Report report, OverloadFigures figures)
    {
        report.Add("normal: the slowest half second's p99 at half the knee before",
            $"{figures.NormalP99 / 1000.0:0.0} ms", figures.NormalP99 / 1000.0);
        var recovery = figures.Recovery();
        report.Add("normal again after twice the knee",
            recovery is { } after ? $"{after.TotalSeconds:0.0} s" : "not within the time measured",
            recovery?.TotalSeconds);
    }

    static void AddPhases(Report report, OverloadFigures figures)
    {
        var lines = new List<string[]>();
        for (var i = 0; i < figures.Timeline.Phases.Count; i++)
        {
            var (phase, latency, used) = (figures.Timeline.Phases[i], figures.LatencyOf(i), figures.Door[i].Used);
            lines.Add([
                phase.Name, $"{phase.Rate:n0}", $"{figures.SettledPerSecond(i):n0}",
                $"{Ms(latency.At(0.5))}", $"{Ms(latency.At(0.99))}", $"{Ms(latency.At(0.999))}", $"{Ms(latency.Max)}",
                $"{used.Server:0} · {used.Database:0} · {used.Generator:0} of "
                    + $"{phase.Lasts.TotalSeconds * Environment.ProcessorCount:0}",
            ]);
        }
        report.AddTable("Phases",
            ["phase", "arrivals/s", "settled/s", "p50 ms", "p99 ms", "p99.9 ms", "max ms",
                "processor s: server · database · generator"],
            lines, lines);
    }

    static void AddCourse(Report report, Timeline timeline)
    {
        var lines = new List<string[]>();
        var second = 0.0;
        for (var phase = 0; phase < timeline.Phases.Count; phase++)
        {
            foreach (var windows in timeline.Of(phase).Chunk(WindowsPerLine))
            {
                var (latency, lasts) = (new Histogram(), windows.Length * Timeline.WindowLasts.TotalSeconds);
                foreach (var window in windows)
                    latency.Add(window.Latency);
                lines.Add([
                    $"{second:0.#}", $"{windows.Sum(one => one.Arrived) / lasts:n0}",
                    $"{windows.Sum(one => one.Settled) / lasts:n0}", $"{windows.Sum(one => one.Refused) / lasts:n0}",
                    $"{Ms(latency.At(0.5))}", $"{Ms(latency.At(0.99))}",
                ]);
                second += lasts;
            }
        }
        report.AddTable("Course", ["second", "arrived/s", "settled/s", "refused/s", "p50 ms", "p99 ms"], lines, lines);
    }

    static string Ms(long microseconds) => $"{microseconds / 1000.0:0.0}";
}
