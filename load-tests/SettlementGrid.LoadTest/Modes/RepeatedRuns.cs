using SettlementGrid.LoadTest.Controls;
using SettlementGrid.LoadTest.Measuring;
using SettlementGrid.LoadTest.Reporting;

namespace SettlementGrid.LoadTest.Modes;

/// <summary>
/// The same run several times on one site, each right after two controls that settle nothing: an echo over the run's
/// own connections and small commits on the server's own cluster. Its figures are medians. A run before which a control
/// differed more than twofold from the controls' median met another machine: it is shown, does not count, and another
/// one is made, within a bound.
/// </summary>
public static class RepeatedRuns
{
    public static async Task<bool> RunAsync(
        LoadSettings settings, TimeProvider clock, Action<string> say, CancellationToken cancellation)
    {
        await using var site = await LoadSite.OpenAsync(settings, clock, say, cancellation);
        var commits = site.Own is null ? null : await CommitControl.OpenAsync(site.Own, cancellation);
        await using (commits)
        {
            var rounds = new List<Round>();
            var roundsMax = settings.Repeat + LoadLimits.RepeatedRunsMax;
            while (Steady(rounds).Count < settings.Repeat && rounds.Count < roundsMax)
            {
                say(rounds.Count < settings.Repeat
                    ? $"run {rounds.Count + 1} of {settings.Repeat}, its controls first"
                    : $"run {rounds.Count + 1}, because a control differed twofold; its controls first");
                rounds.Add(await RoundAsync(site, settings, commits, cancellation));
            }
            if (await site.AuditAsync(cancellation) is not { } audited)
                return false;
            var report = ReportOf(settings, rounds, commits?.By);
            RunRows.AddEnd(report, audited, await Machine.ReadAsync(site.Own, cancellation));
            await report.PublishAsync(settings, site.Began);
            return true;
        }
    }

    /// <summary>The rounds whose controls lie within twofold of all controls' median.</summary>
    public static IReadOnlyList<Round> Steady(IReadOnlyList<Round> rounds)
    {
        if (rounds.Count == 0)
            return rounds;
        var (echo, commit) = (Medians.Of(rounds, one => one.EchoMs), Medians.Of(rounds, one => one.CommitMs));
        return [.. rounds.Where(one => IsNear(one.EchoMs, echo) && IsNear(one.CommitMs, commit))];

        static bool IsNear(double one, double median) => one <= 2 * median && 2 * one >= median;
    }

    static async Task<Round> RoundAsync(
        LoadSite site, LoadSettings settings, CommitControl? commits, CancellationToken cancellation)
    {
        await site.PrepareAsync(settings, cancellation);
        await using var connections = await ConnectionSet.OpenAsync(site.Address, settings.Connections, cancellation);
        var commit = commits is null ? 0 : await commits.RunAsync(cancellation);
        var echo = await EchoControl.RunAsync(connections, settings, cancellation);
        return new Round(
            echo.At(LoadLimits.ControlShare) / 1_000.0, commit,
            await Measurement.RunAsync(site, settings, connections, cancellation));
    }

    static Report ReportOf(LoadSettings settings, List<Round> rounds, string? commitBy)
    {
        var steady = Steady(rounds);
        var report = new Report($"{rounds[0].Run.Title}, median of {steady.Count} runs");
        RunRows.AddSettings(report, rounds[0].Run);
        report.Add("settlements per second", $"{Medians.Of(steady, one => one.Run.SettledPerSecond):n0}",
            Medians.Of(steady, one => one.Run.SettledPerSecond));
        foreach (var (name, share) in RunRows.Percentiles)
            report.AddMilliseconds(name, (long)Medians.Of(steady, one => one.Run.Result.Latency.At(share)));
        report.Add($"control: echo, p{LoadLimits.ControlShare * 100:0}",
            $"{Medians.Of(rounds, one => one.EchoMs):0.00} ms", Medians.Of(rounds, one => one.EchoMs));
        report.Add("control: a small commit by " + (commitBy ?? "nobody: the server is not this program's"),
            $"{Medians.Of(rounds, one => one.CommitMs):0.00} ms", Medians.Of(rounds, one => one.CommitMs));
        var passed = rounds.Count - steady.Count;
        report.Add("runs", $"{rounds.Count}, of which {passed} do not count because a control differed twofold"
            + (steady.Count < settings.Repeat ? $"; {settings.Repeat} were wanted, the machine was not steady" : ""),
            new { Made = rounds.Count, Counted = steady.Count, Wanted = settings.Repeat });
        report.AddTable(
            "Every run", ["run", "echo · commit, ms", .. RunRows.LineColumns],
            [.. rounds.Select((one, i) => (string[])[
                $"{i + 1}{(steady.Contains(one) ? "" : ", not counted")}", $"{one.EchoMs:0.00} · {one.CommitMs:0.00}",
                .. RunRows.Line(one.Run)])],
            rounds.Select(one => new
            {
                one.EchoMs, one.CommitMs, Counts = steady.Contains(one), Figures = RunRows.LineFigures(one.Run),
            }));
        return report;
    }
}

/// <summary>One run and its controls before.</summary>
/// <param name="CommitMs">0: there was no such control.</param>
public sealed record Round(double EchoMs, double CommitMs, MeasuredRun Run);
