using SettlementGrid.Enrollees;

namespace SettlementGrid.Regions.Following;

/// <summary>
/// Own commits on their way from the ledger's writers to the fold, by position. Bounded: where they come faster than
/// they are folded, or while the fold is far behind, they are dropped and read from the ledger instead. Thread-safe.
/// </summary>
sealed class OwnCommits
{
    readonly Lock _lock = new();
    readonly SortedList<long, IReadOnlyList<Entry>> _waiting = [];
    TaskCompletionSource _arrival = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int _entries;

    /// <summary>Completes when one arrives after this was asked for.</summary>
    public Task Arrival
    {
        get
        {
            lock (_lock)
                return _arrival.Task;
        }
    }

    public bool Any
    {
        get
        {
            lock (_lock)
                return _waiting.Count > 0;
        }
    }

    public void Add(long first, IReadOnlyList<Entry> entries)
    {
        TaskCompletionSource arrival;
        lock (_lock)
        {
            if (_entries + entries.Count > FundLimits.OwnEntriesMax)
            {
                _waiting.Clear();
                _entries = 0;
            }
            if (_waiting.TryAdd(first, entries))
                _entries += entries.Count;
            arrival = _arrival;
            _arrival = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        arrival.TrySetResult();
    }

    /// <summary>As if one had arrived: there is another reason to look.</summary>
    public void Wake()
    {
        TaskCompletionSource arrival;
        lock (_lock)
        {
            arrival = _arrival;
            _arrival = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        arrival.TrySetResult();
    }

    /// <summary>The commit that comes right after the mark; null: none of them does. Those before it are dropped.</summary>
    public (long First, IReadOnlyList<Entry> Entries)? TakeAfter(long mark)
    {
        lock (_lock)
        {
            while (_waiting.Count > 0 && _waiting.GetKeyAtIndex(0) is var first)
            {
                var entries = _waiting.GetValueAtIndex(0);
                if (first > mark + 1)
                    return null;
                _waiting.RemoveAt(0);
                _entries -= entries.Count;
                // A commit that a reading of the tail cut in two is taken whole: what is folded already is left out.
                if (first + entries.Count - 1 > mark)
                    return (first, entries);
            }
            return null;
        }
    }
}
