using System.Diagnostics;
using SettlementGrid.LoadTest.Load;
using SettlementGrid.LoadTest.Measuring;

namespace SettlementGrid.LoadTest.Overload;

/// <summary>
/// The knee, half of it, twice of it, half of it again, the knee once more as a control, and the audit. A bill that was
/// refused as OVERLOADED is expected not to be in the ledger: the audit counts it as never asked for.
/// </summary>
public static class OverloadRun
{
    /// <summary>
    /// True: everything acknowledged is in the ledger, nothing that was refused is, and the ledger verifies.
    /// </summary>
    public static async Task<bool> RunAsync(
        OverloadSettings settings, TimeProvider clock, Action<string> say, CancellationToken cancellation)
    {
        await using var site = await LoadSite.OpenAsync(settings.Load, clock, say, cancellation);
        OverloadFigures figures;
        await using (var connections =
            await ConnectionSet.OpenAsync(site.Address, settings.Load.Connections, cancellation))
        {
            var before = settings.Knee > 0
                ? null
                : await Measurement.RunAsync(site, settings.ForKnee, connections, cancellation);
            var knee = before?.SettledPerSecond ?? settings.Knee;
            say($"the knee is {knee:n0} a second");
            figures = await LoadAsync(site, settings, knee, connections, cancellation);
            var control = settings.ForKnee with { WarmUp = TimeSpan.FromSeconds(1) };
            figures = figures with
            {
                KneeBefore = before,
                KneeAfter = await Measurement.RunAsync(site, control, connections, cancellation),
            };
        }
        if (await site.AuditAsync(cancellation) is not { } audited)
            return false;
        await OverloadReport.PublishAsync(
            settings, figures, audited, await Machine.ReadAsync(site.Own, cancellation), site.Began);
        return true;
    }

    static async Task<OverloadFigures> LoadAsync(
        LoadSite site, OverloadSettings settings, double knee, ConnectionSet connections,
        CancellationToken cancellation)
    {
        var phases = settings.PhasesAt(knee);
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bounded.CancelAfter(phases.Aggregate(LoadLimits.FinishMax, (sum, phase) => sum + phase.Lasts));
        // Persons are drawn for the highest rate that is settled, not for the arrivals that are refused.
        var workload = site.WorkloadOf(settings.ForKnee);
        var states = connections.States(settings.Load.Seed);
        var began = Stopwatch.GetTimestamp() + Stopwatch.Frequency / 10;
        var timeline = new Timeline(phases, began);
        var callers = Enumerable.Range(0, states.Count * LoadLimits.InFlightPerConnectionMax)
            .Select(i => new OverloadCaller(workload, timeline, states[i % states.Count])).ToList();
        var loop = new PhasedLoop(workload, timeline, callers, settings.Load.Seed, settings.Retries);
        var door = DoorAsync(site, phases, began, bounded.Token);
        await loop.RunAsync(began, bounded.Token);
        var sum = new LoadResult(LoadLimits.ReceiptsMax);
        foreach (var state in states)
        {
            sum.Add(state.Result);
            if (state.Connection.Broken is { } broken)
                site.Say($"a connection broke: {broken.Message}");
        }
        site.Acknowledged.Add(sum);
        return new OverloadFigures(knee, timeline, await door, sum.Refused, loop.Retried);
    }

    /// <summary>What the server's door and the processors did in each phase.</summary>
    static async Task<IReadOnlyList<DoorFigures>> DoorAsync(
        LoadSite site, IReadOnlyList<Phase> phases, long began, CancellationToken cancellation)
    {
        var figures = new List<DoorFigures>();
        var ends = began;
        await UntilAsync(ends, cancellation);
        var last = await DoorFigures.ReadAsync(site.Own!, cancellation);
        foreach (var phase in phases)
        {
            site.Say($"{phase.Name}: {phase.Rate:n0} arrivals a second for {phase.Lasts.TotalSeconds:0} s");
            ends += (long)(phase.Lasts.TotalSeconds * Stopwatch.Frequency);
            await UntilAsync(ends, cancellation);
            var now = await DoorFigures.ReadAsync(site.Own!, cancellation);
            figures.Add(now - last);
            last = now;
        }
        return figures;
    }

    static async Task UntilAsync(long moment, CancellationToken cancellation)
    {
        var left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), moment);
        if (left > TimeSpan.Zero)
            await Task.Delay(left, cancellation);
    }
}
