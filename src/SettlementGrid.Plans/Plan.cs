namespace SettlementGrid.Plans;

/// <summary>A plan as data: what a plan file says, checked.</summary>
/// <param name="Order">Plans of a person are settled in this order; equal numbers go by id.</param>
/// <param name="Region">The pooling region from which the place of care is seen.</param>
/// <param name="Effective">Discharge dates for which it holds.</param>
/// <param name="Sample">Marked as a sample: published in sample mode only.</param>
public sealed record Plan(
    string Id, string NameZh, string NameEn, PlanKind Kind, int Order, string Region, DaySpan Effective, bool Sample);
