using FsCheck;
using FsCheck.Fluent;
using SettlementGrid.LoadTest;
using SettlementGrid.LoadTest.Measuring;

namespace SettlementGrid.Crash.Tests;

/// <summary>The load test runs here too, small, so that it cannot rot.</summary>
[Collection(OneServer.Collection)]
public sealed class Load_test_tests(OneServer one)
{
    [Fact]
    public async Task A_short_closed_loop_settles_and_its_audit_finds_everything()
    {
        var report = await RunAsync(Small with { PreviewPercent = 10, ReversalPercent = 5 });

        Assert.Contains("| not answered with a settlement | none |", report, StringComparison.Ordinal);
        Assert.DoesNotContain("| settlements per second | 0 |", report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_short_open_loop_settles_along_a_day_and_its_audit_finds_everything()
    {
        var report = await RunAsync(Small with
        {
            Rate = 300, Day = true, InFlight = 64, PreviewPercent = 3, ReversalPercent = 3,
        });

        Assert.Contains("| not answered with a settlement | none |", report, StringComparison.Ordinal);
        Assert.DoesNotContain("| settlements per second | 0 |", report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_of_many_settle_in_order_with_repeats_inside_and_their_audit_finds_everything()
    {
        var report = await RunAsync(Small with { Many = 50, InFlight = 4 });

        Assert.Contains("| not answered with a settlement | none |", report, StringComparison.Ordinal);
        Assert.DoesNotContain("| repeated calls answered equally | 0 |", report, StringComparison.Ordinal);
    }

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
                return first.At(share) >= exact && first.At(share) <= exact * 1.01;
            });
        }).QuickCheckThrowOnFailure();

    LoadSettings Small => new()
    {
        Server = one.Server.Place.Grpc,
        Measured = TimeSpan.FromSeconds(1),
        WarmUp = TimeSpan.FromSeconds(0.5),
        InFlight = 16,
        Connections = 2,
        Persons = 200,
        Seed = 5,
        DuplicatePercent = 10,
    };

    /// <summary>Gives the report, which exists only after the audit.</summary>
    static async Task<string> RunAsync(LoadSettings settings)
    {
        var folder = Directory.CreateTempSubdirectory("settlementgrid-report-");
        var written = settings with
        {
            Json = new FileInfo(Path.Combine(folder.FullName, "report.json")),
            Report = new FileInfo(Path.Combine(folder.FullName, "report.md")),
        };
        var said = new List<string>();

        Assert.Null(written.Fault());
        Assert.True(
            await LoadRun.RunAsync(written, TimeProvider.System, said.Add, CancellationToken.None),
            string.Join('\n', said));

        var report = await File.ReadAllTextAsync(written.Report.FullName);
        folder.Delete(recursive: true);
        return report;
    }
}
