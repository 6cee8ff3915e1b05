using SettlementGrid.Plans;

namespace SettlementGrid.Enrollees;

/// <summary>
/// Where a person stands under every layer of the covering plans on a day: what is left of the deductible and of the
/// cap.
/// </summary>
public static class Standing
{
    static readonly AdjudicationOutcome Nothing = new([], [], [], "");

    /// <summary>
    /// Found by adjudicating bills of nothing, so that it can never differ from what a settlement would show: of each
    /// care type, in the region and outside it, of each drug class, at facilities that meet one condition or another.
    /// The first under which a layer would pay speaks for it; where none does, the first that it takes.
    /// </summary>
    public static IReadOnlyList<LayerResult> Of(Account account, Catalog catalog, DateOnly day)
    {
        var standing = new List<LayerResult>();
        foreach (var planId in (account.Roster?.Coverages ?? []).Where(c => c.Days.Holds(day)).Select(c => c.PlanId)
            .Distinct())
            if (catalog.InForce(planId, day) is { } version)
            {
                var layers = Layers(account, version, day);
                standing.AddRange(
                    version.Plan.Layers.Select(l => layers.GetValueOrDefault(l.Id)).OfType<LayerResult>());
            }
        return standing;
    }

    static Dictionary<string, LayerResult> Layers(Account account, PlanVersion version, DateOnly day)
    {
        var layers = new Dictionary<string, LayerResult>(StringComparer.Ordinal);
        var speaking = 0;
        foreach (var (bill, facility) in Probes(day, version.Plan.Layers.Any(layer => layer.AsksDrugClass)))
        {
            var input = new AdjudicationInput(bill, account.Roster!, facility, account.Accumulators);
            // As a rating again it refuses nothing: a parameter without a value hides the layer that needs it, not all.
            foreach (var layer in Adjudication.RateAgain(input, [version], Nothing)?.Layers ?? [])
            {
                var known = layers.GetValueOrDefault(layer.LayerId);
                if (known is not null && (Speaks(known) || !Speaks(layer)))
                    continue;
                layers[layer.LayerId] = layer;
                speaking += Speaks(layer) ? 1 : 0;
            }
            if (speaking == version.Plan.Layers.Count)
                break;
        }
        return layers;
    }

    /// <summary>Whether the layer would pay such a bill, so that its start and cap are known.</summary>
    static bool Speaks(LayerResult layer) => layer.Note is not (
        LayerNote.FacilityNotDesignated or LayerNote.IdentityNotEntitled or LayerNote.DrugClassNotCovered);

    static IEnumerable<(Bill Bill, FacilityProfile Facility)> Probes(DateOnly day, bool byDrugClass)
    {
        foreach (var facility in Facilities())
            foreach (var place in Enum.GetValues<CarePlace>())
                foreach (var careType in Enum.GetValues<CareType>())
                    foreach (var drugClass in byDrugClass ? Enum.GetValues<DrugClass>() : [DrugClass.A])
                        yield return (
                            new Bill(
                                careType, place, Filing.Filed, day, day, Money.Zero, Money.Zero, Money.Zero, Money.Zero,
                                Money.Zero, Money.Zero, Money.Zero, drugClass),
                            facility);
    }

    /// <summary>
    /// Without an own region, so that the place of care is the bill's: unregistered, then of each level.
    /// </summary>
    static IEnumerable<FacilityProfile> Facilities()
    {
        yield return FacilityProfile.Unregistered("");
        for (var level = 3; level >= 1; level--)
            yield return new FacilityProfile(
                "", "", "", level, Public: true, Drg: true, SpecialDisease: true, Registered: true);
    }
}
