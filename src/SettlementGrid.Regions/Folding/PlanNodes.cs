using SettlementGrid.Enrollees;
using SettlementGrid.Plans;

namespace SettlementGrid.Regions.Folding;

/// <summary>
/// A plan as the fold knows it: of each published version what decides where an amount is booked. Plans are met by name
/// before or without being published as well (a roster may be earlier than its plan).
/// </summary>
sealed class PlanNode(int index, string id)
{
    readonly List<PlanVersionRules?> _versions = [];

    public int Index { get; } = index;

    public string Id { get; } = id;

    public IReadOnlyList<PlanVersionRules?> Versions => _versions;

    public bool IsPublished => _versions.Count > 0;

    public PlanVersionRules? Version(int version) =>
        (uint)(version - 1) < (uint)_versions.Count ? _versions[version - 1] : null;

    public void Publish(int version, PlanVersionRules rules)
    {
        while (_versions.Count < version)
            _versions.Add(null);
        _versions[version - 1] = rules;
    }
}

/// <summary>Of a published version: which layers are the basic pool's, and which basic parts its own fund bears.</summary>
/// <param name="Region">The pooling region from which the place of care is seen.</param>
/// <param name="BasicLayers">Computed basic layers: what they pay is none of the plan's fund.</param>
sealed record PlanVersionRules(string Region, string[] BasicLayers, BasicFund[] BasicFunds)
{
    public static PlanVersionRules Of(Plan plan) => new(
        plan.Region,
        [.. plan.Layers.Where(l => l.IsBasic).Select(l => l.Id)],
        [.. plan.Basic.FundCodes.Select(c => new BasicFund(c.Value, c.When.CareTypes))]);

    public bool IsBasic(string layerId) => BasicLayers.Length > 0 && Array.IndexOf(BasicLayers, layerId) >= 0;

    /// <param name="fundCode">Empty: any; an adjustment does not say.</param>
    public bool Bears(string fundCode, CareType careType)
    {
        foreach (var fund in BasicFunds)
            if ((fundCode.Length == 0 || fund.Code == fundCode)
                && (fund.CareTypes == 0 || (fund.CareTypes & Condition.Bit((int)careType)) != 0))
                return true;
        return false;
    }
}

/// <param name="CareTypes">Bit n: the care type with number n; 0: every one.</param>
readonly record struct BasicFund(string Code, int CareTypes);

/// <summary>Every plan that was met, once each.</summary>
sealed class PlanNodes
{
    readonly Dictionary<string, PlanNode> _byId = new(StringComparer.Ordinal);
    readonly List<PlanNode> _all = [];

    public IReadOnlyList<PlanNode> All => _all;

    public PlanNode? Find(string id) => _byId.GetValueOrDefault(id);

    public PlanNode Of(string id)
    {
        if (_byId.TryGetValue(id, out var known))
            return known;
        var node = new PlanNode(_all.Count, id);
        _all.Add(node);
        _byId.Add(id, node);
        return node;
    }

    /// <summary>Whether what the layer paid is the basic pool's and not the plan's.</summary>
    public bool IsBasic(in FundStepLayer layer) =>
        Find(layer.PlanId)?.Version(layer.PlanVersion)?.IsBasic(layer.LayerId) ?? false;

    /// <summary>
    /// The plan on whose fund the bill's basic part is booked (通辽 4.2): of the plans that counted the last that says so,
    /// as in settling. Null: it is the basic pool's.
    /// </summary>
    public (PlanNode Plan, PlanVersionRules Rules)? BearerOfBasic(FundStep step)
    {
        var counted = step.Counted;
        for (var i = counted.Length - 1; i >= 0; i--)
            if (Find(counted[i].PlanId) is { } plan && plan.Version(counted[i].Version) is { } rules
                && rules.Bears(step.BasicFundCode, step.CareType))
                return (plan, rules);
        return null;
    }
}
