using System.Diagnostics;

namespace SettlementGrid.LoadTest.Load;

/// <summary>
/// A fixed number of callers, each sending its next call when the last one is answered. It finds the rate a server
/// sustains at that concurrency. Its latencies are those of this rate: a slow server is asked less, so they say
/// nothing about a given arrival rate (coordinated omission).
/// </summary>
public sealed class ClosedLoop(MeasuredTime time, IReadOnlyList<LoadCaller> callers)
{
    readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int _working;

    /// <summary>Returns when the measured time is over and the last call has ended.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        _working = callers.Count;
        foreach (var caller in callers)
        {
            caller.OnFree = Next;
            Next(caller);
        }
        await _over.Task.WaitAsync(cancellation);
    }

    void Next(LoadCaller caller)
    {
        var now = Stopwatch.GetTimestamp();
        if (now < time.To && !caller.Of.Result.IsFull && caller.TryBegin(now))
            return;
        if (Interlocked.Decrement(ref _working) == 0)
            _over.SetResult();
    }
}
