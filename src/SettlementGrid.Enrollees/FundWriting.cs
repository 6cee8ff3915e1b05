using SettlementGrid.Plans;

namespace SettlementGrid.Enrollees;

/// <summary>
/// Writes the funds' streams. Idempotent by region and request id: what was recorded is answered again, other content
/// under the same id is refused. Safe from several servers at once, because the ledger's unique keys decide; a lost
/// reply is resolved inside the append, and a record that was stored unseen is found by its id when it is sent again.
/// </summary>
public sealed class FundWriting(ILedger ledger, CatalogSource catalogs, TimeProvider clock)
{
    /// <summary>The record with its position, or why there is none: either of the two is null.</summary>
    public async ValueTask<(Recorded? Recorded, Refusal? Refusal)> Record(
        FundRecordRequest request, CancellationToken cancellation)
    {
        if (RequestChecks.Check(request) is { } malformed)
            return (null, malformed);
        try
        {
            return await Store(request, cancellation);
        }
        catch (LedgerUnavailableException)
        {
            return (null, Refusals.Unavailable());
        }
    }

    async ValueTask<(Recorded? Recorded, Refusal? Refusal)> Store(
        FundRecordRequest request, CancellationToken cancellation)
    {
        if (await ledger.Find(request.Id, cancellation) is { } stored)
            return Again(stored, request);
        if (RequestChecks.CheckReceived(request, BeijingTime.DayOf(clock.GetUtcNow())) is { } tooLate)
            return (null, tooLate);
        var published = catalogs.Current.Latest(request.PlanId)
            ?? (await catalogs.Refresh(cancellation)).Latest(request.PlanId);
        if ((published is null
                ? Refusals.PlanUnknown(request.PlanId)
                : RequestChecks.CheckWithin(request.RegionId, published.Plan)) is { } foreign)
            return (null, foreign);
        for (var attempt = 0; attempt < Limits.DecisionsPerTurnMax; attempt++)
        {
            var newest = await ledger.Newest(request.Stream, cancellation);
            var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
            var entry = Entry.Next(request.Stream, newest, new Fact.FundRecorded(request), now);
            switch (await ledger.Append(new Append([entry], null, now), cancellation))
            {
                case AppendOutcome.Committed committed:
                    return (new Recorded(entry, committed.Positions[0]), null);
                case AppendOutcome.RequestTaken taken:
                    return Again(taken.Stored, request);
                case AppendOutcome.VersionTaken:
                    continue;
                default:
                    return (null, Refusals.Overloaded(
                        "系统繁忙，本次未登记；请用同一请求重试",
                        "The ledger's queue is full; nothing was stored. Retry the same request"));
            }
        }
        return (null, Refusals.Overloaded(
            "该基金正被多处同时登记，请用同一请求重试", "Others keep recording on this fund; retry the same request"));
    }

    static (Recorded? Recorded, Refusal? Refusal) Again(Recorded stored, FundRecordRequest request) =>
        stored.Fact is Fact.FundRecorded recorded && recorded.Request == request
            ? (stored, null)
            : (null, Refusals.RequestIdReused(request.Id));
}
