using System.Globalization;

namespace SettlementGrid.LoadTest.Measuring;

/// <summary>
/// How many of the server's collections stopped it for at most so long, in seconds; cumulative, as its metric tells it.
/// </summary>
public sealed record PauseCounts(IReadOnlyList<(double Seconds, double Count)> AtMost)
{
    const string Bucket = "settlementgrid_gc_pause_seconds_bucket{le=\"";

    public double Count => AtMost.Count == 0 ? 0 : AtMost[^1].Count;

    /// <summary>No pause was longer, in seconds; 0: there was none, or the server does not tell.</summary>
    public double LongestAtMost => Count == 0 ? 0 : AtMost.First(one => one.Count >= Count).Seconds;

    public static PauseCounts Of(IReadOnlyDictionary<string, double> metrics) => new(
        [.. metrics.Where(one => one.Key.StartsWith(Bucket, StringComparison.Ordinal))
            .Select(one => (Bound(one.Key[Bucket.Length..one.Key.LastIndexOf('"')]), one.Value))
            .OrderBy(one => one.Item1)]);

    public PauseCounts Since(PauseCounts earlier) => new(
        [.. AtMost.Select(one => (
            one.Seconds,
            one.Count - earlier.AtMost.FirstOrDefault(then => then.Seconds == one.Seconds).Count))]);

    static double Bound(string text) =>
        text == "+Inf" ? double.PositiveInfinity : double.Parse(text, CultureInfo.InvariantCulture);
}
