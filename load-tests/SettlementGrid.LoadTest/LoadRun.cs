using SettlementGrid.LoadTest.Reporting;

namespace SettlementGrid.LoadTest;

/// <summary>One run from the roster to the audit.</summary>
public static class LoadRun
{
    /// <summary>
    /// True: every acknowledged answer was found in the ledger with equal figures, every repeated call was answered
    /// equally, and the ledger verifies. Otherwise there is no result to show, only what differs.
    /// </summary>
    public static async Task<bool> RunAsync(
        LoadSettings settings, TimeProvider clock, Action<string> say, CancellationToken cancellation)
    {
        await using var site = await LoadSite.OpenAsync(settings, clock, say, cancellation);
        await site.PrepareAsync(settings, cancellation);
        MeasuredRun run;
        await using (var connections = await ConnectionSet.OpenAsync(site.Address, settings.Connections, cancellation))
            run = await Measurement.RunAsync(site, settings, connections, cancellation);
        if (await site.AuditAsync(cancellation) is not { } audited)
            return false;
        var report = new Report(run.Title);
        RunRows.Add(report, run);
        RunRows.AddDay(report, run);
        RunRows.AddEnd(report, audited, await Measuring.Machine.ReadAsync(site.Own, cancellation));
        await report.PublishAsync(settings, site.Began);
        return true;
    }
}
