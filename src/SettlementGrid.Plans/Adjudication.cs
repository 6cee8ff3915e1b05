namespace SettlementGrid.Plans;

/// <summary>Everything adjudication may look at: no clock, no account object, no store.</summary>
/// <param name="Accumulators">The person's accumulators of all periods; a missing key is zero.</param>
public sealed record AdjudicationInput(
    Bill Bill,
    RosterEntry Roster,
    FacilityProfile Facility,
    IReadOnlyDictionary<AccumulatorKey, Accumulator> Accumulators);

/// <summary>
/// What the plans in force pay on one bill: layers in plan order then layer order, the plans left out with the reason,
/// and the accumulator changes that make it so. <see cref="BasicFundCode"/> is set where a plan books the basic part on
/// its own fund (Tongliao's accident inpatient, 390401), else empty.
/// </summary>
public sealed record AdjudicationOutcome(
    IReadOnlyList<LayerResult> Layers,
    IReadOnlyList<PlanLeftOut> LeftOut,
    IReadOnlyList<AccumulatorChange> Changes,
    string BasicFundCode)
{
    /// <summary>
    /// The plans that counted, in their order, with the versions they were settled under: also those whose layers did
    /// not take this kind of care, since they book the basic payment all the same.
    /// </summary>
    public IReadOnlyList<PlanCounted> Counted { get; init; } = [];

    /// <summary>What the plans paid; what a basic layer computed is none of it.</summary>
    public Money PlansPaid => PaidBy(basic: false);

    /// <summary>The basic payment that a plan's basic layers computed, beside what the request stated.</summary>
    public Money BasicComputed => PaidBy(basic: true);

    Money PaidBy(bool basic)
    {
        var paid = Money.Zero;
        for (var i = 0; i < Layers.Count; i++)
            if (Layers[i].IsBasic == basic)
                paid += Layers[i].Paid;
        return paid;
    }
}

public readonly record struct PlanCounted(string PlanId, int Version);

/// <summary>Either an outcome, or of the refusals that apply the first by order.</summary>
public readonly record struct Adjudicated(AdjudicationOutcome? Outcome, Refusal? Refusal);
