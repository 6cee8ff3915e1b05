using SettlementGrid.Enrollees;

namespace SettlementGrid.Regions.Folding;

/// <summary>Years of cover under one plan; of one plan's they neither overlap nor touch.</summary>
readonly record struct ShapeCover(int Plan, int FirstYear, int LastYear)
{
    public static int Compare(ShapeCover a, ShapeCover b) =>
        a.Plan != b.Plan ? a.Plan.CompareTo(b.Plan) : a.FirstYear.CompareTo(b.FirstYear);
}

/// <summary>
/// What roster entries have in common as far as funds ask: region, and of each plan the years with cover. Millions of
/// persons have some thousands of shapes, so a person is one number.
/// </summary>
sealed class RosterShape(RegionNode? region, ShapeCover[] covers)
{
    /// <summary>Null: not on the roster.</summary>
    public RegionNode? Region { get; } = region;

    public ShapeCover[] Covers { get; } = covers;

    public long Persons { get; set; }

    /// <summary>The position of the newest fact by which somebody came or went.</summary>
    public long ChangedAt { get; set; }

    /// <summary>The next shape with the same hash; null: none.</summary>
    public RosterShape? Next { get; init; }

    public int Number { get; init; }
}

/// <summary>Every shape that was met, once each; number 0 is that of persons who are not on the roster.</summary>
sealed class RosterShapes
{
    readonly Dictionary<int, RosterShape> _byHash = [];
    readonly List<RosterShape> _all = [new RosterShape(null, [])];
    ShapeCover[] _scratch = new ShapeCover[Enrollees.Limits.CoveragesMax];

    public IReadOnlyList<RosterShape> All => _all;

    public RosterShape this[int number] => _all[number];

    /// <summary>The shape of a roster entry.</summary>
    public RosterShape Of(RegionNode region, ReadOnlySpan<FundStepCover> covers, PlanNodes plans)
    {
        if (covers.Length > _scratch.Length)
            _scratch = new ShapeCover[covers.Length];
        for (var i = 0; i < covers.Length; i++)
            _scratch[i] = new ShapeCover(plans.Of(covers[i].PlanId).Index, covers[i].FirstYear, covers[i].LastYear);
        return Of(region, Merged(_scratch.AsSpan(0, covers.Length)));
    }

    public RosterShape Of(RegionNode region, ReadOnlySpan<ShapeCover> covers)
    {
        var hash = HashCode.Combine(region.Index, covers.Length);
        foreach (var cover in covers)
            hash = HashCode.Combine(hash, cover.Plan, cover.FirstYear, cover.LastYear);
        var first = _byHash.GetValueOrDefault(hash);
        for (var shape = first; shape is not null; shape = shape.Next)
            if (shape.Region == region && covers.SequenceEqual(shape.Covers))
                return shape;
        var added = new RosterShape(region, covers.ToArray()) { Next = first, Number = _all.Count };
        _all.Add(added);
        _byHash[hash] = added;
        return added;
    }

    /// <summary>
    /// Sorted, and years of one plan that overlap or touch made one: suspended cover counts a year once.
    /// </summary>
    static ReadOnlySpan<ShapeCover> Merged(Span<ShapeCover> covers)
    {
        if (covers.Length <= 1)
            return covers;
        covers.Sort(ShapeCover.Compare);
        var last = 0;
        for (var i = 1; i < covers.Length; i++)
        {
            var (before, cover) = (covers[last], covers[i]);
            if (before.Plan == cover.Plan && cover.FirstYear <= before.LastYear + 1)
                covers[last] = before with { LastYear = Math.Max(before.LastYear, cover.LastYear) };
            else
                covers[++last] = cover;
        }
        return covers[..(last + 1)];
    }
}
