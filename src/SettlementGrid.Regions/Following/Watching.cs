using System.Runtime.CompilerServices;

namespace SettlementGrid.Regions.Following;

/// <summary>How changes are given to one watcher.</summary>
static class Watching
{
    /// <summary>Ends with UNAVAILABLE where the fold's sums may not be given any more.</summary>
    public static async IAsyncEnumerable<FundReading> Changes(
        this LiveFold live, FundQuery query, long? after, TimeSpan heartbeat, TimeProvider clock,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        var (given, isFirst) = (after ?? -1, true);
        for (var last = clock.GetTimestamp(); !live.IsAstray;)
        {
            var moved = live.Moved;
            var now = live.Ask(fold => fold.Positions(query, given));
            if (isFirst || now.Positions.Count > 0 || clock.GetElapsedTime(last) >= heartbeat)
            {
                yield return new FundReading.Given(now);
                (isFirst, last) = (false, clock.GetTimestamp());
            }
            given = now.Mark;
            // What changes while it is not looked is given together, as it stands at the next look.
            await Task.Delay(FundLimits.WatchEvery, clock, cancellation);
            var quiet = heartbeat - clock.GetElapsedTime(last);
            if (quiet > TimeSpan.Zero)
                await moved.WaitAsync(quiet, clock, cancellation)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellation.ThrowIfCancellationRequested();
        }
        yield return FundReading.Unavailable();
    }
}
