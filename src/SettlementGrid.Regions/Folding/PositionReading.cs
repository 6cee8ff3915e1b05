using SettlementGrid.Enrollees;
using SettlementGrid.Plans;

namespace SettlementGrid.Regions.Folding;

/// <summary>
/// Adds a fold's books up to the funds that are asked for. Lives for one question; looks once over all books and roster
/// shapes, of which there are thousands and not millions.
/// </summary>
sealed class PositionReading(FundFold fold)
{
    readonly FundState _state = fold.State;
    readonly Dictionary<(RegionNode? Region, PlanNode? Plan), Gathered> _gathered = [];
    readonly List<RegionNode> _targets = [];
    bool _facilities;

    public FundPosition One(string regionId, string planId, int year)
    {
        var (region, plan) = (_state.Regions.Find(regionId), _state.Plans.Find(planId));
        var target = new Gathered(year, facilities: true);
        if (region is not null && plan is not null)
        {
            _gathered.Add((region, plan), target);
            Gather(region, plan, year, below: false);
        }
        return PositionOf(regionId, planId, target);
    }

    public FundPositions Many(FundQuery query, long changedAfter)
    {
        var region = _state.Regions.Find(query.RegionId);
        var plan = _state.Plans.Find(query.PlanId);
        _facilities = query is { Below: false, PlanId.Length: > 0 };
        if (query.PlanId.Length > 0)
            Target(region, plan, query.Year);
        if (region is not null && (plan is not null || query.PlanId.Length == 0))
            Gather(region, plan, query.Year, query.Below);
        var positions = new List<FundPosition>();
        foreach (var ((at, of), sums) in _gathered)
        {
            var asked = at == region && query.PlanId.Length > 0;
            if (changedAfter < 0 ? asked || !sums.IsEmpty : sums.ChangedAt > changedAfter)
                positions.Add(PositionOf(at?.Id ?? query.RegionId, of?.Id ?? query.PlanId, sums));
        }
        positions.Sort(static (a, b) => string.CompareOrdinal(a.RegionId, b.RegionId) is var byRegion && byRegion != 0
            ? byRegion : string.CompareOrdinal(a.PlanId, b.PlanId));
        return new FundPositions(fold.Mark, positions);
    }

    /// <param name="only">Null: every plan.</param>
    void Gather(RegionNode asked, PlanNode? only, int year, bool below)
    {
        foreach (var book in _state.Books.All)
        {
            if (book.Year != year || (only ?? book.Plan) != book.Plan || !book.Region.IsWithin(asked))
                continue;
            foreach (var region in TargetsOf(book.Region, asked, below))
                Target(region, book.Plan, year).Add(book, isOwn: region == book.Region);
        }
        foreach (var shape in _state.Shapes.All)
        {
            if (shape.Region is not { } home || !home.IsWithin(asked))
                continue;
            foreach (var cover in shape.Covers)
            {
                var plan = _state.Plans.All[cover.Plan];
                if (cover.FirstYear > year || cover.LastYear < year || (only ?? plan) != plan)
                    continue;
                foreach (var region in TargetsOf(home, asked, below))
                    Target(region, plan, year).Add(shape);
            }
        }
    }

    /// <summary>The regions that are asked for and in which this one counts.</summary>
    List<RegionNode> TargetsOf(RegionNode region, RegionNode asked, bool below)
    {
        _targets.Clear();
        _targets.Add(below ? region : asked);
        if (below && region.City is { } city && city.IsWithin(asked))
            _targets.Add(city);
        if (below && region.Province is { } province && province.IsWithin(asked))
            _targets.Add(province);
        return _targets;
    }

    Gathered Target(RegionNode? region, PlanNode? plan, int year)
    {
        if (!_gathered.TryGetValue((region, plan), out var target))
            _gathered.Add((region, plan), target = new Gathered(year, _facilities));
        return target;
    }

    FundPosition PositionOf(string regionId, string planId, Gathered gathered)
    {
        var sums = gathered.Sums;
        return new FundPosition(
            regionId, planId, gathered.Year, fold.Mark, fold.At, RecordedOf(sums),
            Money.Nearest(sums.Paid), Money.Nearest(sums.AccidentBasic), Money.Nearest(sums.Adjusted), gathered.Persons,
            gathered.Insured, sums.Cases,
            sums.Reversals, sums.Adjustments,
            [.. sums.ByMonth.OrderBy(m => m.Key).Select(m => Sum(Months.Text(m.Key), m.Value))],
            PlacesOf(sums),
            [.. sums.ByFacility.Select(f => Sum(_state.Facilities[f.Key], f.Value))
                .OrderBy(f => f.Key, StringComparer.Ordinal)],
            [.. sums.ByLayer.Select(l => Sum(_state.Layers[l.Key], l.Value))
                .OrderBy(l => l.Key.LayerId, StringComparer.Ordinal).ThenBy(l => l.Key.Payer, StringComparer.Ordinal)
                .ThenBy(l => l.Key.FundCode, StringComparer.Ordinal)]);
    }

    static FundRecorded RecordedOf(FundSums sums)
    {
        Money Of(FundRecordKind kind) => Money.Nearest(sums.Recorded[(int)kind]);

        return new FundRecorded(
            Of(FundRecordKind.Premium), Of(FundRecordKind.Supplement),
            Of(FundRecordKind.Deduction), Of(FundRecordKind.TransferToInsurer),
            Of(FundRecordKind.Deposit), Of(FundRecordKind.Prepayment),
            Of(FundRecordKind.Return), sums.PremiumPersons);
    }

    static List<FundSum<CarePlace>> PlacesOf(FundSums sums)
    {
        var places = new List<FundSum<CarePlace>>();
        for (var place = 1; place < FundSums.Places; place++)
            if (sums.ByPlace[place].Touched)
                places.Add(Sum((CarePlace)place, sums.ByPlace[place]));
        return places;
    }

    static FundSum<T> Sum<T>(T key, FundCell cell) => new(key, Money.Nearest(cell.Paid), cell.Cases);
}

/// <summary>A fund while it is added up.</summary>
sealed class Gathered(int year, bool facilities)
{
    public int Year { get; } = year;

    public FundSums Sums { get; } = new();

    public long Persons { get; private set; }

    public long Insured { get; private set; }

    public long ChangedAt { get; private set; }

    public bool IsEmpty => Insured == 0 && Sums.IsEmpty;

    /// <param name="isOwn">The book is the fund's own: it counts the persons of all regions under it.</param>
    public void Add(Book book, bool isOwn)
    {
        Sums.Add(book.Sums, facilities);
        if (isOwn)
            Persons = book.Persons;
        ChangedAt = Math.Max(ChangedAt, book.ChangedAt);
    }

    public void Add(RosterShape shape)
    {
        Insured += shape.Persons;
        ChangedAt = Math.Max(ChangedAt, shape.ChangedAt);
    }
}
