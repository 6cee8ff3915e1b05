namespace SettlementGrid.Plans;

/// <summary>
/// One layer on one bill: base, position, bands, one rounding, cap, base limit. Gives what moved; refusals go to the
/// run.
/// </summary>
static class LayerSettling
{
    public static Accumulator Settle(
        BillRun run, PlanVersion version, Layer layer, AccumulatorKey key, Accumulator before, CaseFacts facts,
        in BasicStanding basic)
    {
        facts = facts with { CaseOfPeriod = before.Cases + 1 };
        var day = facts.DischargedOn;
        var plan = version.Plan;
        if (layer.IsBasic && run.FirstPlan is { } first && first != plan)
            run.Refuse(Refusals.BasicNotFirst(first, plan, run.CutByBasicCap is not null));
        if (MustStateMore(run, layer, facts, basic))
            return default;

        var left = Measures.Left(run, layer.Measure, basic.OverCap);
        if (BarredBy(run, layer, facts) is { } bar)
        {
            run.Add(ResultOf(
                version, layer, key, facts, before, left, Moved.Nothing(before), bar.Note, bar.Clause));
            return default;
        }

        var rates = Cases.First(layer.Rates, facts);
        if (rates is null || rates.Value.Bands.Length == 0)
        {
            run.Add(ResultOf(
                version, layer, key, facts, before, left, Moved.Nothing(before),
                layer.AsksDrugClass ? LayerNote.DrugClassNotCovered : LayerNote.IdentityNotEntitled,
                rates is null ? layer.Clause : layer.ClauseOf(rates)));
            return default;
        }
        if (Amounts(run, plan, layer, facts) is not { } amounts)
            return default;
        var counted = Counted(run, layer, facts, basic, amounts.PerCase);
        var elsewhere = StartElsewhere(run, layer, key, basic);
        var way = Way.Of(layer, before.Position, counted, amounts.Start, elsewhere);
        var after = way.After;
        var split = way.Start is { } start
            ? BandSplit.Of(run, plan, layer, rates.Value, start, way.Low, after, amounts.CostLimit, day)
            : BandSplit.Empty;

        var room = CapRoom(run, plan, key, before, amounts.Cap, facts);
        var capped = Money.Min(split.Paid, room ?? split.Paid);
        var paid = Money.Min(capped, left);
        if (layer.IsBasic)
            run.AddBasic(paid, split.CostAbove(capped));
        var reached = elsewhere?.After ?? after;
        var remaining = amounts.Start is { } from ? Money.Max(Money.Zero, from - reached) : Money.Zero;
        run.Add(ResultOf(
            version, layer, key, facts, before, left,
            new Moved(
                after, split.Bands, paid, amounts.Start ?? Money.Zero, remaining, room is { } r ? r - paid : null,
                elsewhere),
            NoteOf(run, layer, amounts.Start, split.Paid, paid, left, reached), layer.ClauseOf(rates)));
        return new Accumulator(after - before.Position, paid, Money.Zero, 1);
    }

    /// <summary>Moves the position of a start on another measure; null where it stands on the layer's own.</summary>
    static StartStanding? StartElsewhere(BillRun run, Layer layer, AccumulatorKey key, in BasicStanding basic)
    {
        if (layer.StartMeasure is not { } measure)
            return null;
        var own = key with { LayerId = layer.StartId };
        var before = run.Accumulator(own).Position;
        var moved = Measures.Counted(run, measure, basic.OverCap);
        run.Changes.Add(new AccumulatorChange(own, new Accumulator(moved, Money.Zero, Money.Zero, 1)));
        return new StartStanding(before, before + moved);
    }

    /// <summary>The way of the position on one bill: bands are measured from Low to After, above Start.</summary>
    /// <param name="Start">Null: the layer never begins to pay.</param>
    readonly record struct Way(Money? Start, Money Low, Money After)
    {
        /// <remarks>
        /// With the start on the position's own measure both forms are one: what is paid for is the upper end of the
        /// way. On another measure, of the bill with which the start is reached at most so much is as lies above it
        /// there, of every later bill all. On the excess, the position waits until the start is reached.
        /// </remarks>
        public static Way Of(Layer layer, Money before, Money counted, Money? start, StartStanding? elsewhere)
        {
            if (elsewhere is not { } standing)
                return new Way(start, before, before + counted);
            var above = start is not { } amount ? Money.Zero
                : standing.Before >= amount ? counted
                : Money.Min(counted, standing.Above(amount));
            var after = before + (layer.BandsOn == BandsOn.Excess ? above : counted);
            return new Way(start is null ? null : Money.Zero, after - above, after);
        }
    }

    static bool MustStateMore(BillRun run, Layer layer, in CaseFacts facts, in BasicStanding basic)
    {
        if (layer.IsBasic && run.Bill.BasicPaid.IsPositive)
            run.Refuse(Refusals.BasicComputed(layer));
        else if (layer.OverCap == OverCapSource.Stated && run.Bill.OverCapEligible is null)
            run.Refuse(Refusals.FieldRequired("over_cap_eligible_fen", layer));
        else if (layer.OverCap != OverCapSource.None && run.Bill.OverCapEligible is { } stated
                 && stated > run.Bill.Eligible - run.BasicPaid)
            run.Refuse(Refusals.OverCapAboveRest(run.Bill, run.BasicPaid, stated));
        else if (layer.AsksDrugClass && facts.DrugClass is null)
            run.Refuse(Refusals.FieldRequired("drug_class", layer));
        else
            return layer.OverCap != OverCapSource.None && basic.OverCap is null;
        return true;
    }

    static (LayerNote Note, string Clause)? BarredBy(BillRun run, Layer layer, in CaseFacts facts)
    {
        if (layer.Facility is { } facility && !facility.IsMetBy(run.Input.Facility))
            return (LayerNote.FacilityNotDesignated, facility.Clause.Length == 0 ? layer.Clause : facility.Clause);
        if (layer.Entitled.Length > 0 && Cases.First(layer.Entitled, facts) is not { Value: true })
            return (LayerNote.IdentityNotEntitled, layer.Clause);
        return null;
    }

    static Money Counted(BillRun run, Layer layer, in CaseFacts facts, in BasicStanding basic, Money perCase)
    {
        var measured = Measures.Counted(run, layer.Measure, basic.OverCap);
        if (Cases.First(layer.Counting, facts) is { } factor)
            measured = Rounding.Share(measured, factor.Value);
        return Money.Max(Money.Zero, measured - perCase);
    }

    /// <summary>What the room under the layer's own cap and the plan's shared caps is; null: no cap.</summary>
    static Money? CapRoom(
        BillRun run, Plan plan, AccumulatorKey key, in Accumulator before, Money? cap, in CaseFacts facts)
    {
        var room = cap is { } amount ? Money.Max(Money.Zero, amount - before.Paid) : (Money?)null;
        foreach (var shared in plan.SharedCaps)
            if (shared.Holds(plan, key.LayerId) && SharedRoom(run, plan, key, shared, facts) is { } sharedRoom)
                room = room is { } own ? Money.Min(own, sharedRoom) : sharedRoom;
        return room;
    }

    static Money? SharedRoom(BillRun run, Plan plan, AccumulatorKey key, SharedCap shared, in CaseFacts facts)
    {
        if (Cases.First(shared.Caps, facts)?.Value.Amount is not { } source)
            return null;
        if (source.At(facts.DischargedOn) is not { } limit)
        {
            run.Refuse(Refusals.ParameterMissing(plan, source.Parameter!, facts.DischargedOn));
            return null;
        }
        var used = Money.Zero;
        foreach (var index in shared.Layers)
            used += run.Accumulator(key with { LayerId = plan.Layers[index].Id }).Paid
                + run.PaidOnThisBill(plan.Id, plan.Layers[index].Id);
        return Money.Max(Money.Zero, limit - used);
    }

    readonly record struct LayerAmounts(Money? Start, Money PerCase, Money? Cap, Money? CostLimit);

    /// <summary>The layer's amounts of the day; null where a parameter has no value (refused then).</summary>
    static LayerAmounts? Amounts(BillRun run, Plan plan, Layer layer, in CaseFacts facts)
    {
        var perCase = Cases.First(layer.PerCase, facts)?.Value;
        var start = Cases.First(layer.Start, facts)?.Value;
        var cap = Cases.First(layer.Caps, facts)?.Value;
        var complete = true;
        var perCaseAmount = AmountOf(perCase) ?? Money.Zero;
        var startAmount = layer.Start.Length == 0 ? Money.Zero : AmountOf(start);
        var capAmount = AmountOf(cap?.Amount);
        if (!complete)
            return null;
        var onCost = cap?.On == CapOn.Cost;
        return new LayerAmounts(startAmount, perCaseAmount, onCost ? null : capAmount, onCost ? capAmount : null);

        Money? AmountOf(AmountSource? source)
        {
            if (source is not { } stated)
                return null;
            var amount = stated.At(run.Bill.DischargedOn);
            if (amount is null)
            {
                complete = false;
                run.Refuse(Refusals.ParameterMissing(plan, stated.Parameter!, run.Bill.DischargedOn));
            }
            return amount;
        }
    }

    /// <summary>What a layer came to; whatever else stands in its result is known before.</summary>
    readonly record struct Moved(
        Money After, IReadOnlyList<BandResult> Bands, Money Paid, Money Deductible, Money DeductibleRemaining,
        Money? CapRemaining, StartStanding? OtherStart)
    {
        public static Moved Nothing(in Accumulator before) =>
            new(before.Position, [], Money.Zero, Money.Zero, Money.Zero, null, null);
    }

    static LayerResult ResultOf(
        PlanVersion version, Layer layer, AccumulatorKey key, in CaseFacts facts, in Accumulator before, Money left,
        in Moved moved, LayerNote note, string clause) =>
        new(version.Plan.Id, version.Version, layer.Id, key.Period, layer.Payer,
            Cases.First(layer.FundCodes, facts)?.Value ?? "", facts.Place, left, before.Position, moved.After,
            moved.Bands, moved.Paid, before.Paid, moved.DeductibleRemaining, moved.CapRemaining, note, clause)
        {
            Deductible = moved.Deductible,
            IsBasic = layer.IsBasic,
            OtherStart = moved.OtherStart,
        };

    // That a facility has no entry can be seen nowhere else later, while the others follow from the figures: it goes
    // first.
    static LayerNote NoteOf(
        BillRun run, Layer layer, Money? start, Money banded, Money paid, Money left, Money after) =>
        layer.Facility is not null && !run.Input.Facility.Registered ? LayerNote.FacilityUnregistered
        : paid < banded ? paid == left ? LayerNote.LimitedByBase : LayerNote.CapReached
        : start is null || after < start ? LayerNote.BelowDeductible
        : LayerNote.None;
}
