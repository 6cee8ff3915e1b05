namespace SettlementGrid.SampleCity;

/// <summary>
/// Randomness from a seed (SplitMix64): the same numbers on every machine and under every version of .NET, which
/// System.Random does not promise. Each person throws dice of their own, so a change to one moves no other.
/// </summary>
struct Dice
{
    ulong _state;

    public Dice(ulong seed, string stream)
    {
        _state = seed;
        foreach (var c in stream)
            _state = Mixed(_state ^ c);
    }

    /// <summary>From lo to hi, both inclusive.</summary>
    public long Between(long lo, long hi) => lo + (long)(Next() % (ulong)(hi - lo + 1));

    public int Between(int lo, int hi) => (int)Between((long)lo, hi);

    /// <summary>True in so many of ten thousand throws.</summary>
    public bool Chance(int ofTenThousand) => Between(1, 10_000) <= ofTenThousand;

    public T Pick<T>(IReadOnlyList<T> items) => items[Between(0, items.Count - 1)];

    /// <summary>An index, each as often as its weight.</summary>
    public int Weighted(IReadOnlyList<int> weights)
    {
        var left = Between(0, weights.Sum() - 1);
        for (var i = 0; ; i++)
        {
            left -= weights[i];
            if (left < 0)
                return i;
        }
    }

    public DateOnly DayOf(int year) =>
        new DateOnly(year, 1, 1).AddDays(Between(0, DateTime.IsLeapYear(year) ? 365 : 364));

    ulong Next() => Mixed(_state += 0x9E3779B97F4A7C15);

    static ulong Mixed(ulong value)
    {
        value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9;
        value = (value ^ value >> 27) * 0x94D049BB133111EB;
        return value ^ value >> 31;
    }
}
