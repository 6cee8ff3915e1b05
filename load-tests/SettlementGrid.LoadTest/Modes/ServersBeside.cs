using SettlementGrid.LoadTest.Measuring;
using SettlementGrid.LoadTest.Reporting;
using SettlementGrid.Testbed;

namespace SettlementGrid.LoadTest.Modes;

/// <summary>
/// One server beside several on the same database, in rounds that alternate: the same load over the same number of
/// connections, all to the first server, then dealt out to all of them. Where the rounds differ is what a further
/// server gains or costs here; all of them share this machine with the database and the generator.
/// </summary>
public static class ServersBeside
{
    /// <summary>Rounds of each kind: a median needs three.</summary>
    const int RoundsMin = 3;

    public static async Task<bool> RunAsync(
        LoadSettings settings, TimeProvider clock, Action<string> say, CancellationToken cancellation)
    {
        await using var site = await LoadSite.OpenAsync(settings, clock, say, cancellation);
        var beside = new List<RunningServer>();
        try
        {
            while (beside.Count + 1 < settings.Servers)
                beside.Add(await RunningServer.StartAsync(site.Own!.Place.Beside()));
            Uri[] one = [site.Address];
            Uri[] all = [site.Address, .. beside.Select(server => server.Place.Grpc)];
            await site.PrepareAsync(settings, cancellation);
            var (alone, together) = (new List<MeasuredRun>(), new List<MeasuredRun>());
            for (var round = 1; round <= Math.Max(RoundsMin, settings.Repeat); round++)
            {
                say($"round {round}: one server, then {all.Length}");
                alone.Add(await MeasureAsync(site, settings, one, cancellation));
                together.Add(await MeasureAsync(site, settings, all, cancellation));
            }
            if (await site.AuditAsync(cancellation) is not { } audited)
                return false;
            var report = ReportOf(alone, together, all.Length);
            RunRows.AddEnd(report, audited, await Machine.ReadAsync(site.Own, cancellation));
            await report.PublishAsync(settings, site.Began);
            return true;
        }
        finally
        {
            foreach (var server in beside)
                await server.DisposeAsync();
        }
    }

    static async Task<MeasuredRun> MeasureAsync(
        LoadSite site, LoadSettings settings, IReadOnlyList<Uri> addresses, CancellationToken cancellation)
    {
        await using var connections = await ConnectionSet.OpenAsync(addresses, settings.Connections, cancellation);
        return await Measurement.RunAsync(site, settings, connections, cancellation);
    }

    static Report ReportOf(List<MeasuredRun> alone, List<MeasuredRun> together, int servers)
    {
        var report = new Report($"{alone[0].Title}: one server beside {servers} on one database");
        RunRows.AddSettings(report, alone[0]);
        Add(report, "one server", alone);
        Add(report, $"{servers} servers", together);
        var ratio = Medians.Of(together, run => run.SettledPerSecond) / Medians.Of(alone, run => run.SettledPerSecond);
        report.Add($"{servers} servers to one", $"{ratio:0.00}", ratio);
        return report;
    }

    static void Add(Report report, string who, List<MeasuredRun> runs)
    {
        var median = Medians.Of(runs, run => run.SettledPerSecond);
        var each = string.Join(" · ", runs.Select(run => $"{run.SettledPerSecond:n0}"));
        report.Add($"{who}, settlements per second", $"{median:n0} (median of {each})", median);
        foreach (var (name, share) in RunRows.Percentiles)
            report.AddMilliseconds($"{who}, {name}", (long)Medians.Of(runs, run => run.Result.Latency.At(share)));
    }
}
