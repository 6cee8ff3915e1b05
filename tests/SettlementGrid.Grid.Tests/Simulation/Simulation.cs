using SettlementGrid.Enrollees;
using SettlementGrid.Testing;

namespace SettlementGrid.Grid.Tests.Simulation;

/// <summary>
/// One run from one seed: two servers over one ledger, hospitals and an agency that disturb each other, a ledger that
/// fails; then the world heals, every open question is asked again, and the invariants of reliability.md are checked.
/// </summary>
sealed class Simulation
{
    const long StepsMax = 400_000;

    readonly SimulatedThread _thread;
    readonly VolatileLedger _ledger;
    readonly SimulatedServer[] _servers;
    readonly History _history = new();
    readonly Sent _sent = new();

    Simulation(int seed, Func<ILedger, SimulatedThread, ILedger> broken)
    {
        _thread = new SimulatedThread(seed);
        _ledger = new VolatileLedger(_thread.Clock);
        var faultRate = _thread.Random.Next(4) * 0.05;
        _servers = [.. Enumerable.Range(0, 2).Select(_ => new SimulatedServer(
            _thread, () => new FaultyLedger(_ledger, _thread), ledger =>
                broken(ledger, _thread)) { FaultRate = faultRate })];
    }

    /// <summary>Runs the seed; throws <see cref="InvariantBroken"/>. Gives what happened, for comparing runs.</summary>
    public static RunSummary Run(int seed, Func<ILedger, SimulatedThread, ILedger>? broken = null)
    {
        var simulation = new Simulation(seed, broken ?? ((ledger, _) => ledger));
        var thread = simulation._thread;
        try
        {
            return simulation.Run(thread);
        }
        finally
        {
            foreach (var server in simulation._servers)
                server.Dispose();
        }
    }

    RunSummary Run(SimulatedThread thread)
    {
        thread.RunUntilDone(Live, StepsMax);
        // The ledger in memory answers at once: nothing waits here.
        var kinds = Invariants.Check(_ledger, _history).GetAwaiter().GetResult();
        return new RunSummary(
            _ledger.ReadHead(default).AsTask().GetAwaiter().GetResult(), thread.Steps,
            _history.Attempts.Count, kinds);
    }

    async Task Live()
    {
        await Given.SetUp(_ledger, _thread.Clock, Sent.Enrollees);
        await Task.WhenAll(_servers.Select(s => s.Start()));
        var hospitals = Enumerable.Range(0, 4)
            .Select(_ => new SimulatedHospital(_thread, _servers, _history, _sent)).ToList();
        var agency = new SimulatedAgency(_thread, _servers, _ledger).Work(_thread.Random.Next(4, 14));
        await Task.WhenAll([agency, .. hospitals.Select(h => h.Work(_thread.Random.Next(10, 25)))]);
        await Heal(hospitals[0]);
    }

    async Task Heal(SimulatedHospital hospital)
    {
        foreach (var server in _servers)
        {
            server.Heal();
            if (server.Grid is null)
                await server.Start();
        }
        // Appends that were under way when their server fell have reached the ledger or never will.
        await _thread.Delay(60_000);
        await Invariants.CheckRefused(_ledger, _history);
        var open = _sent.Unresolved.ToList();
        _sent.Unresolved.Clear();
        foreach (var command in open)
            for (var i = 0; !await hospital.Persist(command); i++)
                if (i == 3)
                    throw new InvariantBroken("I10", $"{command} is still unknown after the world healed");
        foreach (var enrollee in Sent.Enrollees)
            for (var i = 0; (await hospital.Attempt(new Command.GetAccount(enrollee))).Answer is not Answer.State; i++)
                if (i == 20)
                    throw new InvariantBroken("I10", $"{enrollee}'s account cannot be shown after the world healed");
    }
}

/// <param name="Kinds">How many facts of each kind, so that a run that does nothing is seen.</param>
sealed record RunSummary(LedgerHead Head, long Steps, int Attempts, IReadOnlyDictionary<FactKind, int> Kinds);
