namespace SettlementGrid.Regions.Folding;

/// <summary>
/// The books of a region, plan and policy year. The sums are the region's own facts; what lies under it is added when
/// it is asked for. Only the persons are counted here for all that lies under it, since they do not add up.
/// </summary>
sealed class Book(int index, RegionNode region, PlanNode plan, int year, Book? city, Book? province)
{
    public int Index { get; } = index;

    public RegionNode Region { get; } = region;

    public PlanNode Plan { get; } = plan;

    public int Year { get; } = year;

    /// <summary>The same plan's and year's books one and two levels up; null where this is that level.</summary>
    public Book? City { get; } = city;

    public Book? Province { get; } = province;

    public FundSums Sums { get; } = new();

    /// <summary>Persons with a settlement that stands, here and in all regions under it.</summary>
    public long Persons { get; set; }

    /// <summary>The position of the newest fact of this very region's books; 0: none.</summary>
    public long ChangedAt { get; set; }
}

/// <summary>Every fund that was met, once each.</summary>
sealed class Books
{
    readonly Dictionary<BookKey, Book> _byKey = [];
    readonly List<Book> _all = [];

    public IReadOnlyList<Book> All => _all;

    public Book this[int index] => _all[index];

    public Book? Find(RegionNode region, PlanNode plan, int year) =>
        _byKey.GetValueOrDefault(new BookKey(region.Index, plan.Index, year));

    public Book Of(RegionNode region, PlanNode plan, int year)
    {
        var key = new BookKey(region.Index, plan.Index, year);
        if (_byKey.TryGetValue(key, out var known))
            return known;
        var province = region.Province is { } p ? Of(p, plan, year) : null;
        var city = region.City is { } c ? Of(c, plan, year) : null;
        var book = new Book(_all.Count, region, plan, year, city, province);
        _all.Add(book);
        _byKey.Add(key, book);
        return book;
    }

    readonly record struct BookKey(int Region, int Plan, int Year);
}
