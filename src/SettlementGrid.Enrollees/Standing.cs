using SettlementGrid.Plans;

namespace SettlementGrid.Enrollees;

/// <summary>
/// Where a person stands under every layer of the covering plans on a day: what is left of the deductible and of the cap.
/// </summary>
public static class Standing
{
    static readonly CareType[] CareTypes = Enum.GetValues<CareType>();

    /// <summary>
    /// Found by adjudicating bills of nothing, so that it can never differ from what a settlement would show: one of each
    /// care type, in the pooling region, without any amount.
    /// </summary>
    public static IReadOnlyList<LayerResult> Of(Account account, Catalog catalog, DateOnly day)
    {
        var standing = new Dictionary<AccumulatorKey, LayerResult>();
        foreach (var coverage in account.Roster?.Coverages ?? [])
            if (coverage.Days.Holds(day) && catalog.InForce(coverage.PlanId, day) is { } version)
                foreach (var layer in CareTypes.SelectMany(careType => Under(account, version, careType, day)))
                    standing.TryAdd(new AccumulatorKey(layer.PlanId, layer.LayerId, layer.Period), layer);
        return [.. standing.Values];
    }

    static IReadOnlyList<LayerResult> Under(Account account, PlanVersion version, CareType careType, DateOnly day)
    {
        var facility = FacilityProfile.Unregistered("") with { RegionId = version.Plan.Region };
        var bill = new Bill(
            careType, null, Filing.Filed, day, day, Money.Zero, Money.Zero, Money.Zero, Money.Zero, Money.Zero,
            Money.Zero, Money.Zero, DrugClass.A);
        var input = new AdjudicationInput(bill, account.Roster!, facility, account.Accumulators);
        return Adjudication.SettleAgain(input, [version]).Outcome?.Layers ?? [];
    }
}
