using SettlementGrid.Enrollees;
using SettlementGrid.Plans;

namespace SettlementGrid.Import.Tests;

/// <summary>Time that moves one second each time it is looked at, and whose timers are due at once.</summary>
sealed class HastyClock : TimeProvider
{
    long _seconds;

    public override long TimestampFrequency => 1;

    public override long GetTimestamp() => Interlocked.Increment(ref _seconds);

    public override DateTimeOffset GetUtcNow() => new(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Interlocked.Add(ref _seconds, (long)Math.Ceiling(dueTime.TotalSeconds));
        return System.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}

/// <summary>A ledger in front of another; what becomes of the n-th append (from 1) is decided by the test.</summary>
/// <param name="onAppend">Null: it goes through.</param>
sealed class LedgerFront(ILedger inner, Func<int, AppendOutcome?> onAppend) : ILedger
{
    int _appends;
    int _loads;

    /// <summary>Asked as well, where it matters what is appended: batches in flight come in any order.</summary>
    public Func<Append, AppendOutcome?>? OnEntries { get; init; }

    public int Appends => _appends;

    public int Loads => _loads;

    public ValueTask<AppendOutcome> Append(Append append, CancellationToken cancellation) =>
        (onAppend(Interlocked.Increment(ref _appends)) ?? OnEntries?.Invoke(append)) is { } outcome
            ? new(outcome) : inner.Append(append, cancellation);

    public ValueTask<Account> Load(string enrolleeId, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _loads);
        return inner.Load(enrolleeId, cancellation);
    }

    public bool Remembers(SettlementId requestKey) => inner.Remembers(requestKey);

    public ValueTask<Knowledge> Confirm(Question question, CancellationToken cancellation) =>
        inner.Confirm(question, cancellation);

    public ValueTask<Recorded?> Find(SettlementId id, CancellationToken cancellation) => inner.Find(id, cancellation);

    public ValueTask<IReadOnlyList<Recorded>> ReadStream(
        StreamKey stream, long fromVersion, int max, CancellationToken cancellation) =>
        inner.ReadStream(stream, fromVersion, max, cancellation);

    public ValueTask<IReadOnlyDictionary<SettlementId, SettlementId>> Reversals(
        IReadOnlyCollection<Fact.Settled> settlements, CancellationToken cancellation) =>
        inner.Reversals(settlements, cancellation);

    public ValueTask<IReadOnlyList<Recorded>> ListFacility(
        string facilityId, string within, long from, long to, long afterPosition, int max,
        CancellationToken cancellation) =>
        inner.ListFacility(facilityId, within, from, to, afterPosition, max, cancellation);

    public ValueTask<IReadOnlyList<Recorded>> ReadTail(long afterPosition, int max, CancellationToken cancellation) =>
        inner.ReadTail(afterPosition, max, cancellation);

    public ValueTask<CatalogEntries> ReadCatalog(CancellationToken cancellation) => inner.ReadCatalog(cancellation);

    public ValueTask<LedgerHead> ReadHead(CancellationToken cancellation) => inner.ReadHead(cancellation);
}
