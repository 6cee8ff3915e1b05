using SettlementGrid.Plans;

namespace SettlementGrid.Regions.Folding;

/// <summary>A region and what lies above it: its city and its province, where it is not that itself.</summary>
sealed class RegionNode(int index, string id, RegionNode? city, RegionNode? province)
{
    public int Index { get; } = index;

    public string Id { get; } = id;

    /// <summary>The region ending in 00; null where this is one, or a province.</summary>
    public RegionNode? City { get; } = city;

    /// <summary>The region ending in 0000; null where this is one.</summary>
    public RegionNode? Province { get; } = province;

    public bool IsWithin(RegionNode other) => this == other || City == other || Province == other;
}

/// <summary>Every region that was met, once each; the tree goes by prefix.</summary>
sealed class RegionNodes
{
    readonly Dictionary<string, RegionNode> _byId = new(StringComparer.Ordinal);
    readonly List<RegionNode> _all = [];

    public IReadOnlyList<RegionNode> All => _all;

    public RegionNode? Find(string id) => _byId.GetValueOrDefault(id);

    public RegionNode Of(string id)
    {
        if (_byId.TryGetValue(id, out var known))
            return known;
        // A code that is none stands for itself alone.
        var formed = Region.IsWellFormed(id);
        var province = formed && !id.EndsWith("0000", StringComparison.Ordinal) ? Of(id[..2] + "0000") : null;
        var city = formed && !id.EndsWith("00", StringComparison.Ordinal) ? Of(id[..4] + "00") : null;
        var node = new RegionNode(_all.Count, id, city, province);
        _all.Add(node);
        _byId.Add(id, node);
        return node;
    }
}
