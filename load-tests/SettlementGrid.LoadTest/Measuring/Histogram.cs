using System.Numerics;

namespace SettlementGrid.LoadTest.Measuring;

/// <summary>
/// Counts durations in microseconds with a relative error below 1 % in constant memory: a row for each power of two,
/// 128 columns in each. One writer at a time; histograms of many writers are added up afterwards.
/// </summary>
public sealed class Histogram
{
    const int ColumnBits = 7;
    const int Columns = 1 << ColumnBits;

    readonly long[] _counts = new long[(64 - ColumnBits + 1) * Columns];

    public long Count { get; private set; }

    public long Max { get; private set; }

    public void Add(long microseconds)
    {
        var value = Math.Max(0, microseconds);
        _counts[Place(value)]++;
        Count++;
        Max = Math.Max(Max, value);
    }

    public void Add(Histogram other)
    {
        for (var place = 0; place < _counts.Length; place++)
            _counts[place] += other._counts[place];
        Count += other.Count;
        Max = Math.Max(Max, other.Max);
    }

    /// <summary>The smallest duration that this share of all did not exceed (within the error); 0 of none.</summary>
    /// <param name="share">Above 0, at most 1.</param>
    public long At(double share)
    {
        var wanted = Math.Max(1, (long)Math.Ceiling(Count * share));
        var seen = 0L;
        for (var place = 0; place < _counts.Length; place++)
        {
            seen += _counts[place];
            if (seen >= wanted && Count > 0)
                return Math.Min(Highest(place), Max);
        }
        return Max;
    }

    // Below 128 each value has its own place; above, the 7 bits after the leading one choose the column.
    static int Place(long value)
    {
        if (value < Columns)
            return (int)value;
        var row = BitOperations.Log2((ulong)value) - ColumnBits;
        return (row + 1) * Columns + (int)((value >> row) - Columns);
    }

    static long Highest(int place)
    {
        var (row, column) = (place / Columns - 1, place % Columns);
        return row < 0 ? column : ((long)(Columns + column + 1) << row) - 1;
    }
}
