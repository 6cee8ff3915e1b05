using SettlementGrid.Enrollees;

namespace SettlementGrid.Ledger.Writing;

/// <summary>
/// What waits for one writer, first come first served, bounded by rows. Takes as many as one batch may hold, never
/// waiting for more than the first. Two appends of one batch never touch the same stream, request key or encounter
/// place: the later one waits for the next batch, so that what happens to the first cannot break the second's chain.
/// </summary>
sealed class WriterQueue : IDisposable
{
    readonly Lock _lock = new();
    readonly LinkedList<Pending> _waiting = new();
    readonly SemaphoreSlim _some = new(0, 1);
    readonly HashSet<StreamKey> _streams = [];
    readonly HashSet<Guid> _keys = [];
    int _rows;
    bool _closed;

    public int Rows => Volatile.Read(ref _rows);

    /// <summary>False: full, or closed.</summary>
    public bool TryAdd(Pending append)
    {
        lock (_lock)
        {
            if (_closed || _rows > 0 && _rows + append.Rows > LedgerLimits.QueuedRowsMax)
                return false;
            _rows += append.Rows;
            _waiting.AddLast(append);
            Signal();
        }
        return true;
    }

    /// <summary>The next batch; empty: the queue is closed and nothing waits.</summary>
    public async Task<List<Pending>> Take()
    {
        while (true)
        {
            lock (_lock)
            {
                var batch = TakeWaiting();
                if (batch.Count > 0 || _closed && _waiting.Count == 0)
                    return batch;
            }
            await _some.WaitAsync();
        }
    }

    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            Signal();
        }
    }

    public void Dispose() => _some.Dispose();

    void Signal()
    {
        if (_some.CurrentCount == 0)
            _some.Release();
    }

    List<Pending> TakeWaiting()
    {
        var batch = new List<Pending>();
        var rows = 0;
        _streams.Clear();
        _keys.Clear();
        for (var node = _waiting.First; node is not null;)
        {
            var (append, here) = (node.Value, node);
            // A catalog change stands alone: what else was decided in that moment is decided before or after it.
            if (batch.Count > 0 && (append.Raises > 0 || rows + append.Rows > LedgerLimits.BatchRowsMax))
                break;
            node = node.Next;
            if (Touches(append))
                continue;
            _waiting.Remove(here);
            _rows -= append.Rows;
            if (!append.TryTake())
                continue;
            batch.Add(append);
            rows += append.Rows;
            if (append.Raises > 0)
                break;
        }
        return batch;
    }

    /// <summary>
    /// Whether an append before it in this batch, taken or waiting, touches what it touches; notes what it touches.
    /// </summary>
    bool Touches(Pending append)
    {
        var touches = false;
        foreach (ref readonly var row in append.Columns.AsSpan())
        {
            touches |= _streams.Contains(row.Entry.Stream)
                || row.Settlement is { } id && _keys.Contains(id)
                || row.Place is { } place && _keys.Contains(place);
        }
        foreach (ref readonly var row in append.Columns.AsSpan())
        {
            _streams.Add(row.Entry.Stream);
            if (row.Settlement is { } id)
                _keys.Add(id);
            if (row.Place is { } place)
                _keys.Add(place);
        }
        return touches;
    }
}
