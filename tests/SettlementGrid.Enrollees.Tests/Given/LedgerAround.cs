using SettlementGrid.Enrollees;

namespace SettlementGrid.Testing;

/// <summary>A ledger around another; tests override what they disturb.</summary>
abstract class LedgerAround(ILedger inner) : ILedger
{
    public virtual ValueTask<Account> Load(string enrolleeId, CancellationToken cancellation) =>
        inner.Load(enrolleeId, cancellation);

    public virtual ValueTask<AppendOutcome> Append(Append append, CancellationToken cancellation) =>
        inner.Append(append, cancellation);

    public virtual ValueTask<Knowledge> Confirm(Question question, CancellationToken cancellation) =>
        inner.Confirm(question, cancellation);

    public virtual bool Remembers(SettlementId requestKey) => inner.Remembers(requestKey);

    public virtual ValueTask<Recorded?> Find(SettlementId id, CancellationToken cancellation) =>
        inner.Find(id, cancellation);

    public virtual ValueTask<IReadOnlyList<Recorded>> ReadStream(
        StreamKey stream, long fromVersion, int max, CancellationToken cancellation) =>
        inner.ReadStream(stream, fromVersion, max, cancellation);

    public virtual ValueTask<IReadOnlyDictionary<SettlementId, SettlementId>> Reversals(
        IReadOnlyCollection<Fact.Settled> settlements, CancellationToken cancellation) =>
        inner.Reversals(settlements, cancellation);

    public virtual ValueTask<IReadOnlyList<Recorded>> ListFacility(
        string facilityId, string within, long from, long to, long afterPosition, int max,
        CancellationToken cancellation) =>
        inner.ListFacility(facilityId, within, from, to, afterPosition, max, cancellation);

    public virtual ValueTask<IReadOnlyList<Recorded>> ReadTail(
        long afterPosition, int max, CancellationToken cancellation) =>
        inner.ReadTail(afterPosition, max, cancellation);

    public virtual ValueTask<CatalogEntries> ReadCatalog(CancellationToken cancellation) =>
        inner.ReadCatalog(cancellation);

    public virtual ValueTask<LedgerHead> ReadHead(CancellationToken cancellation) => inner.ReadHead(cancellation);
}
