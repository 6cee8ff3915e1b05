namespace SettlementGrid.Plans;

/// <summary>
/// The amounts of one discharge as the HIS states them. Checked before it gets here: no amount negative or above 10^13
/// fen, eligible ≤ total, basic ≤ eligible, parts ≤ total.
/// </summary>
/// <param name="StatedPlace">What the request said of the place of care, if it said anything.</param>
/// <param name="OverCapEligible">Eligible cost left without basic payment because the pool's cap was reached; null: not
/// stated.</param>
/// <param name="PriorPlansPaid">What a 大病 or 大额 layer outside the grid paid before.</param>
/// <param name="AssistancePaid">What medical assistance (医疗救助) paid.</param>
/// <param name="Unreasonable">The part of the total that no plan regards as reasonable.</param>
public sealed record Bill(
    CareType CareType,
    CarePlace? StatedPlace,
    Filing Filing,
    DateOnly AdmittedOn,
    DateOnly DischargedOn,
    Money Total,
    Money Eligible,
    Money BasicPaid,
    Money? OverCapEligible,
    Money PriorPlansPaid,
    Money AssistancePaid,
    Money Unreasonable,
    DrugClass? DrugClass);
