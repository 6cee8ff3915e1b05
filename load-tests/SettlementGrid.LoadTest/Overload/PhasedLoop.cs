using System.Collections.Concurrent;
using System.Diagnostics;
using SettlementGrid.LoadTest.Load;
using SettlementGrid.LoadTest.Wire;

namespace SettlementGrid.LoadTest.Overload;

/// <summary>
/// Poisson arrivals through phases of different rates without a pause between them. An arrival waits here only where
/// every stream of every connection is taken, and is given up after the time that a hospital waits.
/// </summary>
public sealed class PhasedLoop(
    Workload workload, Timeline timeline, IReadOnlyList<OverloadCaller> callers, int seed, bool retries)
{
    // A crowd of due calls begins to be sent before all of it is written.
    const int PieceMax = 64;

    static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    readonly ConcurrentQueue<Arrival> _due = new();
    readonly ConcurrentStack<OverloadCaller> _free = new();
    readonly PriorityQueue<Arrival, long> _again = new();
    readonly Random _draw = new(seed);
    readonly IReadOnlyList<Http2Connection> _connections = [.. callers.Select(one => one.Of.Connection).Distinct()];

    /// <summary>Bills that were sent again after a refusal.</summary>
    public long Retried { get; private set; }

    /// <summary>Returns when the last phase is over and the last call has ended.</summary>
    /// <param name="began">When the first phase begins, in ticks.</param>
    public async Task RunAsync(long began, CancellationToken cancellation)
    {
        foreach (var caller in callers)
        {
            caller.OnFree = _ => Free(caller);
            _free.Push(caller);
        }
        await Task.Factory.StartNew(
            () => Pace(began, cancellation), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        while (_free.Count < callers.Count || !_due.IsEmpty)
        {
            Dispatch();
            await Task.Delay(Tick, cancellation);
        }
    }

    void Pace(long began, CancellationToken cancellation)
    {
        foreach (var phase in timeline.Phases)
        {
            var ends = began + (long)(phase.Lasts.TotalSeconds * Stopwatch.Frequency);
            var arrivals = new Arrivals(phase.Rate, phase.Lasts, day: false, _draw.Next());
            for (var next = began + arrivals.Next(); Stopwatch.GetTimestamp() is var now && now < ends;)
            {
                cancellation.ThrowIfCancellationRequested();
                for (; next <= now && next < ends; next = began + arrivals.Next())
                {
                    timeline.Arrive(next);
                    _due.Enqueue(new Arrival(workload.NextNumber(), 0, next));
                }
                TakeRetries(now);
                Dispatch();
                // A millisecond late is the price of not burning the processor that the server works on.
                Thread.Sleep(Tick);
            }
            began = ends;
        }
    }

    void Free(OverloadCaller caller)
    {
        if (retries && caller is { WasRefused: true, Last: var refused } && refused.Attempt < LoadLimits.RetriesMax)
        {
            lock (_again)
            {
                // Twice as late each time, and never all at the same moment.
                var pause = (1 << refused.Attempt) * (0.5 + _draw.NextDouble());
                var due = Stopwatch.GetTimestamp() + (long)(pause * Stopwatch.Frequency);
                _again.Enqueue(new Arrival(refused.Number, refused.Attempt + 1, due), due);
            }
        }
        _free.Push(caller);
    }

    void TakeRetries(long now)
    {
        lock (_again)
        {
            while (_again.TryPeek(out var arrival, out var due) && due <= now)
            {
                _again.Dequeue();
                _due.Enqueue(arrival);
                Retried++;
            }
        }
    }

    /// <summary>
    /// What is due at one moment goes as one piece on each connection, as HTTP/2 clients do it: sending every call
    /// alone cost the processors, which the server shares.
    /// </summary>
    void Dispatch()
    {
        for (var sent = 0; TryDispatchNext(); sent++)
            if (sent % PieceMax == PieceMax - 1)
                Flush();
        Flush();
    }

    bool TryDispatchNext()
    {
        if (!_due.TryPeek(out var arrival) || !_free.TryPop(out var caller))
            return false;
        // One thread takes from the queue at any time: the pacing one, then the one that waits for the end.
        if (Stopwatch.GetElapsedTime(arrival.Since) > LoadLimits.CallerPatience)
        {
            timeline.GiveUp(arrival.Since);
            _free.Push(caller);
        }
        else if (!caller.TrySend(arrival))
        {
            _free.Push(caller);
            return caller.Of.Connection.Broken is { } broken
                ? throw new IOException("A connection broke under load.", broken)
                : false;
        }
        _due.TryDequeue(out _);
        return true;
    }

    void Flush()
    {
        foreach (var connection in _connections)
            connection.Flush();
    }
}
