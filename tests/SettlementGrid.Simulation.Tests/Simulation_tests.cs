using SettlementGrid.Enrollees;
using SettlementGrid.Simulation.Broken;
using SettlementGrid.Simulation.Checking;
using SettlementGrid.Simulation.Running;
using SettlementGrid.Simulation.World;
using Xunit.Abstractions;

namespace SettlementGrid.Simulation.Tests;

/// <summary>A failing seed is named with the command that replays it and its history.</summary>
public sealed class Simulation_tests(ITestOutputHelper output)
{
    const int SeedsByDefault = 1_500;
    const int SeedsLong = 10_000;

    /// <summary>What the issue promises: each broken build is found within so many.</summary>
    const int SeedsToFind = 1_000;

    static readonly bool Long = Environment.GetEnvironmentVariable("SETTLEMENTGRID_LONG") == "1";

    public static TheoryData<string> Broken => [.. Build.Broken.Select(b => b.Name)];

    [Fact]
    public void Two_servers_over_a_faulty_database_keep_every_invariant()
    {
        var sweep = Clean(from: 1, SeedsByDefault);
        // A simulation in which nothing happens would pass as well.
        foreach (var kind in Enum.GetValues<FactKind>().Except([FactKind.FundRecorded]))
            Assert.True(sweep.Kinds.GetValueOrDefault(kind) > 0, $"no seed brought {kind} about");
        foreach (var happening in Enum.GetValues<Happening>())
            Assert.True(sweep.Counts[(int)happening] > 0, $"no seed brought {happening} about");
    }

    [SkippableFact]
    public void Ten_thousand_seeds_keep_every_invariant()
    {
        Skip.IfNot(Long, "10,000 seeds take minutes; set SETTLEMENTGRID_LONG=1, or ./grid simulate --seeds 10000.");
        Clean(from: 1, SeedsLong);
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public void It_finds_the_build_that(string name)
    {
        var build = Build.Named(name)!;
        var otherwise = new List<string>();
        for (var seed = 1; seed <= SeedsToFind; seed++)
        {
            try
            {
                SimulatedRun.Of(seed, build);
            }
            catch (InvariantBroken broken) when (build.FoundBy.Contains(broken.Name))
            {
                output.WriteLine($"{name}: seed {seed}: {broken.Message}");
                return;
            }
            catch (InvariantBroken broken)
            {
                otherwise.Add($"seed {seed}: {broken.Message}");
            }
        }
        Assert.Fail($"Not found within {SeedsToFind} seeds; found instead: {string.Join("; ", otherwise.Take(5))}");
    }

    [Theory]
    [InlineData(7, "real")]
    [InlineData(8, "real")]
    [InlineData(3, "does-nothing-on-conflict")]
    public void A_seed_gives_the_same_history_every_time_byte_for_byte(int seed, string name)
    {
        var first = HistoryOf(seed, Build.Named(name)!);
        Assert.True(first.Length > 10_000, "a history of a few lines proves nothing");
        Assert.Equal(first, HistoryOf(seed, Build.Named(name)!));
    }

    [Fact]
    public void A_seed_runs_the_same_whether_somebody_listens_or_not()
    {
        var told = SimulatedRun.Of(11, Build.Real, _ => { });
        var untold = SimulatedRun.Of(11, Build.Real);
        Assert.Equal((told.Head, told.Steps, told.Attempts), (untold.Head, untold.Steps, untold.Attempts));
    }

    Sweep Clean(int from, int seeds)
    {
        var sweep = new Sweep(Build.Real, from, seeds, Environment.ProcessorCount);
        sweep.Run(CancellationToken.None);
        if (sweep.Found is { } found)
            Assert.Fail(
                $"{found}\n{SweepReport.Replay(found.Seed, Build.Real)}\n"
                + string.Join('\n', SweepReport.LastLines(found.Seed, Build.Real)));
        Assert.Equal(seeds, sweep.Done);
        return sweep;
    }

    static string HistoryOf(int seed, Build build)
    {
        var history = new System.Text.StringBuilder();
        try
        {
            SimulatedRun.Of(seed, build, line => history.AppendLine(line));
        }
        catch (InvariantBroken)
        {
            // A broken build's history ends with what was found.
        }
        return history.ToString();
    }
}
