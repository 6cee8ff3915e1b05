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

    public Months Months { get; } = new();

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

/// <summary>
/// Beijing months as one number, year × 12 + month − 1, so that they sort. Remembers the latest month, since facts come
/// in about the order of their times.
/// </summary>
sealed class Months
{
    const long DayMs = 86_400_000;
    static readonly long OffsetMs = (long)Plans.BeijingTime.Offset.TotalMilliseconds;
    static readonly int Epoch = new DateOnly(1970, 1, 1).DayNumber;

    long _from;
    long _to;
    int _month;

    /// <param name="at">Milliseconds since 1970.</param>
    public int Of(long at)
    {
        if (at >= _from && at < _to)
            return _month;
        var day = DayOf(at);
        _month = day.Year * 12 + day.Month - 1;
        var first = day.DayNumber - day.Day + 1;
        _from = (first - Epoch) * DayMs - OffsetMs;
        _to = _from + DateTime.DaysInMonth(day.Year, day.Month) * DayMs;
        return _month;
    }

    public static DateOnly DayOf(long at)
    {
        var (days, rest) = Math.DivRem(at + OffsetMs, DayMs);
        return DateOnly.FromDayNumber(checked((int)(Epoch + days)) - (rest < 0 ? 1 : 0));
    }

    public static string Text(int month) => $"{month / 12:0000}-{month % 12 + 1:00}";
}
