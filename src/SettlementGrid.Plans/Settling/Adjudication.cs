namespace SettlementGrid.Plans;

/// <summary>
/// What the plans pay on one bill. Pure: the same input and catalog give the same outcome, which is how `verify` proves
/// a stored settlement. Nothing is remembered between bills.
/// </summary>
public static class Adjudication
{
    /// <summary>
    /// Settles under the plans whose coverage and published version hold on the discharge date, in plan order, then
    /// plan id. Of several refusals the first by the order of <see cref="RefusalReason"/> is given.
    /// </summary>
    public static Adjudicated Settle(AdjudicationInput input, Catalog catalog)
    {
        var counted = CountedPlans.Of(input.Roster, input.Bill.DischargedOn, catalog);
        var refusal = PlaceUnknown(input);
        if (refusal is null && counted.Plans.Count == 0)
            refusal = Refusals.NotCovered(counted.LeftOut, input.Bill.DischargedOn);
        return refusal is null ? Settle(input, counted.Plans, counted.LeftOut) : new Adjudicated(null, refusal);
    }

    /// <summary>
    /// Settles again under given plan versions, coverage not asked: what was stored is computed from what was stored.
    /// </summary>
    public static Adjudicated SettleAgain(AdjudicationInput input, IReadOnlyList<PlanVersion> plans)
    {
        if (PlaceUnknown(input) is { } refusal)
            return new Adjudicated(null, refusal);
        var inOrder = new List<PlanVersion>(plans);
        inOrder.Sort(CountedPlans.InOrder);
        return Settle(input, inOrder, []);
    }

    /// <summary>
    /// Rates a settled bill again on other accumulators, under the plan versions it was settled under. It refuses
    /// nothing that was accepted once: what a refusal would say is passed over, and an over-cap amount that can no
    /// longer be derived stays as <paramref name="first"/> found it. Null: it cannot be rated within the bill's total;
    /// it stays as it is.
    /// </summary>
    public static AdjudicationOutcome? RateAgain(
        AdjudicationInput input, IReadOnlyList<PlanVersion> plans, AdjudicationOutcome first)
    {
        var inOrder = new List<PlanVersion>(plans);
        inOrder.Sort(CountedPlans.InOrder);
        var run = new BillRun(input, first);
        foreach (var version in inOrder)
            PlanSettling.Settle(run, version);
        return PartsExceed(run) ? null : OutcomeOf(run, inOrder, []);
    }

    static Adjudicated Settle(AdjudicationInput input, List<PlanVersion> plans, IReadOnlyList<PlanLeftOut> leftOut)
    {
        var run = new BillRun(input, null);
        foreach (var version in plans)
            PlanSettling.Settle(run, version);

        if (PartsExceed(run))
            run.Refuse(Refusals.PartsAboveTotal(
                input.Bill, run.BasicPaid, run.PlansPaid - (run.BasicPaid - input.Bill.BasicPaid)));
        return run.Refusal is { } refusal
            ? new Adjudicated(null, refusal)
            : new Adjudicated(OutcomeOf(run, plans, leftOut), null);
    }

    static bool PartsExceed(BillRun run) =>
        run.Bill.BasicPaid + run.Bill.PriorPlansPaid + run.Bill.AssistancePaid + run.PlansPaid > run.Bill.Total;

    static AdjudicationOutcome OutcomeOf(BillRun run, List<PlanVersion> plans, IReadOnlyList<PlanLeftOut> leftOut)
    {
        var counted = new PlanCounted[plans.Count];
        for (var i = 0; i < counted.Length; i++)
            counted[i] = new PlanCounted(plans[i].Plan.Id, plans[i].Version);
        return new AdjudicationOutcome(run.Layers, leftOut, run.Changes, run.BasicFundCode) { Counted = counted };
    }

    static Refusal? PlaceUnknown(AdjudicationInput input) =>
        input.Facility.RegionId.Length == 0 && input.Bill.StatedPlace is null
            ? Refusals.PlaceRequired(input.Facility.FacilityId)
            : null;
}
