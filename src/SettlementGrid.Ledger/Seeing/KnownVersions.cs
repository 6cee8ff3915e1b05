using SettlementGrid.Enrollees;

namespace SettlementGrid.Ledger.Seeing;

/// <summary>
/// (stream, version) pairs that this process has seen in the ledger: loaded, confirmed or committed by itself. Whoever
/// follows one of them needs no look at whether the version before it is there: nothing is ever deleted, and
/// <see cref="SeenHead"/> makes sure the database was not taken back. Only speeds up: what it has forgotten is looked
/// up by the commit, at a tenth of a row's cost. A fixed table; a pair is one 64-bit fingerprint, so a wrong "known"
/// needs a caller without a state and a chance of one in 10^19. Thread-safe, since a slot is read and written whole.
/// </summary>
/// <param name="slots">A power of two.</param>
sealed class KnownVersions(uint slots = LedgerLimits.KnownVersionsMax)
{
    readonly ulong[] _slots = new ulong[slots];

    public void Add(StreamKey stream, long version)
    {
        var key = Fingerprint(stream);
        Volatile.Write(ref Slot(key), Fingerprint(key, version));
    }

    public bool Has(StreamKey stream, long version)
    {
        var key = Fingerprint(stream);
        return Volatile.Read(ref Slot(key)) == Fingerprint(key, version);
    }

    ref ulong Slot(ulong key) => ref _slots[key >> 32 & slots - 1];

    static ulong Fingerprint(StreamKey stream)
    {
        var key = Mixed((ulong)stream.Kind + 1);
        foreach (var letter in stream.Id)
            key = Mixed(key ^ letter);
        return key;
    }

    /// <summary>Never zero, which is an empty slot's value.</summary>
    static ulong Fingerprint(ulong key, long version) => Mixed(key ^ (ulong)version * 0x9e37_79b9_7f4a_7c15) | 1;

    /// <summary>
    /// A multiplication with an odd constant and a shift lose nothing, so no two keys become one here.
    /// </summary>
    static ulong Mixed(ulong value)
    {
        value *= 0xd6e8_feb8_6659_fd93;
        return value ^ value >> 32;
    }
}
