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

    public PoolWait(TimeProvider clock)
    {
        _clock = clock;
        _wait = _meter.CreateHistogram(
            "api.pool_wait", "s", "From a request's headers read to the start of its call: the pool's queue, sampled.",
            advice: CallFigures.Short);
        _timer = clock.CreateTimer(static wait => ((PoolWait)wait!).Queue(), this, Period, Period);
    }

    public void Execute()
    {
        _wait.Record(_clock.GetElapsedTime(_queued).TotalSeconds);
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
            _queued = _clock.GetTimestamp();
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }
}
