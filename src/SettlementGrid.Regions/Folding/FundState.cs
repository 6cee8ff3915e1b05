namespace SettlementGrid.Regions.Folding;

/// <summary>Everything a fold knows apart from its mark.</summary>
sealed class FundState
{
    public FundState()
    {
        Cases = new StandingCases(Persons, Books);
    }

    public RegionNodes Regions { get; } = new();

    public PlanNodes Plans { get; } = new();

    public Numbered<string> Facilities { get; } = new();

    public Numbered<FundLayer> Layers { get; } = new();

    public Books Books { get; } = new();

    public RosterShapes Shapes { get; } = new();

    public Persons Persons { get; } = new();

    public StandingCases Cases { get; }
}

/// <summary>Keys numbered from 0 in the order met.</summary>
sealed class Numbered<T>
    where T : notnull
{
    readonly Dictionary<T, int> _numbers = [];
    readonly List<T> _all = [];

    public IReadOnlyList<T> All => _all;

    public T this[int number] => _all[number];

    public int Of(T key)
    {
        if (_numbers.TryGetValue(key, out var known))
            return known;
        _numbers.Add(key, _all.Count);
        _all.Add(key);
        return _all.Count - 1;
    }
}

/// <summary>Beijing months as one number, year × 12 + month − 1, so that they sort.</summary>
static class Months
{
    const long DayMs = 86_400_000;
    static readonly long OffsetMs = (long)Plans.BeijingTime.Offset.TotalMilliseconds;
    static readonly int Epoch = new DateOnly(1970, 1, 1).DayNumber;

    /// <param name="at">Milliseconds since 1970.</param>
    public static int Of(long at)
    {
        var day = DayOf(at);
        return day.Year * 12 + day.Month - 1;
    }

    public static DateOnly DayOf(long at) =>
        DateOnly.FromDayNumber(checked((int)(Epoch + Math.DivRem(at + OffsetMs, DayMs) switch
        {
            var (days, rest) => rest < 0 ? days - 1 : days,
        })));

    public static string Text(int month) => $"{month / 12:0000}-{month % 12 + 1:00}";
}
