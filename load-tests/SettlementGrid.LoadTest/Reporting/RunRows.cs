using SettlementGrid.LoadTest.Load;
using SettlementGrid.LoadTest.Measuring;

namespace SettlementGrid.LoadTest.Reporting;

/// <summary>One run's figures as rows of a report.</summary>
public static class RunRows
{
    /// <summary>The shares of the calls whose latencies are told.</summary>
    public static readonly (string Name, double Share)[] Percentiles =
        [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999), ("max", 1)];

    /// <summary>The columns of a run that stands in one line.</summary>
    public static readonly string[] LineColumns =
    [
        "settled/s", string.Join(" · ", Percentiles.Select(one => one.Name)) + ", ms", "not settled",
        "µs: server · database · generator",
    ];

    public static string[] Line(MeasuredRun run) =>
    [
        $"{run.SettledPerSecond:n0}",
        string.Join(" · ", Percentiles.Select(one => $"{run.Result.Latency.At(one.Share) / 1_000.0:0.0}")),
        $"{run.Result.Refused.Values.Sum():n0}",
        run.Cost is { Figures: var cost }
            ? $"{run.Each(cost.Server):0} · {run.Each(cost.Database):0} · {run.Each(cost.Generator):0.0}"
            : "",
    ];

    /// <summary>The same for programs, with everything that was measured.</summary>
    public static object LineFigures(MeasuredRun run) => new
    {
        run.SettledPerSecond,
        LatencyMs = Percentiles.ToDictionary(one => one.Name, one => run.Result.Latency.At(one.Share) / 1_000.0),
        run.Result.Calls,
        run.Result.Settled,
        run.Result.Repeated,
        run.Result.Refused,
        run.WaitingMax,
        run.GivenUp,
        run.Cost,
    };

    /// <summary>What was asked, what came back and what it cost.</summary>
    public static void Add(Report report, MeasuredRun run)
    {
        AddSettings(report, run);
        var (result, seconds) = (run.Result, run.Took.TotalSeconds);
        report.Add("settlements per second", $"{run.SettledPerSecond:n0}", run.SettledPerSecond);
        report.Add("calls per second, of every kind", $"{result.Calls / seconds:n0}", result.Calls / seconds);
        foreach (var (name, share) in Percentiles)
            report.AddMilliseconds(name, result.Latency.At(share));
        if (run.Settings.IsOpen)
            report.Add("waited here for a free caller, at most", $"{run.WaitingMax:n0}", run.WaitingMax);
        if (run.GivenUp > 0)
            report.Add("given up, because too many waited", $"{run.GivenUp:n0}", run.GivenUp);
        report.Add("repeated calls answered equally", $"{result.Repeated:n0}", result.Repeated);
        if (run.Settings.PreviewPercent > 0)
            report.Add("previewed again, the account had moved", $"{result.Moved:n0}", result.Moved);
        report.Add("not answered with a settlement", result.Refused.Count == 0
            ? "none"
            : string.Join(", ", result.Refused.Select(one => $"{one.Key} {one.Value:n0}")), result.Refused);
        if (run.Cost is { } cost)
            AddCost(report, cost, run);
    }

    /// <summary>How a day went by half hours, without what the warm-up covers; nothing of other runs.</summary>
    public static void AddDay(Report report, MeasuredRun run)
    {
        var parts = run.Result.Parts;
        var seconds = run.Settings.Lasts.TotalSeconds / Math.Max(1, parts.Length);
        var lines = parts.Select((part, i) => (From: Arrivals.DayPartName(i), Calls: part.Count / seconds, part))
            .Where(one => one.part.Count > 0).ToList();
        if (lines.Count == 0)
            return;
        report.AddTable(
            "The day", ["from", "calls/s", "p50 · p99 · max, ms"],
            [.. lines.Select(one => (string[])[
                one.From, $"{one.Calls:n0}",
                string.Join(" · ", ((double[])[0.5, 0.99, 1]).Select(p => $"{one.part.At(p) / 1_000.0:0.0}"))])],
            lines.Select(one => new
            {
                one.From,
                CallsPerSecond = one.Calls,
                LatencyMs = Percentiles.ToDictionary(p => p.Name, p => one.part.At(p.Share) / 1_000.0),
            }));
    }

    /// <summary>What was audited, where and of what it was measured.</summary>
    public static void AddEnd(Report report, AuditFinding audited, Machine machine)
    {
        report.Add("audit", audited.InWords, audited);
        report.Add("machine", machine.InWords, machine);
        report.Add("commit", machine.Commit.Length > 0 ? machine.Commit : "unknown", machine.Commit);
    }

    /// <summary>What was asked.</summary>
    public static void AddSettings(Report report, MeasuredRun run)
    {
        var (settings, seconds) = (run.Settings, run.Took.TotalSeconds);
        if (settings.IsOpen)
            report.Add("arrivals per second",
                $"{settings.Rate:n0}{(settings.Day ? " at the peak of a hospital day" : ", Poisson")}", settings.Rate);
        if (settings.IsMany)
            report.Add("bills a call", $"{settings.Many}", settings.Many);
        report.Add("in flight · connections", $"{settings.InFlight} · {settings.Connections}", settings.InFlight);
        report.Add("persons · seed", $"{settings.Persons:n0} · {settings.Seed}",
            new { settings.Persons, settings.Seed });
        if (settings.Accounts != AccountsAre.AsTheyCome)
            report.Add("accounts", settings.Accounts == AccountsAre.Cold ? "every one cold" : "asked for before",
                settings.Accounts.ToString());
        report.Add("repeats · previews · reversals",
            $"{settings.DuplicatePercent} · {settings.PreviewPercent} · {settings.ReversalPercent} %",
            new { settings.DuplicatePercent, settings.PreviewPercent, settings.ReversalPercent });
        report.Add("measured after a warm-up of", $"{seconds:0.#} s · {settings.WarmUp.TotalSeconds:0.#} s", seconds);
    }

    static void AddCost(Report report, RunCost whole, MeasuredRun run)
    {
        var (cost, batches) = whole;
        var available = run.Took.TotalSeconds * Environment.ProcessorCount;
        report.Add("processor seconds: server · database · generator",
            $"{cost.Server:0.0} · {cost.Database:0.0} · {cost.Generator:0.0} of {available:0.0}",
            new { cost.Server, cost.Database, cost.Generator });
        var each = run.Settings.IsMany ? "settlement" : "call";
        report.Add($"µs a {each}: server · database · generator",
            $"{run.Each(cost.Server):0} · {run.Each(cost.Database):0} · {run.Each(cost.Generator):0.0}",
            new
            {
                Server = run.Each(cost.Server),
                Database = run.Each(cost.Database),
                Generator = run.Each(cost.Generator),
            });
        report.Add("facts a commit: mean · p50 · p90 · p99 · max",
            $"{batches.Mean:0.0} · {batches.P50} · {batches.P90} · {batches.P99} · {batches.Max}", batches);
        report.Add("accounts read from the ledger first", $"{cost.ColdLoads:n0} of {cost.Turns:n0} turns",
            new { cost.ColdLoads, cost.Turns });
        report.Add("write-ahead log a fact", $"{cost.WalBytesPerRow:0} bytes", cost.WalBytesPerRow);
        report.Add("server stopped by its garbage collector",
            $"{cost.GcPauses * 1_000:0} ms in {cost.Collections:0} collections, "
            + $"each at most {cost.Pauses.LongestAtMost * 1_000:0.#} ms",
            new { Seconds = cost.GcPauses, cost.Collections, LongestAtMostSeconds = cost.Pauses.LongestAtMost });
        report.Add($"allocated by the server a {each}", $"{cost.AllocatedBytes / run.Count / 1024:0.0} KiB",
            cost.AllocatedBytes / run.Count);
        report.Add("server's resident memory", $"{cost.ResidentBytes >> 20} MiB", cost.ResidentBytes);
    }
}
