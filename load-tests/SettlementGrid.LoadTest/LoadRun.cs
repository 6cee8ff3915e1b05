using System.Diagnostics;
using SettlementGrid.LoadTest.Load;
using SettlementGrid.LoadTest.Measuring;
using SettlementGrid.LoadTest.Wire;
using SettlementGrid.Testbed;

namespace SettlementGrid.LoadTest;

/// <summary>One run from the roster to the audit.</summary>
public static class LoadRun
{
    static readonly TimeSpan ProgressEvery = TimeSpan.FromSeconds(5);

    /// <summary>
    /// True: every acknowledged answer was found in the ledger with equal figures, every repeated call was answered
    /// equally, and the ledger verifies. Otherwise there is no result to show, only what differs.
    /// </summary>
    public static async Task<bool> RunAsync(
        LoadSettings settings, TimeProvider clock, Action<string> say, CancellationToken cancellation)
    {
        var began = clock.GetUtcNow();
        await using var own = settings.Server is null ? await RunningServer.StartAsync() : null;
        var address = settings.Server ?? own!.Place.Grpc;
        // Ids of their own, so that a server that has seen earlier runs can be measured again.
        var town = new Town($"L{began.ToUnixTimeMilliseconds():x}", settings.Seed, settings.Persons);
        var workload = new Workload(town, settings);
        using var audited = new GrpcConnection(address);
        say($"enrolling {settings.Persons:n0} persons on {address}");
        await town.EnrollAsync(audited, cancellation);
        say($"settling for {(settings.WarmUp + settings.Measured).TotalSeconds:0} s, "
            + (settings.IsOpen ? $"{settings.Rate:n0} arrivals a second" : $"{settings.InFlight} in flight"));
        var (result, cost, waited) = await LoadAsync(settings, workload, address, own, say, cancellation);

        say($"holding {result.Receipts.Count + result.Reversals.Count:n0} acknowledged facts against the ledger");
        var audit = new LoadAudit(audited, workload, result);
        // Facts may bear the times of their turns, a moment before they were asked for or after.
        var differences = await audit.RunAsync(
            began - TimeSpan.FromMinutes(1), clock.GetUtcNow() + TimeSpan.FromMinutes(1), cancellation);
        foreach (var difference in differences)
            say(difference);
        if (result.RepeatedOtherwise > 0)
            say($"{result.RepeatedOtherwise:n0} repeated calls were answered otherwise than the first time");
        var verified = own is null || await VerifiesAsync(own, say);
        if (differences.Count > 0 || result.RepeatedOtherwise > 0 || !verified)
        {
            say("NO RESULT: what the server acknowledged and what the ledger holds differ");
            return false;
        }
        var report = new Report(settings, result, audit.Found, verified && own is not null, cost, waited);
        report.Print();
        if (settings.Report is { } markdown)
            await report.WriteMarkdownAsync(markdown, began);
        if (settings.Json is { } json)
            await report.WriteJsonAsync(json, began);
        return true;
    }

    static async Task<(LoadResult Result, ServerFigures? Cost, int Waited)> LoadAsync(
        LoadSettings settings, Workload workload, Uri address, RunningServer? own, Action<string> say,
        CancellationToken cancellation)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bounded.CancelAfter(settings.WarmUp + settings.Measured + LoadLimits.FinishMax);
        var connections = new List<ConnectionState>();
        try
        {
            for (var i = 0; i < settings.Connections; i++)
                connections.Add(new ConnectionState(
                    await Http2Connection.OpenAsync(address, cancellation), unchecked(settings.Seed * 31 + i),
                    LoadLimits.ReceiptsMax / settings.Connections));
            var from = Stopwatch.GetTimestamp() + Ticks(settings.WarmUp);
            var load = new LoadState(workload, from, from + Ticks(settings.Measured));
            var costing = own is null ? null : CostAsync(own, settings, bounded.Token);
            var progress = ProgressAsync(load, connections, say, bounded.Token);
            var waited = 0;
            if (settings.IsOpen)
            {
                var lasts = settings.WarmUp + settings.Measured;
                var open = new OpenLoop(
                    load, connections, new Arrivals(settings.Rate, lasts, settings.Day, settings.Seed), settings.InFlight);
                await open.RunAsync(bounded.Token);
                waited = open.WaitingMax;
                if (open.GivenUp > 0)
                    say($"{open.GivenUp:n0} arrivals were given up: too many waited");
            }
            else
            {
                await new ClosedLoop(load, connections, settings.InFlight).RunAsync(bounded.Token);
            }
            await progress;
            var sum = new LoadResult(LoadLimits.ReceiptsMax);
            foreach (var connection in connections)
            {
                sum.Add(connection.Result);
                if (connection.Connection.Broken is { } broken)
                    say($"a connection broke: {broken.Message}");
            }
            return (sum, costing is null ? null : await costing, waited);
        }
        finally
        {
            foreach (var connection in connections)
                await connection.Connection.DisposeAsync();
        }
    }

    /// <summary>What the measured time cost, warm-up left out.</summary>
    static async Task<ServerFigures> CostAsync(RunningServer own, LoadSettings settings, CancellationToken cancellation)
    {
        await Task.Delay(settings.WarmUp, cancellation);
        var before = await ServerFigures.ReadAsync(own, cancellation);
        await Task.Delay(settings.Measured, cancellation);
        return await ServerFigures.ReadAsync(own, cancellation) - before;
    }

    static async Task ProgressAsync(
        LoadState load, List<ConnectionState> connections, Action<string> say, CancellationToken cancellation)
    {
        for (var last = 0L; Stopwatch.GetTimestamp() < load.MeasuredTo;)
        {
            var left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), load.MeasuredTo);
            await Task.Delay(left < ProgressEvery ? left : ProgressEvery, cancellation);
            var settled = connections.Sum(one =>
            {
                lock (one)
                    return (long)one.Result.Receipts.Count;
            });
            say($"  {settled:n0} settled (+{settled - last:n0})");
            last = settled;
        }
    }

    static async Task<bool> VerifiesAsync(RunningServer own, Action<string> say)
    {
        say("verifying the ledger");
        var verification = await own.RunCommandAsync("verify");
        if (!verification.Succeeded)
            say(verification.Output);
        return verification.Succeeded;
    }

    static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);
}
