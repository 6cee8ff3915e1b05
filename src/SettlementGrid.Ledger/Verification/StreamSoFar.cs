using SettlementGrid.Enrollees;

namespace SettlementGrid.Ledger.Verification;

/// <summary>What the walk knows of the stream it is in; forgotten when the next one begins.</summary>
sealed class StreamSoFar
{
    readonly List<Recorded> _history = [];
    readonly Queue<Fact> _expected = [];
    StreamKey? _key;

    public Entry? Last { get; private set; }

    public long Version { get; private set; }

    public EntryHash LastHash { get; private set; }

    public long LastAt { get; private set; }

    public long LastPosition { get; private set; }

    /// <summary>The state before the next fact is unknown, so nothing can be computed from it.</summary>
    public bool IsLost { get; private set; }

    /// <summary>A person's entries so far, in order; empty in other streams.</summary>
    public IReadOnlyList<Recorded> History => _history;

    public Recorded? Settlement(SettlementId id) =>
        _history.Find(r => r.Fact is Fact.Settled settled && settled.Id == id);

    /// <summary>A reversal's adjustments, which must follow it one by one.</summary>
    public void Expect(IEnumerable<Fact> adjustments)
    {
        foreach (var adjustment in adjustments)
            _expected.Enqueue(adjustment);
    }

    /// <summary>The next adjustment that must follow; null: none.</summary>
    public Fact? TakeExpected() => _expected.TryDequeue(out var fact) ? fact : null;

    public bool IsExpecting => _expected.Count > 0;

    public bool Begins(StreamKey key)
    {
        if (_key == key)
            return false;
        _key = key;
        (Last, Version, LastHash, LastAt, LastPosition, IsLost) = (null, 0, default, 0, 0, false);
        _history.Clear();
        _expected.Clear();
        return true;
    }

    public void Add(Entry entry, long? position)
    {
        (Last, Version, LastHash, LastAt, LastPosition) =
            (entry, entry.Version, entry.Hash, entry.At, position ?? LastPosition);
        IsLost = false;
        if (entry.Stream.Kind == StreamKind.Person)
            _history.Add(new Recorded(entry, position ?? 0));
    }

    /// <summary>The row could not be read: its successor is compared with nothing but itself.</summary>
    public Finding Lose(Finding finding)
    {
        Version++;
        IsLost = true;
        _expected.Clear();
        return finding;
    }
}
