using SettlementGrid.Plans;

namespace SettlementGrid.Enrollees.Simulating;

/// <summary>
/// A plan in the place of the published ones of its kind. Where it has another id than they, what a person has under
/// their layers counts under its layers of the same ids: a draft of next year begins where this year's plan would.
/// </summary>
sealed class TriedPlan
{
    /// <summary>The number of a version that was never published.</summary>
    const int NoVersion = 0;

    readonly PlanVersion _tried;
    readonly Catalog _catalog;
    readonly HashSet<string> _replaced = new(StringComparer.Ordinal);

    /// <param name="catalog">Knows every version that a settlement names.</param>
    /// <param name="counted">The versions that counted in the region; elsewhere the plan stands for none.</param>
    public TriedPlan(Plan plan, Catalog catalog, IEnumerable<PlanCounted> counted)
    {
        _tried = new PlanVersion(plan, NoVersion, "");
        _catalog = catalog;
        _replaced.Add(plan.Id);
        _replaced.UnionWith(counted.Where(Replaces).Select(c => c.PlanId));
    }

    public Plan Plan => _tried.Plan;

    /// <summary>The plans that count in a settlement with this one in its place.</summary>
    /// <param name="replaced">In whose place; null: none of its kind counted, all are as stored.</param>
    public List<PlanVersion> InPlace(IReadOnlyList<PlanCounted> counted, out PlanCounted? replaced)
    {
        replaced = null;
        var plans = new List<PlanVersion>(counted.Count);
        foreach (var plan in counted)
        {
            if (!Replaces(plan))
                plans.Add(Published(plan));
            else if (replaced is null)
            {
                replaced = plan;
                plans.Add(_tried);
            }
        }
        return plans;
    }

    /// <summary>Cover under a replaced plan is cover under this one: it tells when cover began.</summary>
    public RosterEntry Cover(RosterEntry roster, PlanCounted? replaced) =>
        replaced is not { } plan || plan.PlanId == Plan.Id
            ? roster
            : roster with
            {
                Coverages =
                    [.. roster.Coverages.Select(c => c.PlanId == plan.PlanId ? c with { PlanId = Plan.Id } : c)],
            };

    /// <summary>The plan and layer under which a layer's payments are shown.</summary>
    public (string PlanId, string LayerId) Shown(LayerResult layer) =>
        _replaced.Contains(layer.PlanId) && Plan.Layer(layer.LayerId) is not null
            ? (Plan.Id, layer.LayerId)
            : (layer.PlanId, layer.LayerId);

    /// <summary>
    /// What the changes of an opening balance, or of a settlement that stays as it is, are under this plan. Basic
    /// payments belong to the plan and not to a layer: of a layer that this plan does not have they go to its first.
    /// </summary>
    /// <param name="discharge">Null: an opening balance, which has none.</param>
    public IReadOnlyList<AccumulatorChange> Carried(IReadOnlyList<AccumulatorChange> changes, DateOnly? discharge)
    {
        var carried = new List<AccumulatorChange>(changes.Count + 1);
        foreach (var (key, moved) in changes)
        {
            if (!_replaced.Contains(key.PlanId))
                carried.Add(new AccumulatorChange(key, moved));
            else if (Plan.Layer(key.LayerId) is { } layer)
                carried.Add(Under(layer, key, moved, discharge));
            else
            {
                var basic = new Accumulator(Money.Zero, Money.Zero, moved.BasicPaid, 0);
                carried.Add(new AccumulatorChange(key with { PlanId = Plan.Id }, moved - basic));
                carried.Add(Under(Plan.Layers[0], key, basic, discharge));
            }
        }
        return carried;
    }

    AccumulatorChange Under(Layer layer, AccumulatorKey key, Accumulator moved, DateOnly? discharge)
    {
        var period = discharge is { } day ? layer.PeriodOf(day)
            : layer.Period == PeriodLength.Year ? new Period(key.Period.Year)
            : key.Period;
        return new AccumulatorChange(new AccumulatorKey(Plan.Id, layer.Id, period), moved);
    }

    bool Replaces(PlanCounted counted) =>
        counted.PlanId == Plan.Id || Published(counted).Plan.Kind == Plan.Kind;

    PlanVersion Published(PlanCounted counted) => _catalog.Find(counted.PlanId, counted.Version)
        ?? throw new InvalidOperationException($"The catalog lacks {counted.PlanId} version {counted.Version}.");
}
