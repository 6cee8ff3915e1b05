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
    readonly List<PlanLayer> _layers = [];
    PlanLayer? _lastLayer;

    public int Index { get; } = index;

    public string Id { get; } = id;

    public IReadOnlyList<PlanVersionRules?> Versions => _versions;

    public bool IsPublished => _versions.Count > 0;

    public PlanVersionRules? Version(int version) =>
        (uint)(version - 1) < (uint)_versions.Count ? _versions[version - 1] : null;

    /// <summary>
    /// The layer as a fact names it. A plan has a handful, and the texts of facts are mostly the same objects, so
    /// comparing beats hashing.
    /// </summary>
    public PlanLayer Layer(in FundStepLayer layer, Numbered<FundLayer> layers)
    {
        if (_lastLayer is { } last && last.Is(layer))
            return last;
        foreach (var known in _layers)
            if (known.Is(layer))
                return _lastLayer = known;
        var named = new FundLayer(layer.LayerId, layer.Payer, layer.FundCode);
        var added = new PlanLayer(
            named, layer.PlanVersion, layers.Of(named), Version(layer.PlanVersion)?.IsBasic(layer.LayerId) ?? false);
        _layers.Add(added);
        return _lastLayer = added;
    }

    public void Publish(int version, PlanVersionRules rules)
    {
        // Whoever named the version before it was published named it without its rules.
        _layers.Clear();
        _lastLayer = null;
        while (_versions.Count < version)
            _versions.Add(null);
        _versions[version - 1] = rules;
    }
}

/// <param name="Number">In the fold's list of layers.</param>
/// <param name="IsBasic">What it paid is the basic pool's and not the plan's.</param>
sealed record PlanLayer(FundLayer Layer, int PlanVersion, int Number, bool IsBasic)
{
    public bool Is(in FundStepLayer layer) =>
        PlanVersion == layer.PlanVersion && Layer.LayerId == layer.LayerId && Layer.Payer == layer.Payer
        && Layer.FundCode == layer.FundCode;
}

/// <summary>
/// Of a published version: which layers are the basic pool's, and which basic parts its own fund bears.
/// </summary>
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
    PlanNode? _last;

    public IReadOnlyList<PlanNode> All => _all;

    public PlanNode? Find(string id) => _byId.GetValueOrDefault(id);

    public PlanNode Of(string id)
    {
        if (_last is { } last && last.Id == id)
            return last;
        return _last = Found(id);
    }

    PlanNode Found(string id)
    {
        if (_byId.TryGetValue(id, out var known))
            return known;
        var node = new PlanNode(_all.Count, id);
        _all.Add(node);
        _byId.Add(id, node);
        return node;
    }

    /// <summary>
    /// The plan on whose fund the bill's basic part is booked (通辽 4.2): of the plans that counted the last that says
    /// so, as in settling. Null: it is the basic pool's.
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
