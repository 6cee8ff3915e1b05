using System.Collections.Concurrent;
using System.Diagnostics;

namespace SettlementGrid.LoadTest.Load;

/// <summary>
/// Calls arrive when patients are discharged, not when the server is ready: Poisson arrivals at a rate, or along the
/// curve of a hospital day. A call's time counts from its intended start, so that what waits because the server or this
/// generator is late is counted as waiting (no coordinated omission).
/// </summary>
public sealed class OpenLoop(MeasuredTime time, IReadOnlyList<LoadCaller> callers, Arrivals arrivals)
{
    static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    readonly ConcurrentQueue<long> _due = new();
    readonly ConcurrentStack<LoadCaller> _free = new();
    int _waitingMax;

    /// <summary>
    /// The most that waited here for a free caller: the server refused to take more, or the generator lagged.
    /// </summary>
    public int WaitingMax => _waitingMax;

    /// <summary>Arrivals that were given up, because too many waited.</summary>
    public long GivenUp { get; private set; }

    /// <summary>Returns when the measured time is over and the last call has ended.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        foreach (var caller in callers)
        {
            caller.OnFree = _free.Push;
            _free.Push(caller);
        }
        var pacing = Task.Factory.StartNew(
            () => Pace(cancellation), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await pacing;
        while (_free.Count < callers.Count || !_due.IsEmpty)
        {
            Dispatch();
            await Task.Delay(Tick, cancellation);
        }
    }

    void Pace(CancellationToken cancellation)
    {
        var begin = Stopwatch.GetTimestamp();
        var next = begin + arrivals.Next();
        while (next < time.To)
        {
            cancellation.ThrowIfCancellationRequested();
            for (var now = Stopwatch.GetTimestamp(); next <= now && next < time.To; next = begin + arrivals.Next())
                Arrive(next);
            Dispatch();
            // A millisecond late is the price of not burning the processor that the server works on.
            Thread.Sleep(Tick);
        }
    }

    void Arrive(long intended)
    {
        if (_due.Count >= LoadLimits.WaitingMax)
            GivenUp++;
        else
            _due.Enqueue(intended);
        _waitingMax = Math.Max(_waitingMax, _due.Count);
    }

    void Dispatch()
    {
        while (_due.TryPeek(out var intended) && _free.TryPop(out var caller))
        {
            // One thread takes from the queue at any time: the pacing one, then the one that waits for the end.
            if (!caller.TryBegin(intended))
            {
                _free.Push(caller);
                if (caller.Of.Connection.Broken is { } broken)
                    throw new IOException("A connection broke under load.", broken);
                if (time.EndedEarly)
                    _due.Clear();
                return;
            }
            _due.TryDequeue(out _);
        }
    }
}
