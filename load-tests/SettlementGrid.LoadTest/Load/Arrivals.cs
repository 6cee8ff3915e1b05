using System.Diagnostics;

namespace SettlementGrid.LoadTest.Load;

/// <summary>When calls arrive: ticks after the start, ascending.</summary>
/// <param name="peak">Arrivals a second at the peak.</param>
/// <param name="lasts">How long the whole run lasts, over which a day's curve is spread.</param>
public sealed class Arrivals(double peak, TimeSpan lasts, bool day, int seed)
{
    // Discharges of a hospital day from 8 to 18 h, by half hours, against the peak between 10 and 11.
    static readonly double[] s_day =
    [
        0.20, 0.45, 0.70, 0.90, 1.00, 1.00, 0.85, 0.60, 0.35, 0.25, 0.30, 0.45, 0.60, 0.65, 0.60, 0.50, 0.40, 0.30, 0.20, 0.10,
    ];

    /// <summary>Pieces of a day, half an hour each.</summary>
    public static int DayParts => s_day.Length;

    /// <summary>The hour at which a piece of the day begins, as 10:30.</summary>
    public static string DayPartName(int part) => $"{8 + part / 2}:{part % 2 * 30:00}";

    readonly Random _draw = new(seed);
    double _at;

    /// <summary>The next one.</summary>
    public long Next()
    {
        do
        {
            // Gaps of a Poisson process at the peak; a curve keeps each with its share (thinning).
            _at += -Math.Log(1 - _draw.NextDouble()) / peak;
        }
        while (day && _draw.NextDouble() >= ShareAt(_at / lasts.TotalSeconds));
        return (long)(_at * Stopwatch.Frequency);
    }

    static double ShareAt(double part) => s_day[Math.Clamp((int)(part * s_day.Length), 0, s_day.Length - 1)];
}
