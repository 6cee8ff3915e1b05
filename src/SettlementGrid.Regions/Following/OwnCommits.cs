using SettlementGrid.Enrollees;

namespace SettlementGrid.Regions.Following;

/// <summary>
/// Own commits on their way from the ledger's writers to the fold, by position. Bounded: where they come faster than
/// they are folded, or while the fold is far behind, they are dropped and read from the ledger instead. Only the bodies
/// are kept: they lie in one piece, and everything around them may go at once. Thread-safe.
/// </summary>
sealed class OwnCommits
{
    readonly Lock _lock = new();
    readonly SortedList<long, byte[][]> _waiting = [];
    readonly Pulse _arrival = new();
    int _entries;

    /// <summary>Completes when one arrives after this was asked for.</summary>
    public Task Arrival => _arrival.Next;

    /// <summary>Whether the first that waits is not the one right after the mark.</summary>
    public bool IsGapAfter(long mark)
    {
        lock (_lock)
            return _waiting.Count > 0 && _waiting.GetKeyAtIndex(0) > mark + 1;
    }

    public void Add(long first, IReadOnlyList<Entry> entries)
    {
        var bodies = new byte[entries.Count][];
        for (var i = 0; i < bodies.Length; i++)
            bodies[i] = entries[i].Body;
        lock (_lock)
        {
            if (_entries + bodies.Length > FundLimits.OwnEntriesMax)
            {
                _waiting.Clear();
                _entries = 0;
            }
            if (_waiting.TryAdd(first, bodies))
                _entries += bodies.Length;
        }
        _arrival.Beat();
    }

    /// <summary>
    /// The commit that comes right after the mark; null: none of them does. Those before it are dropped.
    /// </summary>
    public (long First, byte[][] Bodies)? TakeAfter(long mark)
    {
        lock (_lock)
        {
            while (_waiting.Count > 0 && _waiting.GetKeyAtIndex(0) is var first)
            {
                var bodies = _waiting.GetValueAtIndex(0);
                if (first > mark + 1)
                    return null;
                _waiting.RemoveAt(0);
                _entries -= bodies.Length;
                // A commit that a reading of the tail cut in two is taken whole: what is folded already is left out.
                if (first + bodies.Length - 1 > mark)
                    return (first, bodies);
            }
            return null;
        }
    }
}
