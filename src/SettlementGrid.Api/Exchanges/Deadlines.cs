using System.Collections.Concurrent;

namespace SettlementGrid.Api;

/// <summary>
/// The sources that end calls at their deadlines. One that nothing has cancelled serves the next call, with its timer
/// and what holds its registrations: hardly a call runs into its deadline, and making these anew took a tenth of what
/// the wire itself left to the collector. Safe from any thread.
/// </summary>
internal sealed class Deadlines(TimeProvider clock)
{
    private readonly ConcurrentQueue<CancellationTokenSource> _kept = new();

    /// <summary>A source that is cancelled after so long, to <see cref="Leave"/> when the call has ended.</summary>
    public CancellationTokenSource Begin(TimeSpan after)
    {
        if (!_kept.TryDequeue(out var source))
        {
            return new CancellationTokenSource(after, clock);
        }

        source.CancelAfter(after);
        return source;
    }

    /// <summary>
    /// Takes the source back. Nobody may cancel it any more or register with its token; whoever still is registered is
    /// forgotten.
    /// </summary>
    public void Leave(CancellationTokenSource source)
    {
        // False also where the timer has fired but not yet cancelled: such a source is not given to anybody else.
        if (_kept.Count < ApiLimits.DeadlinesKeptMax && source.TryReset())
        {
            _kept.Enqueue(source);
        }
        else
        {
            source.Dispose();
        }
    }
}
