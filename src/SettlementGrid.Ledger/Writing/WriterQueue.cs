using SettlementGrid.Enrollees;

namespace SettlementGrid.Ledger.Writing;

/// <summary>
/// What waits for the writers, first come first served, bounded by rows. A commit costs PostgreSQL as much as 15 rows
/// and the writer half as much again, so few large batches are cheaper than many small ones: one batch gathers while
/// another is under way, and a second sets out beside it only when <see cref="LedgerLimits.SecondBatchRows"/> wait.
/// While there is company, batches set out <see cref="LedgerLimits.Pace"/> apart; whoever comes alone never waits.
/// Two appends that are under way never touch the same stream, request key or encounter place: the later one waits,
/// so that what happens to the first cannot break the second's chain.
/// </summary>
sealed class WriterQueue : IDisposable
{
    readonly TimeProvider _clock;
    readonly ITimer _pace;
    readonly Lock _lock = new();
    readonly LinkedList<Pending> _waiting = new();
    readonly List<List<Pending>> _underWay = new(LedgerLimits.Writers);
    readonly SemaphoreSlim _some = new(0, 1);
    readonly HashSet<StreamKey> _streams = [];
    readonly HashSet<Guid> _keys = [];
    int _rows;
    int _lastRows;
    long _lastSetOut;
    bool _closed;

    public WriterQueue(TimeProvider clock)
    {
        _clock = clock;
        _pace = clock.CreateTimer(
            static queue => ((WriterQueue)queue!).PaceIsOver(), this,
            Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public int Rows => Volatile.Read(ref _rows);

    /// <summary>False: full, or closed.</summary>
    public bool TryAdd(Pending append)
    {
        lock (_lock)
        {
            if (_closed || _rows > 0 && _rows + append.Rows > LedgerLimits.QueuedRowsMax)
                return false;
            var before = _rows;
            _rows += append.Rows;
            _waiting.AddLast(append);
            // Only who changes what a writer does wakes one: a wake-up costs more than the rest of this method.
            if (before == 0 && _underWay.Count == 0
                || before < LedgerLimits.SecondBatchRows && _rows >= LedgerLimits.SecondBatchRows)
                Signal();
        }
        return true;
    }

    /// <summary>
    /// The next batch, under way until it is <see cref="Done"/>; empty: the queue is closed and nothing waits.
    /// </summary>
    public async Task<List<Pending>> Take()
    {
        while (true)
        {
            lock (_lock)
            {
                var wait = TimeToSetOut();
                var batch = wait == TimeSpan.Zero ? TakeWaiting() : [];
                if (batch.Count > 0)
                    SetOut(batch);
                var ended = _closed && _waiting.Count == 0;
                // One signal wakes one writer; the others are woken by it.
                if (ended || batch.Count > 0 && _rows >= LedgerLimits.SecondBatchRows)
                    Signal();
                if (ended || batch.Count > 0)
                    return batch;
                if (wait > TimeSpan.Zero)
                    _pace.Change(wait, Timeout.InfiniteTimeSpan);
            }
            // Where all that waits touches what is under way, only the end of that changes it.
            await _some.WaitAsync();
        }
    }

    /// <summary>A batch has its end; whoever calls this goes on to take the next.</summary>
    public void Done(List<Pending> batch)
    {
        lock (_lock)
            _underWay.Remove(batch);
    }

    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            Signal();
        }
    }

    public void Dispose()
    {
        _pace.Dispose();
        _some.Dispose();
    }

    void PaceIsOver()
    {
        lock (_lock)
        {
            if (!_closed)
                Signal();
        }
    }

    void Signal()
    {
        if (_some.CurrentCount == 0)
            _some.Release();
    }

    /// <summary>Zero: now. Infinite: when something changes.</summary>
    TimeSpan TimeToSetOut()
    {
        if (_rows >= LedgerLimits.SecondBatchRows)
            return TimeSpan.Zero;
        if (_underWay.Count > 0 || _waiting.Count == 0)
            return Timeout.InfiniteTimeSpan;
        if (_closed || _lastRows < LedgerLimits.CompanyRows)
            return TimeSpan.Zero;
        var left = LedgerLimits.Pace - _clock.GetElapsedTime(_lastSetOut);
        // A timer counts whole milliseconds: it would not wait for a part of one.
        return left >= TimeSpan.FromMilliseconds(1) ? left : TimeSpan.Zero;
    }

    void SetOut(List<Pending> batch)
    {
        _underWay.Add(batch);
        _lastRows = batch.Sum(append => append.Rows);
        _lastSetOut = _clock.GetTimestamp();
    }

    List<Pending> TakeWaiting()
    {
        var batch = new List<Pending>();
        var rows = 0;
        _streams.Clear();
        _keys.Clear();
        foreach (var underWay in _underWay)
            foreach (var append in underWay)
                Note(append);
        for (var node = _waiting.First; node is not null;)
        {
            var (append, here) = (node.Value, node);
            // A catalog change stands alone: what else was decided in that moment is decided before or after it.
            if (batch.Count > 0 && (append.Raises > 0 || rows + append.Rows > LedgerLimits.BatchRowsMax))
                break;
            node = node.Next;
            if (Touches(append))
            {
                Note(append);
                continue;
            }
            _waiting.Remove(here);
            _rows -= append.Rows;
            // Whose caller gave up is not noted: what waits behind it would wait for nothing, and nobody would wake it.
            if (!append.TryTake())
                continue;
            Note(append);
            batch.Add(append);
            rows += append.Rows;
            if (append.Raises > 0)
                break;
        }
        return batch;
    }

    /// <summary>Whether an append before it, under way, taken or waiting, touches what it touches.</summary>
    bool Touches(Pending append)
    {
        var touches = false;
        foreach (ref readonly var row in append.Columns.AsSpan())
        {
            touches |= _streams.Contains(row.Entry.Stream)
                || row.Settlement is { } id && _keys.Contains(id)
                || row.Place is { } place && _keys.Contains(place);
        }
        return touches;
    }

    void Note(Pending append)
    {
        foreach (ref readonly var row in append.Columns.AsSpan())
        {
            _streams.Add(row.Entry.Stream);
            if (row.Settlement is { } id)
                _keys.Add(id);
            if (row.Place is { } place)
                _keys.Add(place);
        }
    }
}
