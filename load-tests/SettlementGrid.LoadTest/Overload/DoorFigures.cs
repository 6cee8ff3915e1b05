using System.Globalization;
using SettlementGrid.LoadTest.Measuring;
using SettlementGrid.Testbed;

namespace SettlementGrid.LoadTest.Overload;

/// <summary>
/// What the server has measured of its door so far, and what it and the others have used; differences of two are what
/// happened between.
/// </summary>
/// <param name="RefusedAfter">From a refused call's start in the server to its answer.</param>
/// <param name="PoolWait">From a request's headers read to its call's start; sampled.</param>
public sealed record DoorFigures(Buckets RefusedAfter, Buckets PoolWait, ServerFigures Used)
{
    public static async Task<DoorFigures> ReadAsync(RunningServer server, CancellationToken cancellation)
    {
        using var http = new HttpClient();
        var text = await http.GetStringAsync(new Uri(server.Place.Http, "/metrics"), cancellation);
        return new DoorFigures(
            Buckets.Read(text, "api_refused_after_seconds"), Buckets.Read(text, "api_pool_wait_seconds"),
            await ServerFigures.ReadAsync([server], cancellation));
    }

    public static DoorFigures operator -(DoorFigures later, DoorFigures earlier) => new(
        later.RefusedAfter - earlier.RefusedAfter, later.PoolWait - earlier.PoolWait, later.Used - earlier.Used);
}

/// <summary>A histogram as Prometheus shows it: how many took at most so many seconds.</summary>
public sealed record Buckets(IReadOnlyList<(double AtMost, long Count)> Cumulative)
{
    public long Count => Cumulative.Count == 0 ? 0 : Cumulative[^1].Count;

    public static Buckets Read(string metrics, string name) => new(
    [
        .. metrics.Split('\n')
            .Where(line => line.StartsWith(name + "_bucket{le=\"", StringComparison.Ordinal))
            .Select(line => line[(name.Length + "_bucket{le=\"".Length)..].Split("\"} "))
            .Select(parts => (
                parts[0] == "+Inf" ? double.PositiveInfinity : double.Parse(parts[0], CultureInfo.InvariantCulture),
                long.Parse(parts[1], CultureInfo.InvariantCulture))),
    ]);

    /// <summary>The bound of the bucket in which this share of all is reached, in seconds; 0 of none.</summary>
    public double AtMost(double share) => Count == 0
        ? 0
        : Cumulative.First(one => one.Count >= Math.Max(1, share * Count)).AtMost;

    public string InWords(double share) => AtMost(share) is var bound && double.IsInfinity(bound)
        ? "above 1 s"
        : $"≤ {bound * 1_000:0.##} ms";

    public static Buckets operator -(Buckets later, Buckets earlier) => new(
        [.. later.Cumulative.Select(one => (one.AtMost, one.Count - earlier.CountOf(one.AtMost)))]);

    long CountOf(double bound) => Cumulative.FirstOrDefault(one => one.AtMost.Equals(bound)).Count;
}
