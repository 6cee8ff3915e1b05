using System.Globalization;
using SettlementGrid.Enrollees;

namespace SettlementGrid.Grid.Tests.Simulation;

/// <summary>
/// A failing seed is printed; SETTLEMENTGRID_SEED=n runs that one alone, SETTLEMENTGRID_SEEDS=n runs n seeds.
/// </summary>
public sealed class Simulation_tests
{
    const int SeedsByDefault = 200;

    static readonly FactKind[] Happening =
    [
        FactKind.Settled, FactKind.Reversed, FactKind.Adjusted, FactKind.Barred, FactKind.RosterChanged,
        FactKind.OpeningBalanceSet, FactKind.PlanPublished, FactKind.FacilityPut,
    ];

    [Fact]
    public void Two_servers_over_a_faulty_ledger_keep_every_invariant()
    {
        var kinds = new Dictionary<FactKind, int>();
        foreach (var seed in Seeds())
        {
            try
            {
                foreach (var (kind, count) in Simulation.Run(seed).Kinds)
                    kinds[kind] = kinds.GetValueOrDefault(kind) + count;
            }
            catch (Exception fault)
            {
                throw new InvalidOperationException(
                    $"Seed {seed} fails: {fault.Message}. Run it alone with SETTLEMENTGRID_SEED={seed}.", fault);
            }
        }
        // A simulation in which nothing happens would pass as well.
        foreach (var kind in Happening)
            Assert.True(kinds.GetValueOrDefault(kind) > 0, $"no seed brought {kind} about");
    }

    [Fact]
    public void A_seed_gives_the_same_run_every_time() => Assert.Equal(Summary(7), Summary(7));

    [Fact]
    public void It_finds_a_server_that_acknowledges_before_the_append() =>
        AssertFound((ledger, _) => new AcknowledgesBeforeAppend(ledger), "I1");

    [Fact]
    public void It_finds_a_server_whose_state_evolves_before_the_append() =>
        AssertFound((ledger, _) => new EvolvesBeforeAppend(ledger), "I6", "I10");

    [Fact]
    public void It_finds_an_insert_that_does_nothing_on_conflict() =>
        AssertFound((ledger, _) => new InsertsOrDoesNothing(ledger), "I1");

    [Fact]
    public void It_finds_an_adapter_that_guesses_lost_replies() =>
        AssertFound((ledger, thread) => new GuessesLostReplies(ledger, thread), "I7");

    [Fact]
    public void It_finds_commits_that_skip_the_catalog_fence() =>
        AssertFound((ledger, _) => new IgnoresTheCatalog(ledger), "I4 catalog");

    [Fact]
    public void It_finds_states_that_are_confirmed_from_memory() =>
        AssertFound((ledger, _) => new TrustsItsMemory(ledger), "I6");

    static void AssertFound(Func<ILedger, SimulatedThread, ILedger> broken, params string[] invariants)
    {
        var found = new List<string>();
        for (var seed = 1; seed <= SeedsByDefault; seed++)
        {
            try
            {
                Simulation.Run(seed, broken);
            }
            catch (InvariantBroken fault) when (invariants.Contains(fault.Name))
            {
                return;
            }
            catch (InvariantBroken fault)
            {
                found.Add($"seed {seed}: {fault.Message}");
            }
        }
        Assert.Fail($"Not found within {SeedsByDefault} seeds; found instead: {string.Join("; ", found.Take(5))}");
    }

    static (LedgerHead, long, int) Summary(int seed)
    {
        var run = Simulation.Run(seed);
        return (run.Head, run.Steps, run.Attempts);
    }

    static IEnumerable<int> Seeds() =>
        Number("SETTLEMENTGRID_SEED") is { } one ? [one]
            : Enumerable.Range(1, Number("SETTLEMENTGRID_SEEDS") ?? SeedsByDefault);

    static int? Number(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text
        ? int.Parse(text, CultureInfo.InvariantCulture)
        : null;
}
