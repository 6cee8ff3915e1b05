using System.Globalization;
using System.Runtime.InteropServices;
using Google.Protobuf.WellKnownTypes;
using SettlementGrid.Api.Messages;
using SettlementGrid.Enrollees;
using SettlementGrid.Plans;

namespace SettlementGrid.Api.Methods;

/// <summary>
/// SettlementService over the grid and the ledger. Each method: read the message, check what needs no account, check
/// that the facility is the caller's, ask. "Not yours" and "does not exist" look the same.
/// </summary>
sealed class SettlementMethods(IGrid grid, ILedger ledger, CatalogSource catalogs, TimeProvider clock)
{
    /// <summary>
    /// A list is final once nothing decided before its end can still be committed: twice the longest decision.
    /// </summary>
    static readonly TimeSpan FinalAfter = TimeSpan.FromSeconds(60);

    public async ValueTask<Result<V1.Settlement>> Preview(V1.SettleRequest message, Call call)
    {
        var (request, refusal) = Checked(message, call);
        if (refusal is null && IsBound(call))
            refusal = await UnlessOwnPerson(call, request!.EnrolleeId, request.Id);
        return refusal is not null
            ? Refusing.With(refusal)
            : Message(await Ask(new Command.Preview(request!), call), call);
    }

    public async ValueTask<Result<V1.Settlement>> Settle(V1.SettleRequest message, Call call)
    {
        var (request, refusal) = Checked(message, call);
        if (refusal is not null && !await WasTaken(request, refusal, call))
            return Refusing.With(refusal);
        PreviewToken? token = null;
        if (message.HasPreviewToken)
        {
            if (!PreviewToken.TryParse(message.PreviewToken, out var parsed))
                return Refusing.With(
                    RequestChecks.Malformed("preview_token", "不是预结算给出的凭据", "is not a token that Preview gave"));
            token = parsed;
        }
        if (IsBound(call) && await UnlessOwnPerson(call, request!.EnrolleeId, request.Id) is { } foreign)
            return Refusing.With(foreign);
        return Message(await Ask(new Command.Settle(request!, token), call), call);
    }

    public async ValueTask<Result<V1.SettleManyResponse>> SettleMany(V1.SettleManyRequest message, Call call)
    {
        if (message.Requests.Count is 0 or > Limits.SettleManyMax)
            return Refusing.With(RequestChecks.Malformed(
                "requests", $"应有 1–{Limits.SettleManyMax} 项", $"must have 1–{Limits.SettleManyMax} items"));
        // A batch that names another's facility is refused as a whole: whoever mixed it up should look at all of it.
        for (var i = 0; i < message.Requests.Count; i++)
        {
            var facilityId = message.Requests[i].FacilityId;
            if (RequestChecks.CheckId("facility_id", facilityId) is null
                && Refusing.UnlessCallers(call, facilityId) is { } foreign)
                return Refusing.With(Refusing.At(foreign, i));
        }
        // One chain a person keeps the order within a person; persons run side by side.
        var results = new V1.SettleResult[message.Requests.Count];
        var next = NextOfPerson(message, out var firsts);
        var chains = new Task[firsts.Count];
        for (var i = 0; i < chains.Length; i++)
            chains[i] = SettleInOrder(message, firsts[i], next, results, call);
        await Task.WhenAll(chains);
        var response = new V1.SettleManyResponse();
        response.Results.AddRange(results);
        return response;
    }

    /// <summary>For each request the same person's next one; 0, which is nobody's next, where there is none.</summary>
    static int[] NextOfPerson(V1.SettleManyRequest message, out List<int> firsts)
    {
        var next = new int[message.Requests.Count];
        var last = new Dictionary<string, int>(next.Length, StringComparer.Ordinal);
        firsts = new List<int>(next.Length);
        for (var i = 0; i < next.Length; i++)
        {
            ref var before = ref CollectionsMarshal.GetValueRefOrAddDefault(
                last, message.Requests[i].EnrolleeId, out var isKnown);
            if (isKnown)
                next[before] = i;
            else
                firsts.Add(i);
            before = i;
        }
        return next;
    }

    public async ValueTask<Result<V1.Settlement>> Reverse(V1.ReverseRequest message, Call call)
    {
        var known = SettlementId.TryParse(message.SettlementId, out var reverses);
        var request = new Enrollees.ReverseRequest(message.RequestId, message.FacilityId, reverses, message.Reason);
        var refusal = RequestChecks.CheckId("settlement_id", message.SettlementId) ?? RequestChecks.Check(request)
            ?? Refusing.UnlessCallers(call, message.FacilityId);
        if (refusal is not null)
            return Refusing.With(refusal);
        var original = known ? await ledger.Find(reverses, call.Cancelled) : null;
        if (original?.Fact is Fact.Money money && money.Request.FacilityId == request.FacilityId
            && Refusing.MayRead(call.Caller, request.FacilityId, money.RegionId))
            return Message(await Ask(new Command.Reverse(request, original, message.DryRun), call), call);
        // A used request id comes before an unknown settlement in the order of refusals.
        var used = await ledger.Find(request.Id, call.Cancelled);
        return Refusing.With(used?.Fact switch
        {
            null => Refusals.SettlementUnknown(),
            Fact.Barred => Refusals.RequestIdBarred(),
            _ => Refusals.RequestIdReused(request.Id),
        });
    }

    public async ValueTask<Result<V1.Cancellation>> Cancel(V1.CancelRequest message, Call call)
    {
        var refusal = RequestChecks.CheckId("request_id", message.RequestId)
            ?? RequestChecks.CheckId("facility_id", message.FacilityId)
            ?? RequestChecks.CheckId("enrollee_id", message.EnrolleeId)
            ?? Refusing.UnlessCallers(call, message.FacilityId);
        if (refusal is null && IsBound(call))
            refusal = await UnlessOwnPerson(
                call, message.EnrolleeId, SettlementId.Of(message.FacilityId, message.RequestId));
        if (refusal is not null)
            return Refusing.With(refusal);
        return await Ask(new Command.Cancel(message.EnrolleeId, message.FacilityId, message.RequestId), call) switch
        {
            Answer.Cancelled { Reversal: { } reversal } => new V1.Cancellation
            {
                Outcome = V1.CancelOutcome.Reversed,
                Reversal = SettlementWriting.Message(Shown(reversal, call), catalogs.Current, call.Language),
            },
            Answer.Cancelled => new V1.Cancellation { Outcome = V1.CancelOutcome.Barred },
            var answer => Refusing.With(((Answer.Refused)answer).Refusal),
        };
    }

    public async ValueTask<Result<V1.Settlement>> GetSettlement(V1.GetSettlementRequest message, Call call)
    {
        var byRequest = message.SettlementId.Length == 0;
        var refusal = byRequest
            ? RequestChecks.CheckId("facility_id", message.FacilityId)
                ?? RequestChecks.CheckId("request_id", message.RequestId)
            : RequestChecks.CheckId("settlement_id", message.SettlementId);
        if (message.FacilityId.Length > 0)
            refusal ??= Refusing.UnlessCallers(call, message.FacilityId);
        if (refusal is not null)
            return Refusing.With(refusal);
        var id = byRequest ? SettlementId.Of(message.FacilityId, message.RequestId) : default;
        if (!byRequest && !SettlementId.TryParse(message.SettlementId, out id))
            return Refusing.With(Refusals.SettlementUnknown());
        var found = await ledger.Find(id, call.Cancelled);
        var facility = found?.Fact switch
        {
            Fact.Money money => money.Request.FacilityId,
            Fact.Barred barred => barred.FacilityId,
            _ => null,
        };
        if (facility is null || !Refusing.MayRead(call.Caller, facility, (found!.Fact as Fact.Money)?.RegionId))
            return Refusing.With(Refusals.SettlementUnknown());
        return found.Fact is Fact.Barred
            ? Refusing.With(Refusals.RequestIdBarred())
            : await Message(found, await Reversals([found], call), call);
    }

    public async ValueTask<Result<V1.ListSettlementsResponse>> ListSettlements(
        V1.ListSettlementsRequest message, Call call)
    {
        var size = message.PageSize == 0 ? Limits.ListPageMax : message.PageSize;
        var refusal = RequestChecks.CheckId("facility_id", message.FacilityId)
            ?? (message.SettledFrom is null ? RequestChecks.Malformed("settled_from", "缺失", "is missing") : null)
            ?? (message.SettledTo is null ? RequestChecks.Malformed("settled_to", "缺失", "is missing") : null)
            ?? Refusing.UnlessCallers(call, message.FacilityId)
            ?? Refusing.UnlessPage(size, Limits.ListPageMax);
        if (refusal is not null)
            return Refusing.With(refusal);
        var (from, to) = (Milliseconds(message.SettledFrom!), Milliseconds(message.SettledTo!));
        var query = string.Create(CultureInfo.InvariantCulture, $"{message.FacilityId}:{from}:{to}");
        if (!PageToken.TryRead(message.PageToken, query, texts: 0, out var last) || last is { Number: 0 })
            return Refusing.With(Refusing.ForeignPage());

        // Final is asked before the list is read: what is final then cannot grow while it is read.
        var final = clock.GetUtcNow().ToUnixTimeMilliseconds() >= to + (long)FinalAfter.TotalMilliseconds;
        // Others' facts are left out where they lie, not read and thrown away: how much of them there is should hardly
        // show in how long this takes.
        var listed = await ledger.ListFacility(
            message.FacilityId, call.Caller.RegionId, from, to, last?.Number ?? 0, size + 1, call.Cancelled);
        var reversals = await Reversals(listed, call);
        var response = new V1.ListSettlementsResponse { Final = final };
        var bytes = 0;
        for (var i = 0; i < listed.Count; i++)
        {
            if (i == size || bytes > ApiLimits.AnswerBytesMax)
            {
                response.NextPageToken = PageToken.Write(query, listed[i - 1].Position);
                break;
            }
            if (listed[i].Fact is Fact.Adjusted && !message.IncludeAdjustments)
                continue;
            var settlement = await Message(listed[i], reversals, call);
            bytes += settlement.CalculateSize();
            response.Settlements.Add(settlement);
        }
        return response;
    }

    async Task SettleInOrder(
        V1.SettleManyRequest message, int first, int[] next, V1.SettleResult[] results, Call call)
    {
        var i = first;
        do
        {
            var result = await SettleOne(message.Requests[i], call);
            results[i] = result.Response is { } settlement
                ? new V1.SettleResult { Settlement = settlement }
                : new V1.SettleResult { Refusal = result.Refusal!.ToMessage() };
            i = next[i];
        }
        while (i > 0);
    }

    /// <summary>
    /// What the ledger will not take is its own item's misfortune: the others are stored, and told so.
    /// </summary>
    async ValueTask<Result<V1.Settlement>> SettleOne(V1.SettleRequest message, Call call)
    {
        try
        {
            return await Settle(message, call);
        }
        catch (EntryRefusedException)
        {
            // The ledger's writer has logged it.
            return Refusing.With(new Plans.Refusal(
                RefusalReason.Unavailable, "账务库拒收本项，本项未入账；请联系经办机构",
                "The ledger does not take this item; it is not stored. Ask the agency"));
        }
    }

    async ValueTask<IReadOnlyDictionary<SettlementId, SettlementId>> Reversals(IReadOnlyList<Recorded> found, Call call)
    {
        var settled = found.Select(r => r.Fact).OfType<Fact.Settled>().ToList();
        return settled.Count == 0
            ? new Dictionary<SettlementId, SettlementId>()
            : await ledger.Reversals(settled, call.Cancelled);
    }

    async ValueTask<V1.Settlement> Message(
        Recorded recorded, IReadOnlyDictionary<SettlementId, SettlementId> reversals, Call call)
    {
        SettlementId? reversedBy = recorded.Fact is Fact.Settled fact
            && reversals.TryGetValue(fact.Id, out var reversal)
            ? reversal
            : null;
        var adjustments = await ledger.AdjustmentsOf(recorded, call.Cancelled);
        // No turn has looked at the catalog's revision here: another server may have settled it under a newer one.
        var catalog = await catalogs.Knowing((Fact.Money)recorded.Fact, call.Cancelled);
        return SettlementWriting.Message(
            Shown(
                new Enrollees.Settlement(recorded, reversedBy, null)
                {
                    Adjustments = [.. adjustments.Select(a => new Enrollees.Settlement(a, null, null))],
                },
                call),
            catalog, call.Language);
    }

    (Enrollees.SettleRequest? Request, Plans.Refusal? Refusal) Checked(V1.SettleRequest message, Call call)
    {
        var (request, refusal) = RequestReading.Read(message);
        return (request, refusal ?? RequestChecks.Check(request!, BeijingTime.DayOf(call.At))
            ?? Refusing.UnlessCallers(call, request!.FacilityId));
    }

    /// <summary>
    /// Whether another server, whose clock is ahead, has taken what is discharged in the future here: around midnight
    /// two clocks differ by a day. Who sends it again then gets the answer, and no refusal of what is in the ledger.
    /// </summary>
    async ValueTask<bool> WasTaken(Enrollees.SettleRequest? request, Plans.Refusal refusal, Call call) =>
        request is not null && refusal.Reason == RefusalReason.DateOutOfRange
        && Refusing.UnlessCallers(call, request.FacilityId) is null
        && await ledger.Find(request.Id, call.Cancelled) is not null;

    /// <summary>Bound to a region.</summary>
    static bool IsBound(Call call) => call.Caller.RegionId.Length > 0;

    /// <summary>
    /// A caller that is bound settles for its own people alone; anybody else looks like nobody. The region is the
    /// person's now, or that of the settlement which the request has become, so that a retry is answered again after a
    /// move. Costs such a caller two look-ups before the turn, whatever they find.
    /// </summary>
    async ValueTask<Plans.Refusal?> UnlessOwnPerson(Call call, string enrolleeId, SettlementId request)
    {
        var stored = await ledger.Find(request, call.Cancelled);
        if (await Ask(new Command.GetAccount(enrolleeId), call) is not Answer.State { Account.Roster: var roster })
            return Refusals.Unavailable();
        var settledFor = stored?.Fact is Fact.Money money && money.Request.EnrolleeId == enrolleeId
            ? money.RegionId
            : null;
        return Lies(settledFor) || Lies(roster?.RegionId)
            ? null
            : Refusals.EnrolleeUnknown();

        bool Lies(string? region) => region is not null && Refusing.LiesWithin(call.Caller, region);
    }

    /// <summary>
    /// Without the adjustments of settlements that are not the caller's: they are in their facilities' lists.
    /// </summary>
    static Enrollees.Settlement Shown(Enrollees.Settlement settlement, Call call) =>
        settlement.Adjustments.Count == 0 ? settlement : ShownInPart(settlement, call.Caller);

    // By itself: its closure would be made for every settlement, and hardly one has adjustments.
    static Enrollees.Settlement ShownInPart(Enrollees.Settlement settlement, Caller caller) => settlement with
    {
        Adjustments =
        [
            .. settlement.Adjustments.Where(
                a => Refusing.MayRead(caller, a.Fact.Request.FacilityId, a.Fact.RegionId)),
        ],
    };

    ValueTask<Answer> Ask(Command command, Call call) => grid.Ask(command, call.Deadline, call.Cancelled);

    Result<V1.Settlement> Message(Answer answer, Call call) => answer switch
    {
        Answer.Settled settled =>
            SettlementWriting.Message(Shown(settled.Settlement, call), catalogs.Current, call.Language),
        Answer.Refused refused => Refusing.With(refused.Refusal),
        _ => throw new InvalidOperationException($"{answer.GetType().Name} is no answer to this method."),
    };

    static long Milliseconds(Timestamp time) => time.ToDateTimeOffset().ToUnixTimeMilliseconds();
}
