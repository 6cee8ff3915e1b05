using SettlementGrid.LoadTest;
using SettlementGrid.LoadTest.Load;
using SettlementGrid.LoadTest.Modes;
using SettlementGrid.LoadTest.Overload;
using SettlementGrid.Testbed;

namespace SettlementGrid.Crash.Tests;

/// <summary>The load test runs here too, small, so that it cannot rot.</summary>
[Collection(OneServer.Collection)]
public sealed class Load_test_tests(OneServer one)
{
    [Fact]
    public async Task A_briefclosed_loop_settles_and_its_audit_finds_everything()
    {
        var report = await RunAsync(Small with { PreviewPercent = 10, ReversalPercent = 5 });

        Assert.Contains("| not answered with a settlement | none |", report, StringComparison.Ordinal);
        Assert.DoesNotContain("| settlements per second | 0 |", report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_briefopen_loop_settles_along_a_day_and_its_audit_finds_everything()
    {
        var report = await RunAsync(Small with
        {
            Rate = 300, Day = true, InFlight = 64, PreviewPercent = 3, ReversalPercent = 3,
        });

        Assert.Contains("| not answered with a settlement | none |", report, StringComparison.Ordinal);
        Assert.DoesNotContain("| settlements per second | 0 |", report, StringComparison.Ordinal);
        Assert.Contains("| 14:00 | ", report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_of_many_settle_in_order_with_repeats_inside_and_their_audit_finds_everything()
    {
        var report = await RunAsync(Small with { Many = 50, InFlight = 4 });

        Assert.Contains("| not answered with a settlement | none |", report, StringComparison.Ordinal);
        Assert.DoesNotContain("| repeated calls answered equally | 0 |", report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Repeated_runs_show_every_run_and_its_controls()
    {
        var report = await ReportOfAsync(
            Small with { Rate = 200, InFlight = 64, Repeat = 1, Measured = TimeSpan.FromSeconds(0.5) },
            RepeatedRuns.RunAsync);

        Assert.Contains("| control: echo, p90 | ", report, StringComparison.Ordinal);
        Assert.Contains("| 1 | ", report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_overload_run_finds_the_knee_and_shows_every_phase()
    {
        var brief = TimeSpan.FromSeconds(1);
        var report = await ReportOfAsync(
            Small with { Server = null, WarmUp = TimeSpan.Zero, Connections = 12, DuplicatePercent = 0 },
            (settings, clock, say, stop) => OverloadRun.RunAsync(
                new OverloadSettings(settings, brief, Knee: 0, Retries: true)
                {
                    KneeWarmUp = TimeSpan.Zero, KneeLasts = brief, NormalLasts = 2 * brief, RecoveryLasts = brief,
                },
                clock, say, stop));

        Assert.Contains("| twice the knee | ", report, StringComparison.Ordinal);
        Assert.Contains("| half the knee, after | ", report, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_whose_control_differs_more_than_twofold_from_the_median_does_not_count()
    {
        Round Of(double echo, double commit) => new(echo, commit, null!);
        Round[] rounds = [Of(1, 5), Of(1.9, 5), Of(1, 10.5), Of(2.1, 5), Of(0.4, 5)];

        Assert.Equal([rounds[0], rounds[1]], RepeatedRuns.Steady(rounds));
    }

    [Fact]
    public async Task The_tour_tells_each_figure_and_what_was_audited()
    {
        var report = await ReportOfAsync(
            Small,
            (settings, clock, say, stop) => Tour.RunAsync(
                [
                    settings, settings with { Rate = 200, PreviewPercent = 3, ReversalPercent = 1 },
                    settings with { Rate = 300 }, settings with { Many = 20, InFlight = 4 },
                ],
                clock, say, stop));

        Assert.Contains("| audited 核对 | all ", report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Warm_accounts_are_asked_for_before()
    {
        var report = await RunAsync(Small with { Accounts = AccountsAre.Warm });

        Assert.Contains("| accounts | asked for before |", report, StringComparison.Ordinal);
    }

    [Fact]
    public void Cold_accounts_are_each_asked_for_once()
    {
        var cold = Small with { Accounts = AccountsAre.Cold, Persons = 97 };
        var workload = new Workload(new Town("T", 1, cold.Persons), cold, new BillNumbers());

        var persons = Enumerable.Range(0, cold.Persons).Select(_ => workload.PersonOf(workload.NextNumber())).ToList();

        Assert.Equal(Enumerable.Range(0, cold.Persons), persons.Order());
        Assert.True(workload.IsExhausted);
    }

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

    static Task<string> RunAsync(LoadSettings settings) => ReportOfAsync(settings, LoadRun.RunAsync);

    /// <summary>Gives the report, which exists only after the audit.</summary>
    static async Task<string> ReportOfAsync(
        LoadSettings settings, Func<LoadSettings, TimeProvider, Action<string>, CancellationToken, Task<bool>> mode)
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
            await mode(written, TimeProvider.System, said.Add, CancellationToken.None),
            string.Join('\n', said));

        var report = await File.ReadAllTextAsync(written.Report.FullName);
        folder.Delete(recursive: true);
        return report;
    }
}
