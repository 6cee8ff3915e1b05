using SettlementGrid.Plans;

namespace SettlementGrid.Enrollees;

/// <summary>
/// (state, command, catalog, knowledge) → facts or a refusal. Pure. Refusals come in the order of
/// <see cref="RefusalReason"/>. Knowledge is null while nothing was looked up: a decision to store needs none, since
/// the ledger's unique keys fence it; a refusal must be decided again with knowledge before it is given.
/// </summary>
public static class Decide
{
    /// <inheritdoc cref="Settle(Account, Command.Settle, Catalog, Knowledge?, Recorded?)"/>
    public static Decision Settle(
        Account account, SettleRequest request, PreviewToken? token, Catalog catalog, Knowledge? known,
        Recorded? firstLater) =>
        Settle(account, new Command.Settle(request, token), catalog, known, firstLater);

    /// <param name="firstLater">With a token of an older version: the first fact after it.</param>
    public static Decision Settle(
        Account account, Command.Settle command, Catalog catalog, Knowledge? known, Recorded? firstLater)
    {
        var (request, token) = command;
        if (known?.Request is { } stored)
            return OnStored(
                stored, command.RequestKey,
                stored.Fact is Fact.Settled { Request: var settledFor } && settledFor == request);
        return Compute(account, request, command.RequestKey, catalog, known) switch
        {
            (null, { } refusal) => new Decision.Refused(refusal),
            ({ } settled, _) when token is { } t && PreviewToken.Of(t.Version, settled.Outcome) != t =>
                new Decision.Refused(Refusals.AccountMoved(t.Version, account.Version, firstLater)),
            ({ } settled, _) => new Decision.Facts([settled]),
            _ => throw new InvalidOperationException("Neither outcome nor refusal."),
        };
    }

    /// <summary>What Settle would record now; the request id plays no part.</summary>
    public static Decision Preview(Account account, SettleRequest request, Catalog catalog, Knowledge? known) =>
        Compute(account, request, request.Id, catalog, known) switch
        {
            ({ } settled, _) => new Decision.Shown(settled, [settled]),
            var (_, refusal) => new Decision.Refused(refusal!),
        };

    static (Fact.Settled? Settled, Refusal? Refusal) Compute(
        Account account, SettleRequest request, SettlementId id, Catalog catalog, Knowledge? known)
    {
        if (account.Roster is not { } roster)
            return (null, Refusals.EnrolleeUnknown());
        var facility = catalog.Facility(request.FacilityId);
        var adjudicated = Adjudication.Settle(
            new AdjudicationInput(request.Bill, roster, facility, account.Accumulators), catalog);
        var live = known?.Uses.FirstOrDefault(u => u.ReversedBy is null);
        var refusal =
            First(adjudicated.Refusal, live is null ? null : Refusals.EncounterAlreadySettled(live.Settlement));
        if (refusal is not null)
            return (null, refusal);
        var attempt = known is { Uses.Count: > 0 } ? known.Uses.Max(u => u.Attempt) + 1 : 1;
        return (new Fact.Settled(
            id, request, roster.RegionId, facility.Name.Length == 0 ? facility : facility with { Name = "" },
            adjudicated.Outcome!, attempt)
        {
            LaterDischarge = account.Discharges.After(request.Bill.DischargedOn),
        }, null);
    }

    /// <summary>
    /// The reversal and, in the same append, the adjustments of the settlements after it. An earlier settlement of the
    /// year can be reversed as well as the latest.
    /// </summary>
    /// <param name="history">All the person's entries, in order.</param>
    /// <param name="catalog">Knows every plan version that the history names.</param>
    public static Decision Reverse(
        Command.Reverse command, IReadOnlyList<Recorded> history, Catalog catalog, Knowledge known)
    {
        var (request, original) = (command.Request, command.Original);
        // The history was read after the look: another server may have carried out this very request in between.
        if ((known.Request ?? Stored(request.Id, history)) is { } stored && !command.DryRun)
            return OnStored(
                stored, request.Id, stored.Fact is Fact.Reversed { Reversal: var reversal } && reversal == request);
        return Reversal(request.Id, request, original, history, catalog) switch
        {
            Decision.Facts facts when command.DryRun => new Decision.Shown((Fact.Money)facts.All[0], facts.All),
            var decision => decision,
        };
    }

    /// <summary>
    /// What a reversal under this id records: its twin and the adjustments it causes. The one rule for Reverse, Cancel
    /// and whoever checks the ledger.
    /// </summary>
    public static Decision Reversal(
        SettlementId id, ReverseRequest request, Recorded original, IReadOnlyList<Recorded> history, Catalog catalog)
    {
        if (original.Fact is not Fact.Settled settled)
            return new Decision.Refused(Refusals.NotReversible(original));
        if (ReversedBefore(settled.Id, history) is { } first)
            return new Decision.Refused(Refusals.AlreadyReversed(settled.Id, ((Fact.Reversed)first.Fact).Id));
        if (history.Count > Limits.HistoryFactsMax)
            return new Decision.Refused(Refusals.TooManyAdjustments(settled.Id, history.Count));
        var adjustments = Rerating.After(settled, id, history, plan => catalog.Find(plan.PlanId, plan.Version)
            ?? throw new InvalidOperationException($"The catalog lacks {plan.PlanId} version {plan.Version}."));
        return adjustments.Count > Limits.AdjustmentsMax
            ? new Decision.Refused(Refusals.TooManyAdjustments(settled.Id, adjustments.Count))
            : new Decision.Facts([Twin(settled, id, request), .. adjustments]);
    }

    static Recorded? Stored(SettlementId request, IReadOnlyList<Recorded> history)
    {
        foreach (var recorded in history)
            if (recorded.Entry.RequestKey == request)
                return recorded;
        return null;
    }

    /// <summary>The entry that reversed a settlement; null where it is live.</summary>
    static Recorded? ReversedBefore(SettlementId settlement, IReadOnlyList<Recorded> history)
    {
        foreach (var recorded in history)
            if (recorded.Fact is Fact.Reversed reversed && reversed.Reversal.Reverses == settlement)
                return recorded;
        return null;
    }

    /// <summary>
    /// After a time-out: reverses what was settled under the id, or bars an id that never arrived. Asked again it
    /// answers with the first outcome; a settlement that was reversed otherwise counts as cancelled by that reversal.
    /// </summary>
    /// <param name="history">All the person's entries, where there is a settlement to reverse.</param>
    public static Decision Cancel(
        Command.Cancel command, IReadOnlyList<Recorded> history, Catalog catalog, Knowledge known)
    {
        switch (known.Request)
        {
            case null:
                return new Decision.Facts([new Fact.Barred(command.FacilityId, command.RequestId)]);
            case { Fact: Fact.Barred } barred:
                return new Decision.Replay(barred);
            // Another server cancelled it at the same time: the append met that reversal's key.
            case { Fact: Fact.Reversed reversed } cancelled
                when reversed.Id == SettlementId.OfCancel(command.FacilityId, command.RequestId):
                return new Decision.Replay(cancelled);
            case { Fact: Fact.Settled settled } when settled.Request.EnrolleeId != command.EnrolleeId:
                return new Decision.Refused(Refusals.RequestIdReused(settled.Id));
            case { Fact: Fact.Settled settled } stored:
                return ReversedBefore(settled.Id, history) is { } first
                    ? new Decision.Replay(first)
                    : Reversal(
                        SettlementId.OfCancel(command.FacilityId, command.RequestId),
                        new ReverseRequest(command.RequestId, command.FacilityId, settled.Id, ""), stored, history,
                        catalog);
            case var other:
                return new Decision.Refused(Refusals.NotReversible(other));
        }
    }

    /// <summary>The fact that makes the entry so; null where it is so already.</summary>
    public static Fact? PutRoster(Account account, RosterEntry entry)
    {
        if (account.Roster is not { } roster)
            return new Fact.Enrolled(entry);
        var aspects = (roster.RegionId == entry.RegionId ? 0 : RosterAspects.Region)
            | (roster.Insurance == entry.Insurance ? 0 : RosterAspects.Insurance)
            | (roster.Coverages.SequenceEqual(entry.Coverages) ? 0 : RosterAspects.Cover)
            | (roster.Identities.SequenceEqual(entry.Identities) ? 0 : RosterAspects.Identity);
        return aspects == RosterAspects.None ? null : new Fact.RosterChanged(entry, aspects);
    }

    /// <summary>
    /// Sets an opening balance; putting the same again is no fact. Refused once a settlement of the plan and period
    /// stands in the account.
    /// </summary>
    public static (Fact? Fact, Refusal? Refusal) PutOpeningBalance(Account account, OpeningBalance balance)
    {
        if (account.Roster is null)
            return (null, Refusals.EnrolleeUnknown());
        foreach (ref readonly var item in account.Accumulators.Items)
            if (item.Key.PlanId == balance.Key.PlanId && item.Key.Period.Year == balance.Key.Period.Year
                && item.Value.Cases > 0)
                return (null, Refusals.AlreadySettledInPeriod(balance.Key));
        var change =
            new Accumulator(balance.Position, balance.Paid, balance.BasicPaid, 0) - account.Accumulators[balance.Key];
        return change.IsZero
            ? (null, null)
            : (new Fact.OpeningBalanceSet(new AccumulatorChange(balance.Key, change), balance.Source), null);
    }

    static Decision OnStored(Recorded stored, SettlementId id, bool sameContent) => stored.Fact switch
    {
        Fact.Barred => new Decision.Refused(Refusals.RequestIdBarred()),
        _ when sameContent => new Decision.Replay(stored),
        _ => new Decision.Refused(Refusals.RequestIdReused(id)),
    };

    static Fact.Reversed Twin(Fact.Settled settled, SettlementId id, ReverseRequest request)
    {
        var outcome = settled.Outcome;
        var changes = new AccumulatorChange[outcome.Changes.Count];
        for (var i = 0; i < changes.Length; i++)
            changes[i] =
                new AccumulatorChange(outcome.Changes[i].Key, default(Accumulator) - outcome.Changes[i].Change);
        return new Fact.Reversed(
            id, settled.Request, settled.RegionId, settled.Facility,
            outcome with { Layers = [.. outcome.Layers.Select(Negated)], Changes = changes }, settled.Attempt, request);
    }

    static LayerResult Negated(LayerResult layer) => layer with
    {
        Base = -layer.Base,
        PositionBefore = -layer.PositionBefore,
        PositionAfter = -layer.PositionAfter,
        Bands = [.. layer.Bands.Select(b => b with { Amount = -b.Amount, Paid = -b.Paid })],
        Paid = -layer.Paid,
        PaidBefore = -layer.PaidBefore,
        OtherStart = layer.OtherStart?.Negated(),
        // What remains is no part of the twin: it is the account's after the reversal.
        DeductibleRemaining = Money.Max(
            Money.Zero, layer.Deductible - (layer.OtherStart?.Before ?? layer.PositionBefore)),
        CapRemaining = layer.CapRemaining + layer.Paid,
    };

    static Refusal? First(Refusal? a, Refusal? b) =>
        a is null ? b : b is null ? a : a.Reason <= b.Reason ? a : b;
}
