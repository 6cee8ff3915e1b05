using SettlementGrid.LoadTest.Measuring;
using SettlementGrid.LoadTest.Reporting;

namespace SettlementGrid.LoadTest.Modes;

/// <summary>
/// What `./grid bench` shows by itself: the figures a newcomer asks for, on one server within three minutes, each with
/// what it means. Short runs say what order of size a figure has; the other modes say how exact it is.
/// </summary>
public static class Tour
{
    const int Persons = 20_000;

    static readonly LoadSettings s_closed = new()
    {
        // Most of the warm-up is the just-in-time compiler's.
        WarmUp = TimeSpan.FromSeconds(8), Measured = TimeSpan.FromSeconds(10),
        InFlight = 128, Connections = 8, Persons = Persons, Seed = 1, DuplicatePercent = 2,
    };

    static readonly LoadSettings s_peak = s_closed with
    {
        WarmUp = TimeSpan.FromSeconds(2), InFlight = 2_048, Rate = 3_500, PreviewPercent = 3, ReversalPercent = 1,
    };

    static readonly LoadSettings s_above = s_peak with { Rate = 5_000, PreviewPercent = 0, ReversalPercent = 0 };

    static readonly LoadSettings s_many = s_closed with
    {
        WarmUp = TimeSpan.FromSeconds(2), Measured = TimeSpan.FromSeconds(6), InFlight = 16, Many = 200,
    };

    /// <summary>As the product shows it.</summary>
    public static Task<bool> RunAsync(
        FileInfo? report, FileInfo? json, TimeProvider clock, Action<string> say, CancellationToken cancellation) =>
        RunAsync(
            [.. ((LoadSettings[])[s_closed, s_peak, s_above, s_many]).Select(one => one with
            {
                Report = report, Json = json,
            })],
            clock, say, cancellation);

    /// <param name="runs">A closed loop, two open ones and one of SettleMany, all on the first one's site.</param>
    public static async Task<bool> RunAsync(
        IReadOnlyList<LoadSettings> runs, TimeProvider clock, Action<string> say, CancellationToken cancellation)
    {
        await using var site = await LoadSite.OpenAsync(runs[0], clock, say, cancellation);
        var measured = new List<MeasuredRun>();
        foreach (var settings in runs)
        {
            await using var connections = await ConnectionSet.OpenAsync(
                site.Address, settings.Connections, cancellation);
            measured.Add(await Measurement.RunAsync(site, settings, connections, cancellation));
        }
        if (await site.AuditAsync(cancellation) is not { } audited)
            return false;
        var lines = Lines(measured[0], measured[1], measured[2], measured[3]).ToList();
        var machine = await Machine.ReadAsync(site.Own, cancellation);
        lines.Add(("audited 核对", audited.InWords,
            "Without this nothing is shown: what was acknowledged is in the ledger, in the accounts and in the funds.",
            "核对不通过则不显示任何结果：已确认的每笔结算都在账本、个人累计和基金中。"));
        lines.Add(("measured on 测试环境", $"{machine.InWords}; commit {machine.Commit}",
            "Everything shares these processors; another machine has other figures.",
            "发压端、服务和数据库共用这些处理器，换机器结果不同。"));
        var report = new Report("SettlementGrid");
        report.AddTable(
            "SettlementGrid, measured and audited 实测结果（已核对）", ["figure 指标", "value 数值", "what it says 含义"],
            [.. lines.Select(one => (string[])[one.Figure, one.Value, one.Says + "\n" + one.SaysInChinese])],
            new { Runs = measured.Select(RunRows.LineFigures), Audit = audited, Machine = machine });
        await report.PublishAsync(runs[0], site.Began);
        return true;
    }

    static IEnumerable<(string Figure, string Value, string Says, string SaysInChinese)> Lines(
        MeasuredRun closed, MeasuredRun peak, MeasuredRun above, MeasuredRun many)
    {
        yield return (
            "settlements a second, at most\n单笔最大吞吐",
            $"{closed.SettledPerSecond:n0}/s\n{Times(closed)}{NotSettled(closed)}",
            $"{closed.Settings.InFlight} callers, each sending its next bill once the last is on disk and answered.",
            $"{closed.Settings.InFlight} 个并发调用方，上一笔落盘并应答后才发下一笔。");
        yield return (
            $"{peak.Settings.Rate:n0} a second arrive, mixed\n每秒到达 {peak.Settings.Rate:n0} 笔（混合）",
            $"{peak.SettledPerSecond:n0}/s settled\n{Times(peak)}{NotSettled(peak)}",
            "Bills arrive at random, with previews and reversals, whether the server is ready or not; times count from "
            + "the arrival. p99: of 100 bills 99 were answered within it.",
            "账单随机到达（含预结算和撤销），时间从到达算起；p99：100 笔中 99 笔在此时间内应答。");
        yield return (
            $"{above.Settings.Rate:n0} a second arrive\n每秒到达 {above.Settings.Rate:n0} 笔",
            $"{above.SettledPerSecond:n0}/s settled\n{Times(above)}{NotSettled(above)}",
            "The same above a province's published peak, settlements only.", "高于已公布的省级峰值，仅结算。");
        yield return (
            "SettleMany\n批量结算", $"{many.SettledPerSecond:n0}/s{NotSettled(many)}",
            $"{many.Settings.Many} bills in each call, as a hospital makes up for an outage.",
            $"每次调用 {many.Settings.Many} 笔，用于医院断网后的补结算。");
        if (closed.Cost is not { } cost || many.Cost is not { } manyCost)
            yield break;
        yield return (
            "cost of one call\n单笔开销",
            $"{closed.Each(cost.Figures.Server):0} + {closed.Each(cost.Figures.Database):0} + "
            + $"{closed.Each(cost.Figures.Generator):0} µs\nin SettleMany {many.Each(manyCost.Figures.Server):0} + "
            + $"{many.Each(manyCost.Figures.Database):0} + {many.Each(manyCost.Figures.Generator):0.0} µs",
            "Processor time: server + PostgreSQL + this generator. The processors' time divided by it is the limit.",
            "处理器时间：服务 + PostgreSQL + 发压端；决定吞吐上限。");
        yield return (
            "facts in one commit\n每次提交条数",
            $"{cost.Batches.Mean:0.0} (half ≤ {cost.Batches.P50}, most {cost.Batches.Max})",
            "Bills that arrive together share one write to disk.", "同时到达的结算合并为一次落盘。");
        yield return (
            "write-ahead log of a settlement\n每笔日志量", $"{cost.Figures.WalBytesPerRow:n0} bytes",
            "What the disk must take for each.", "每笔结算需写入磁盘的字节数。");
        yield return (
            "stops for garbage collection\n内存回收停顿",
            $"{cost.Figures.GcPauses * 1_000:0} ms in {cost.Figures.Collections:0}, each ≤ "
            + $"{cost.Figures.Pauses.LongestAtMost * 1_000:0.#} ms",
            $"While {closed.Took.TotalSeconds:0} s of the first line were measured.", "首行测试期间服务的停顿总时长与单次上限。");
        yield return (
            "memory of the server\n服务内存", $"{manyCost.Figures.ResidentBytes >> 20} MiB",
            $"Resident, with {closed.Settings.Persons:n0} accounts in use.",
            $"常驻内存，{closed.Settings.Persons:n0} 个账户活跃。");
    }

    /// <summary>What was refused or not answered stands beside the figure, which would flatter without.</summary>
    static string NotSettled(MeasuredRun run) => run.Result.Refused.Count == 0 && run.GivenUp == 0 ? ""
        : "\nnot settled 未结算: " + string.Join(", ", [
            .. run.Result.Refused.Select(one => $"{one.Key} {one.Value:n0}"),
            .. run.GivenUp > 0 ? (string[])[$"never sent {run.GivenUp:n0}"] : []]);

    static string Times(MeasuredRun run) => string.Join(
        " · ", RunRows.Percentiles.Where(one => one.Name is "p50" or "p99" or "p99.9")
            .Select(one => $"{one.Name} {run.Result.Latency.At(one.Share) / 1_000.0:0.0} ms"));
}
