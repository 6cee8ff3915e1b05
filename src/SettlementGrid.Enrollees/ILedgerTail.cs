namespace SettlementGrid.Enrollees;

/// <summary>
/// The ledger as whoever folds all of it reads it: by position, as canonical bytes, many at a time, and this process's
/// own commits from memory. Both adapters of <see cref="ILedger"/> are it too. Every call may throw
/// <see cref="LedgerUnavailableException"/>. Thread-safe.
/// </summary>
public interface ILedgerTail
{
    /// <summary>The newest commit; what is read up to its position is committed and never changes.</summary>
    ValueTask<LedgerHead> ReadHead(CancellationToken cancellation);

    /// <summary>
    /// The bodies with <paramref name="after"/> &lt; position ≤ <paramref name="upTo"/>, in order and without a gap, as
    /// runs of bounded size. <see cref="InvalidDataException"/>: one of them is missing.
    /// <see cref="LedgerUnavailableException"/> also where the database was taken back to before what this process has
    /// seen: what it folded and what it would read do not belong together.
    /// </summary>
    /// <param name="upTo">Not above the head.</param>
    IAsyncEnumerable<BodyRun> ReadBodies(long after, long upTo, CancellationToken cancellation);

    /// <summary>The commit that holds the position; null: the ledger has no such position.</summary>
    ValueTask<CommitMark?> CommitOf(long position, CancellationToken cancellation);

    /// <summary>
    /// Gives every commit of this process from now on to <paramref name="take"/>, after it is durable and before its
    /// callers are answered: first position and entries. Two commits may come in the wrong order, and one whose outcome
    /// another server had to tell may not come at all: positions say so. <paramref name="take"/> neither waits nor
    /// throws.
    /// </summary>
    /// <returns>Ends it.</returns>
    IDisposable Follow(Action<long, IReadOnlyList<Entry>> take);
}

/// <summary>Number and hash of a commit: what stands at or before it is told by the hash.</summary>
public readonly record struct CommitMark(long Number, EntryHash Hash);

/// <summary>Canonical bytes of consecutive entries, in one buffer nobody writes to any more.</summary>
/// <param name="first">The position of the first.</param>
/// <param name="bodies">Where each lies in <paramref name="bytes"/>.</param>
public sealed class BodyRun(long first, byte[] bytes, IReadOnlyList<Range> bodies)
{
    public long First => first;

    public int Count => bodies.Count;

    /// <summary>The position of the last.</summary>
    public long Last => first + bodies.Count - 1;

    public ReadOnlySpan<byte> this[int index] => bytes.AsSpan(bodies[index]);
}

/// <summary>
/// Those who take this process's commits from memory. Telling them takes a field's read where there is nobody.
/// </summary>
public sealed class CommitFollowers
{
    readonly Lock _lock = new();
    Action<long, IReadOnlyList<Entry>>[] _all = [];

    public bool Any => Volatile.Read(ref _all).Length > 0;

    public IDisposable Add(Action<long, IReadOnlyList<Entry>> take)
    {
        lock (_lock)
            Volatile.Write(ref _all, [.. _all, take]);
        return new Membership(this, take);
    }

    public void Tell(long first, IReadOnlyList<Entry> entries)
    {
        foreach (var take in Volatile.Read(ref _all))
            take(first, entries);
    }

    void Remove(Action<long, IReadOnlyList<Entry>> take)
    {
        lock (_lock)
            Volatile.Write(ref _all, Array.FindAll(_all, other => other != take));
    }

    sealed class Membership(CommitFollowers followers, Action<long, IReadOnlyList<Entry>> take) : IDisposable
    {
        public void Dispose() => followers.Remove(take);
    }
}
