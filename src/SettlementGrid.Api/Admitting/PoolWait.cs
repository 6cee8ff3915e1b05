using System.Diagnostics.Metrics;

namespace SettlementGrid.Api;

/// <summary>
/// Measures what no call can measure of itself: how long it waits, its headers read, until a thread of the pool takes
/// it up. Kestrel queues each request there; this queues something of no weight behind them, a hundred times a second.
/// </summary>
internal sealed class PoolWait : IThreadPoolWorkItem, IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(10);

    private readonly Meter _meter = new("SettlementGrid.Api");
    private readonly TimeProvider _clock;
    private readonly Histogram<double> _wait;
    private readonly ITimer _timer;
    private long _queued;
    private int _waits;
    private long _least = long.MaxValue;

    public PoolWait(TimeProvider clock)
    {
        _clock = clock;
        _wait = _meter.CreateHistogram(
            "api.pool_wait", "s", "From a request's headers read to the start of its call: the pool's queue, sampled.",
            advice: CallFigures.Short);
        _timer = clock.CreateTimer(static wait => ((PoolWait)wait!).Queue(), this, Period, Period);
    }

    /// <summary>
    /// The shortest wait since this was asked last: a queue that was never shorter stands, and is no burst. Where none
    /// ended since then, as long as the one that waits has waited.
    /// </summary>
    public TimeSpan TakeLeast()
    {
        var least = Interlocked.Exchange(ref _least, long.MaxValue);
        return least != long.MaxValue ? new TimeSpan(least)
            : Volatile.Read(ref _waits) == 0 ? TimeSpan.Zero
            : _clock.GetElapsedTime(Volatile.Read(ref _queued));
    }

    public void Execute()
    {
        var waited = _clock.GetElapsedTime(_queued);
        _wait.Record(waited.TotalSeconds);
        if (waited.Ticks < Volatile.Read(ref _least))
        {
            Volatile.Write(ref _least, waited.Ticks);
        }

        Volatile.Write(ref _waits, 0);
    }

    public void Dispose()
    {
        _timer.Dispose();
        _meter.Dispose();
    }

    // One at a time: where the queue is longer than the period there is nothing more to learn from a second one.
    private void Queue()
    {
        if (Interlocked.Exchange(ref _waits, 1) == 0)
        {
            Volatile.Write(ref _queued, _clock.GetTimestamp());
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }
}
