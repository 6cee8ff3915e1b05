namespace SettlementGrid.Plans;

/// <summary>The measures of a bill as they stand when a layer's turn in the order comes; never negative.</summary>
static class Measures
{
    /// <summary>What enters the layer's position.</summary>
    public static Money Counted(BillRun run, Measure measure, Money? overCap)
    {
        var bill = run.Bill;
        var amount = measure switch
        {
            Measure.Eligible => bill.Eligible,
            Measure.OwnEligibleShare => bill.Eligible - run.BasicPaid,
            Measure.BasicPaid => run.BasicPaid,
            Measure.OverCapEligible => overCap ?? Money.Zero,
            _ => LessPrior(run, measure),
        };
        return Money.Max(Money.Zero, amount);
    }

    /// <summary>
    /// What earlier payers left of the layer's base: its payment never exceeds it. Medical assistance comes after a
    /// critical or large layer, so only the measures that name it subtract it.
    /// </summary>
    public static Money Left(BillRun run, Measure measure, Money? overCap)
    {
        var bill = run.Bill;
        var eligible = bill.Eligible - bill.BasicPaid - bill.PriorPlansPaid - run.PlansPaid;
        var amount = measure switch
        {
            Measure.Eligible or Measure.OwnEligibleShare or Measure.BasicPaid => eligible,
            Measure.OverCapEligible => Money.Min(overCap ?? Money.Zero, eligible),
            _ => LessPrior(run, measure),
        };
        return Money.Max(Money.Zero, amount);
    }

    static Money LessPrior(BillRun run, Measure measure)
    {
        var bill = run.Bill;
        var prior = bill.BasicPaid + bill.PriorPlansPaid + bill.AssistancePaid + run.PlansPaid;
        return measure switch
        {
            Measure.EligibleLessPrior => bill.Eligible - prior,
            Measure.ReasonableLessPrior => bill.Total - bill.Unreasonable - prior,
            _ => bill.Total - prior,
        };
    }
}
