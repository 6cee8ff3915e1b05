namespace SettlementGrid.Regions.Following;

/// <summary>Checkpoints beside a ledger in memory: for tests, simulations and demonstrations that may forget.</summary>
public sealed class VolatileCheckpoints : ICheckpoints
{
    readonly Lock _lock = new();
    readonly SortedList<long, StoredCheckpoint> _all = [];

    public ValueTask<StoredCheckpoint?> Newest(long mark, CancellationToken cancellation)
    {
        lock (_lock)
            return new(_all.Values.LastOrDefault(c => c.Mark <= mark));
    }

    public ValueTask<long> NewestMark(long mark, CancellationToken cancellation)
    {
        lock (_lock)
            return new(_all.Keys.LastOrDefault(m => m <= mark));
    }

    public ValueTask<long?> NextMark(long mark, CancellationToken cancellation)
    {
        lock (_lock)
            return new(_all.Keys.Where(m => m > mark).Select(m => (long?)m).FirstOrDefault());
    }

    public ValueTask<bool> Write(StoredCheckpoint checkpoint, CancellationToken cancellation)
    {
        lock (_lock)
            return new(_all.TryAdd(checkpoint.Mark, checkpoint));
    }
}
