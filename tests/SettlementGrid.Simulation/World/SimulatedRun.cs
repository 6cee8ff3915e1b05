using SettlementGrid.Enrollees;
using SettlementGrid.Simulation.Broken;
using SettlementGrid.Simulation.Checking;
using SettlementGrid.Simulation.Database;
using SettlementGrid.Testing;

namespace SettlementGrid.Simulation.World;

/// <summary>
/// One run from one seed: two servers over one database, hospitals and an agency that disturb each other, a world that
/// fails; then it heals, every open question is asked again, and the invariants of reliability.md are checked.
/// </summary>
sealed class SimulatedRun
{
    readonly SimulatedThread _thread;
    readonly SimulatedDatabase _database;
    readonly SimulatedServer[] _servers;
    readonly History _history = new();
    readonly Sent _sent = new();
    readonly ToldOutcomes _told = new();

    SimulatedRun(int seed, Build build, Action<string>? teller)
    {
        _thread = new SimulatedThread(seed) { Teller = teller };
        _database = new SimulatedDatabase(_thread);
        var faultRate = _thread.Random.Next(4) * 0.05;
        _servers = [.. Enumerable.Range(1, SimulationLimits.Servers).Select(
            i => new SimulatedServer(_thread, _database, _told, build, $"server {i}") { FaultRate = faultRate })];
        _thread.Say($"seed {seed}, {build.Name}: faults {faultRate:P0}, it is {_thread.Clock.GetUtcNow():u}");
    }

    /// <summary>Runs the seed on the calling thread; throws <see cref="InvariantBroken"/>.</summary>
    /// <param name="teller">Takes the history's lines; whether anybody listens changes nothing in the run.</param>
    public static RunSummary Of(int seed, Build build, Action<string>? teller = null)
    {
        var run = new SimulatedRun(seed, build, teller);
        try
        {
            var summary = run.Run();
            run._thread.Say($"every invariant held; head {summary.Head.CommitNumber} {summary.Head.Hash}");
            return summary;
        }
        catch (InvariantBroken broken)
        {
            run._thread.Say(broken.Message);
            throw;
        }
        finally
        {
            foreach (var server in run._servers)
                server.Dispose();
        }
    }

    RunSummary Run()
    {
        _thread.RunUntilDone(Live, SimulationLimits.StepsMax);
        Invariants.CheckServers(_database, _servers);
        // The ledger in memory answers at once: nothing waits here.
        var kinds = Invariants.Check(_database.Stored, _history, _told).GetAwaiter().GetResult();
        Invariants.CheckCommits(_database);
        return new RunSummary(
            _database.Head, _thread.Steps, _thread.Milliseconds, _history.Attempts.Count, kinds, _thread.Counts);
    }

    async Task Live()
    {
        await SetUp();
        await Task.WhenAll(_servers.Select(s => s.Start()));
        var pause = _thread.Pick(SimulationLimits.PauseMilliseconds);
        var hospitals = Enumerable.Range(0, SimulationLimits.Hospitals)
            .Select(_ => new SimulatedHospital(_thread, _servers, _database, _history, _sent, pause)).ToList();
        var agency = new SimulatedAgency(_thread, _servers, _database, hospitals[0]).Work(_thread.Random.Next(4, 14));
        await Task.WhenAll([agency, .. hospitals.Select(h => h.Work(_thread.Random.Next(10, 25)))]);
        await Heal(hospitals[0]);
    }

    /// <summary>By a server of the real build, in a world that is still whole.</summary>
    async Task SetUp()
    {
        using var server = new SimulatedServer(_thread, _database, _told, Build.Real, "set-up");
        await server.Start();
        await Given.SetUp(server.Ledger!, _thread.Clock, Sent.Enrollees);
    }

    async Task Heal(SimulatedHospital hospital)
    {
        _thread.Say("the world heals");
        foreach (var server in _servers)
        {
            server.FaultRate = 0;
            if (server.Grid is null)
                await server.Start();
        }
        // What was under way has reached the ledger by then or never will.
        await _thread.Delay(SimulationLimits.HealMilliseconds);
        await Invariants.CheckRefused(_database.Stored, _history, _told);
        var open = _sent.Unresolved.ToList();
        _sent.Unresolved.Clear();
        foreach (var command in open)
            for (var i = 0; !await hospital.Persist(command); i++)
                if (i == SimulationLimits.HealedTriesMax)
                    throw new InvariantBroken("I10", $"{Told.Of(command)} is still unknown after the world healed");
        foreach (var enrollee in Sent.Enrollees)
            for (var i = 0; (await hospital.Attempt(new Command.GetAccount(enrollee))).Answer is not Answer.State; i++)
                if (i == SimulationLimits.HealedTriesMax)
                    throw new InvariantBroken("I10", $"{enrollee}'s account cannot be shown after the world healed");
    }
}

/// <param name="Milliseconds">Of virtual time.</param>
/// <param name="Kinds">How many facts of each kind, so that a run that does nothing is seen.</param>
/// <param name="Counts">By <see cref="Happening"/>.</param>
sealed record RunSummary(
    LedgerHead Head, long Steps, long Milliseconds, int Attempts, IReadOnlyDictionary<FactKind, int> Kinds,
    IReadOnlyList<int> Counts);
