using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using SettlementGrid.LoadTest.Measuring;
using SettlementGrid.LoadTest.Reporting;
using SettlementGrid.Postgres;
using SettlementGrid.Testbed;

namespace SettlementGrid.Crash.Tests;

/// <summary>The load test's histogram against exact percentiles and against a published histogram.</summary>
public sealed class Histogram_tests
{
    /// <summary>What ours promises, and what three significant digits promise of the other.</summary>
    const double Error = 0.01, PublishedError = 0.001;

    const int Durations = 100_000;

    static readonly double[] s_shares = [.. RunRows.Percentiles.Select(one => one.Share)];

    [Fact]
    public void Percentiles_are_within_one_percent_of_the_exact_ones() => Prop.ForAll(
        ArbMap.Default.ArbFor<NonEmptyArray<int>>(),
        durations =>
        {
            var sorted = durations.Get.Select(one => (long)Math.Abs((double)one) * 1_000).Order().ToList();
            var (first, second) = (new Histogram(), new Histogram());
            for (var at = 0; at < sorted.Count; at++)
                (at % 2 == 0 ? first : second).Add(sorted[at]);
            first.Add(second);
            return first.Count == sorted.Count && first.Max == sorted[^1] && new[] { 0.01, 0.5, 0.99, 1 }.All(share =>
            {
                var exact = sorted[Math.Max(0, (int)Math.Ceiling(sorted.Count * share) - 1)];
                return first.At(share) >= exact && first.At(share) <= exact * (1 + Error);
            });
        }).QuickCheckThrowOnFailure();

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Percentiles_are_those_of_the_published_histogram(int seed)
    {
        var node = Path.Combine(Repository.Root, "tests", "clients", "node");
        Skip.If(ChildProgram.Find("node") is null, "node is not installed");
        Skip.IfNot(
            Directory.Exists(Path.Combine(node, "node_modules", "hdr-histogram-js")),
            "hdr-histogram-js is not installed: npm ci in tests/clients/node");
        var durations = LongTailed(seed);
        var own = new Histogram();
        foreach (var duration in durations)
            own.Add(duration);
        var file = Path.GetTempFileName();
        await File.WriteAllLinesAsync(file, durations.Select(one => one.ToString(CultureInfo.InvariantCulture)));

        var published = await ChildProgram.RunAsync(
            ["node", Path.Combine(node, "histogram.mjs"), file, .. s_shares.Select(one => $"{one}")],
            node, TestbedLimits.CommandMax, CancellationToken.None);

        File.Delete(file);
        Assert.True(published.Succeeded, published.Output);
        var theirs = published.Output.Split(' ').Select(long.Parse).ToArray();
        Assert.Equal(s_shares.Length, theirs.Length);
        for (var at = 0; at < s_shares.Length; at++)
        {
            // Both tell the upper end of a place: each at most its own error above the exact value, never below.
            Assert.InRange(
                own.At(s_shares[at]), theirs[at] / (1 + PublishedError) - 1, theirs[at] * (1 + Error) + 1);
        }
    }

    /// <summary>Microseconds as a server's are: most below a few milliseconds, few of minutes.</summary>
    static List<long> LongTailed(int seed)
    {
        var draw = new Random(seed);
        var durations = new List<long>(Durations);
        for (var i = 0; i < Durations; i++)
        {
            var normal = Math.Sqrt(-2 * Math.Log(1 - draw.NextDouble())) * Math.Cos(2 * Math.PI * draw.NextDouble());
            durations.Add((long)Math.Exp(7 + 2 * normal));
        }
        return durations;
    }
}
