using SettlementGrid.Testbed;

namespace SettlementGrid.LoadTest;

/// <summary>One run from the roster to the audit.</summary>
public static class LoadRun
{
    /// <summary>True: every audited receipt was found and every repeated call answered equally.</summary>
    public static async Task<bool> RunAsync(
        LoadSettings settings, TimeProvider clock, Action<string> say, CancellationToken cancellation)
    {
        var began = clock.GetUtcNow();
        await using var own = settings.Server is null ? await RunningServer.StartAsync() : null;
        var address = settings.Server ?? own!.Place.Grpc;
        // Ids of their own, so that a server that has seen earlier runs can be measured again.
        var town = new Town($"L{began.ToUnixTimeSeconds():x}", settings.Seed, settings.Persons);
        var connections = Enumerable.Range(0, settings.Connections).Select(_ => new GrpcConnection(address)).ToList();
        try
        {
            say($"enrolling {settings.Persons:n0} persons on {address}");
            await town.EnrollAsync(connections[0], cancellation);
            say($"settling for {(settings.WarmUp + settings.Measured).TotalSeconds:0} s");
            var result = await new ClosedLoop(settings, town, connections).RunAsync(cancellation);
            var sample = Sample(result.Receipts, settings);
            say($"looking {sample.Count:n0} settlements up again");
            var differences = await new Audit(connections[0], town).FindAllAsync(sample);
            foreach (var difference in differences)
                say(difference);
            var report = new Report(settings, result, sample.Count, differences);
            report.Print();
            if (settings.Report is { } file)
                await report.WriteAsync(file, began);
            return differences.Count == 0 && result.RepeatedOtherwise == 0;
        }
        finally
        {
            connections.ForEach(connection => connection.Dispose());
        }
    }

    static List<Receipt> Sample(List<Receipt> receipts, LoadSettings settings)
    {
        if (receipts.Count <= settings.Audited)
            return receipts;
        var chosen = receipts.ToArray();
        new Random(settings.Seed).Shuffle(chosen);
        return [.. chosen.Take(settings.Audited)];
    }
}
