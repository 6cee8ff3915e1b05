using System.Diagnostics;

namespace SettlementGrid.Testbed.Calling;

/// <summary>
/// Whom a hospital that knows several servers asks: each bill begins at another one, goes on to the next in turn, and
/// passes by those that lately gave no answer unless there is no other. Thread-safe.
/// </summary>
sealed class ServerChoice(int servers, TimeSpan awayFor)
{
    // Ticks of the clock until which a server is left alone; 0: it is asked.
    readonly long[] _awayUntil = new long[servers];

    public int For(int number, int tries)
    {
        var now = Stopwatch.GetTimestamp();
        for (var i = 0; i < servers; i++)
        {
            var server = (int)(((uint)number + (uint)tries + (uint)i) % (uint)servers);
            if (Volatile.Read(ref _awayUntil[server]) <= now)
                return server;
        }
        return (int)(((uint)number + (uint)tries) % (uint)servers);
    }

    public void GaveNoAnswer(int server) => Volatile.Write(
        ref _awayUntil[server],
        awayFor == Timeout.InfiniteTimeSpan
            ? long.MaxValue
            : Stopwatch.GetTimestamp() + (long)(awayFor.TotalSeconds * Stopwatch.Frequency));

    public void AllBack() => Array.Clear(_awayUntil);
}
