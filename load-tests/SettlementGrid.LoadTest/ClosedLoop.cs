using System.Diagnostics;
using SettlementGrid.Testbed;

namespace SettlementGrid.LoadTest;

/// <summary>
/// A fixed number of callers, each sending its next bill when the last one is answered. It finds the rate a server
/// sustains at that concurrency. Its latencies are those of this rate: a slow server is asked less, so they say
/// nothing about a given arrival rate (coordinated omission).
/// </summary>
public sealed class ClosedLoop(LoadSettings settings, Town town, IReadOnlyList<GrpcConnection> connections)
{
    int _lastNumber;
    long _measuredFrom;
    long _measuredTo;

    /// <summary>Runs warm-up and measured time, and returns when the last call is answered.</summary>
    public async Task<LoadResult> RunAsync(CancellationToken cancellation)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bounded.CancelAfter(settings.WarmUp + settings.Measured + LoadLimits.FinishMax);
        _measuredFrom = Stopwatch.GetTimestamp() + Ticks(settings.WarmUp);
        _measuredTo = _measuredFrom + Ticks(settings.Measured);
        var workers = Enumerable.Range(0, settings.InFlight).Select(worker => Task.Run(
            () => WorkAsync(worker, connections[worker % connections.Count], bounded.Token), bounded.Token));
        var sum = new LoadResult();
        foreach (var result in await Task.WhenAll(workers))
            sum.Add(result);
        return sum;
    }

    async Task<LoadResult> WorkAsync(int worker, GrpcConnection connection, CancellationToken cancellation)
    {
        var result = new LoadResult();
        var draw = new Random(unchecked(settings.Seed * 31 + worker));
        var receiptsMax = LoadLimits.ReceiptsMax / settings.InFlight;
        while (Stopwatch.GetTimestamp() is var since && since < _measuredTo && result.Receipts.Count < receiptsMax)
        {
            Receipt? first = result.Receipts.Count > 0 && draw.Next(100) < settings.DuplicatePercent
                ? result.Receipts[draw.Next(result.Receipts.Count)]
                : null;
            var number = first?.Number ?? Interlocked.Increment(ref _lastNumber);
            var answer = await connection.CallAsync(GrpcMethods.Settle, town.Bill(number), cancellation);
            var now = Stopwatch.GetTimestamp();
            var counts = now >= _measuredFrom && now < _measuredTo;
            if (counts)
                result.Latency.Add((long)Stopwatch.GetElapsedTime(since, now).TotalMicroseconds);
            if (answer.Response is not { } settlement)
                result.Refuse(answer.Reason ?? answer.Status?.ToString() ?? "CONNECTION_LOST");
            else
                Keep(result, Receipt.Of(number, settlement), first, counts);
        }
        return result;
    }

    static void Keep(LoadResult result, Receipt receipt, Receipt? first, bool counts)
    {
        if (first is null)
        {
            result.Receipts.Add(receipt);
            result.Settled += counts ? 1 : 0;
        }
        else if (receipt == first)
        {
            result.Repeated += counts ? 1 : 0;
        }
        else
        {
            result.RepeatedOtherwise++;
        }
    }

    static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);
}
