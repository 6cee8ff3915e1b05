using SettlementGrid.Enrollees;

namespace SettlementGrid.Regions.Following;

/// <summary>
/// Where folds are kept, so that the next start and readings of the past need not fold from nothing. Insert only; any
/// server may write any mark, the first one stays. They save time and nothing else: each can be made again, and all may
/// be deleted by the database's owner at any moment. Two adapters ship (PostgreSQL, in memory); both pass one
/// conformance class. Throws <see cref="LedgerUnavailableException"/>. Thread-safe.
/// </summary>
public interface ICheckpoints
{
    /// <summary>
    /// The one with the highest mark at or below <paramref name="mark"/>, as it was stored; null: none.
    /// </summary>
    ValueTask<StoredCheckpoint?> Newest(long mark, CancellationToken cancellation);

    /// <summary>The highest mark of one at or below <paramref name="mark"/>, without reading it; 0: none.</summary>
    ValueTask<long> NewestMark(long mark, CancellationToken cancellation);

    /// <summary>The lowest mark of one above <paramref name="mark"/>; null: none.</summary>
    ValueTask<long?> NextMark(long mark, CancellationToken cancellation);

    /// <summary>Durable when it returns. False: there is one at the mark already, and it stays.</summary>
    ValueTask<bool> Write(StoredCheckpoint checkpoint, CancellationToken cancellation);
}
