using SettlementGrid.LoadTest.Measuring;

namespace SettlementGrid.LoadTest.Reporting;

/// <summary>One run's figures as rows of a report.</summary>
public static class RunRows
{
    /// <summary>The shares of the calls whose latencies are told.</summary>
    public static readonly (string Name, double Share)[] Percentiles =
        [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999), ("max", 1)];

    /// <summary>What was asked, what came back and what it cost.</summary>
    public static void Add(Report report, MeasuredRun run)
    {
        AddSettings(report, run.Settings, run.Took.TotalSeconds);
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

    /// <summary>What was audited, where and of what it was measured.</summary>
    public static void AddEnd(Report report, AuditFinding audited, Machine machine)
    {
        report.Add("audit", audited.InWords, audited);
        report.Add("machine", machine.InWords, machine);
        report.Add("commit", machine.Commit.Length > 0 ? machine.Commit : "unknown", machine.Commit);
    }

    static void AddSettings(Report report, LoadSettings settings, double seconds)
    {
        if (settings.IsOpen)
            report.Add("arrivals per second",
                $"{settings.Rate:n0}{(settings.Day ? " at the peak of a hospital day" : ", Poisson")}", settings.Rate);
        if (settings.IsMany)
            report.Add("bills a call", $"{settings.Many}", settings.Many);
        report.Add("in flight · connections", $"{settings.InFlight} · {settings.Connections}", settings.InFlight);
        report.Add("persons · seed", $"{settings.Persons:n0} · {settings.Seed}",
            new { settings.Persons, settings.Seed });
        report.Add("repeats · previews · reversals",
            $"{settings.DuplicatePercent} · {settings.PreviewPercent} · {settings.ReversalPercent} %",
            new { settings.DuplicatePercent, settings.PreviewPercent, settings.ReversalPercent });
        report.Add("measured after a warm-up of", $"{seconds:0.#} s · {settings.WarmUp.TotalSeconds:0.#} s", seconds);
    }

    static void AddCost(Report report, ServerFigures cost, MeasuredRun run)
    {
        var whole = run.Took.TotalSeconds * Environment.ProcessorCount;
        report.Add("processor seconds: server · database · generator",
            $"{cost.Server:0.0} · {cost.Database:0.0} · {cost.Generator:0.0} of {whole:0.0}",
            new { cost.Server, cost.Database, cost.Generator });
        var (each, count) = run.Settings.IsMany ? ("settlement", run.Result.Settled) : ("call", run.Result.Calls);
        report.Add($"µs a {each}: server · database · generator",
            $"{Each(cost.Server):0} · {Each(cost.Database):0} · {Each(cost.Generator):0.0}",
            new { Server = Each(cost.Server), Database = Each(cost.Database), Generator = Each(cost.Generator) });
        report.Add("rows a commit", $"{cost.RowsPerCommit:0.0}", cost.RowsPerCommit);
        report.Add("write-ahead log a row", $"{cost.WalBytesPerRow:0} bytes", cost.WalBytesPerRow);
        report.Add("server stopped by its garbage collector",
            $"{cost.GcPauses * 1_000:0} ms in {cost.Collections:0} collections", cost.GcPauses);
        report.Add($"allocated by the server a {each}", $"{cost.AllocatedBytes / Math.Max(1, count) / 1024:0.0} KiB",
            cost.AllocatedBytes / Math.Max(1, count));
        report.Add("server's resident memory", $"{cost.ResidentBytes >> 20} MiB", cost.ResidentBytes);

        double Each(double seconds) => seconds * 1_000_000 / Math.Max(1, count);
    }
}
