namespace SettlementGrid.Plans;

/// <summary>
/// How a person's basic payments of the policy year stand to the plan's basic cap before and after this bill, and the
/// over-cap eligible amount that follows from it.
/// </summary>
/// <param name="OverCap">Null: not stated and not to be derived.</param>
readonly record struct BasicStanding(Money Before, Money After, Money? Cap, Money? OverCap)
{
    public static BasicStanding Of(BillRun run, Plan plan, in CaseFacts facts)
    {
        var bill = run.Bill;
        var before = BasicOfYear(run, plan, bill.DischargedOn);
        var after = before + run.BasicPaid;
        if (Cases.First(plan.Basic.Caps, facts)?.Value.Amount is not { } source)
            return new BasicStanding(before, after, null, bill.OverCapEligible);
        if (source.At(bill.DischargedOn) is not { } cap)
        {
            run.Refuse(Refusals.ParameterMissing(plan, source.Parameter!, bill.DischargedOn));
            return new BasicStanding(before, after, null, bill.OverCapEligible);
        }
        if (after > cap)
            run.Refuse(Refusals.BasicCapExceeded(plan, before, run.BasicPaid, cap));
        var standing = new BasicStanding(before, after, cap, bill.OverCapEligible);
        return LayerThatDerives(plan, facts) ? standing.Derive(run, plan) : standing;
    }

    /// <summary>
    /// Puyang 13(1): below the cap nothing is over it; reached before, everything eligible is; reached within this
    /// bill, only the pool's own system can tell, so that the request must, unless the pool was computed here.
    /// </summary>
    BasicStanding Derive(BillRun run, Plan plan)
    {
        var cap = Cap!.Value;
        if (run.Bill.OverCapEligible is { } stated)
        {
            if (stated.IsPositive && After < cap)
                run.Refuse(Refusals.OverCapBelowCap(plan, stated, After, cap));
            return this;
        }
        if (After < cap)
            return this with { OverCap = Money.Zero };
        if (Before >= cap)
            return this with { OverCap = Money.Max(Money.Zero, run.Bill.Eligible - run.BasicPaid) };
        if (run.CutByBasicCap is { } cut)
            return this with { OverCap = cut };
        run.Refuse(Refusals.OverCapRequired(plan, Before, run.BasicPaid, cap));
        return run.First is null ? this : this with { OverCap = FirstFound(run.First, plan) };
    }

    static Money FirstFound(AdjudicationOutcome first, Plan plan)
    {
        foreach (var layer in first.Layers)
            if (layer.PlanId == plan.Id)
                foreach (var rule in plan.Layers)
                    if (rule.Id == layer.LayerId && rule.OverCap == OverCapSource.FromBasicCap)
                        return layer.OtherStart is { } start && rule.StartMeasure == Measure.OverCapEligible
                            ? start.After - start.Before
                            : layer.PositionAfter - layer.PositionBefore;
        return Money.Zero;
    }

    static bool LayerThatDerives(Plan plan, in CaseFacts facts)
    {
        for (var i = 0; i < plan.Layers.Count; i++)
            if (plan.Layers[i].OverCap == OverCapSource.FromBasicCap && plan.Layers[i].Takes.Holds(facts))
                return true;
        return false;
    }

    static Money BasicOfYear(BillRun run, Plan plan, DateOnly discharge)
    {
        var sum = Money.Zero;
        for (var i = 0; i < plan.Layers.Count; i++)
        {
            var layer = plan.Layers[i];
            if (layer.Period == PeriodLength.Year)
                sum += run.Accumulator(new AccumulatorKey(plan.Id, layer.Id, new Period(discharge.Year))).BasicPaid;
            else
                for (var month = 1; month <= 12; month++)
                    sum += run.Accumulator(new AccumulatorKey(plan.Id, layer.Id, new Period(discharge.Year, month)))
                        .BasicPaid;
        }
        return sum;
    }
}
