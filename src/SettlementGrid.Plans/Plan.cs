namespace SettlementGrid.Plans;

/// <summary>
/// A plan as data: what a plan file says, checked and compiled, so that settling a bill only looks up.
/// </summary>
/// <param name="Order">Plans of a person are settled in this order; equal numbers go by id.</param>
/// <param name="Region">The pooling region from which the place of care is seen.</param>
/// <param name="Effective">Discharge dates for which it holds.</param>
/// <param name="Sample">Marked as a sample: published in sample mode only.</param>
public sealed record Plan(
    string Id, string NameZh, string NameEn, PlanKind Kind, int Order, string Region, DaySpan Effective, bool Sample)
{
    /// <summary>A template has required parameters without values: it is read and shown, never published.</summary>
    public bool Template { get; init; }

    /// <summary>Regions that keep separate books under the plan; for reports, never a condition of cover.</summary>
    public IReadOnlyList<District> Districts { get; init; } = [];

    /// <summary>In the order in which they are settled; basic payments are booked on the first.</summary>
    public IReadOnlyList<Layer> Layers { get; init; } = [];

    public BasicPool Basic { get; init; } = BasicPool.None;
    public IReadOnlyList<SharedCap> SharedCaps { get; init; } = [];
    public IReadOnlyList<Parameter> Parameters { get; init; } = [];

    /// <summary>Identities (bit n: number n) that count as they stood when cover began, not at discharge.</summary>
    public int IdentitiesAtCoverStart { get; init; }

    /// <summary>Named groups of identities, as the explanation calls them.</summary>
    public IReadOnlyList<IdentityGroup> IdentityGroups { get; init; } = [];

    /// <summary>Readings of unclear documents: what was read, beside which number.</summary>
    public IReadOnlyList<Remark> Remarks { get; init; } = [];

    public string Name(Language language) => language == Language.Chinese ? NameZh : NameEn;

    /// <summary>Whether an accumulator of that id belongs to the plan: a layer's, or that of a layer's start.</summary>
    public bool HasAccumulator(string id)
    {
        foreach (var layer in Layers)
            if (layer.Id == id || (layer.StartMeasure is not null && layer.StartId == id))
                return true;
        return false;
    }

    public Layer? Layer(string layerId)
    {
        for (var i = 0; i < Layers.Count; i++)
            if (Layers[i].Id == layerId)
                return Layers[i];
        return null;
    }
}

public sealed record District(string Region, string Name);

public sealed record IdentityGroup(string Id, string NameZh, string NameEn, int Identities);

/// <summary>
/// A remark of the plan file: where it stands (path in the file), the clause, and the reading chosen.
/// </summary>
public sealed record Remark(string Path, string Clause, string Text);
