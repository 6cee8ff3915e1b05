using SettlementGrid.Enrollees;

namespace SettlementGrid.Ledger.Seeing;

/// <summary>
/// Request keys that this process has seen in the ledger: committed by itself, or met by a retry. Whoever brings one of
/// them again is looked up before an append is tried, for a key that is met in an append refuses its whole batch:
/// measured, 2 % of retries cost a quarter of the throughput that way. Only speeds up: what is forgotten is met by the
/// append, what is wrongly remembered costs a look. A fixed table; keys are hashes already. Thread-safe without a lock:
/// what two threads do to one line at the same moment is at worst a key forgotten early.
/// </summary>
/// <param name="places">A power of two, at least <see cref="LinePlaces"/>.</param>
sealed class KnownRequests(int places = LedgerLimits.KnownRequestsMax)
{
    /// <summary>
    /// A key has its place in one line of the processor's cache, the newest first; the oldest falls out.
    /// </summary>
    const int LinePlaces = 8;

    readonly ulong[] _places = new ulong[places];

    public void Add(SettlementId key)
    {
        if (Has(key))
            return;
        var line = Line(key);
        line[..^1].CopyTo(line[1..]);
        line[0] = Print(key);
    }

    public bool Has(SettlementId key) => Line(key).Contains(Print(key));

    Span<ulong> Line(SettlementId key)
    {
        var lines = (uint)_places.Length / LinePlaces;
        return _places.AsSpan((int)((uint)key.Bits & lines - 1) * LinePlaces, LinePlaces);
    }

    /// <summary>Never zero, which is an empty place's value.</summary>
    static ulong Print(SettlementId key) => (ulong)(key.Bits >> 64) | 1;
}
