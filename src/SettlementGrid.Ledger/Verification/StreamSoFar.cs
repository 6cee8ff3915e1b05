using SettlementGrid.Enrollees;

namespace SettlementGrid.Ledger.Verification;

/// <summary>What the walk knows of the stream it is in; forgotten when the next one begins.</summary>
sealed class StreamSoFar
{
    readonly Dictionary<SettlementId, Recorded> _settled = [];
    StreamKey? _key;

    public Entry? Last { get; private set; }

    public long Version { get; private set; }

    public EntryHash LastHash { get; private set; }

    public long LastAt { get; private set; }

    public long LastPosition { get; private set; }

    /// <summary>The state before the next fact is unknown, so nothing can be computed from it.</summary>
    public bool IsLost { get; private set; }

    public Recorded? Settlement(SettlementId id) => _settled.GetValueOrDefault(id);

    public bool Begins(StreamKey key)
    {
        if (_key == key)
            return false;
        _key = key;
        (Last, Version, LastHash, LastAt, LastPosition, IsLost) = (null, 0, default, 0, 0, false);
        _settled.Clear();
        return true;
    }

    public void Add(Entry entry, long? position)
    {
        (Last, Version, LastHash, LastAt, LastPosition) =
            (entry, entry.Version, entry.Hash, entry.At, position ?? LastPosition);
        IsLost = false;
        if (entry.Fact is Fact.Settled settled)
            _settled[settled.Id] = new Recorded(entry, position ?? 0);
    }

    /// <summary>The row could not be read: its successor is compared with nothing but itself.</summary>
    public Finding Lose(Finding finding)
    {
        Version++;
        IsLost = true;
        return finding;
    }
}
