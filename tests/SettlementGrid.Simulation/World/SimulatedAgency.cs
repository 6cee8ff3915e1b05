using SettlementGrid.Enrollees;
using SettlementGrid.Plans;
using SettlementGrid.Simulation.Database;
using SettlementGrid.Testing;

namespace SettlementGrid.Simulation.World;

/// <summary>
/// The agency and the operators: roster changes past the actors, plans and facilities that move, servers that fall
/// and are stopped, a database that restarts, clocks that jump.
/// </summary>
/// <param name="hospital">Where people crowd while it moves plans.</param>
sealed class SimulatedAgency(
    SimulatedThread thread, SimulatedServer[] servers, SimulatedDatabase database, SimulatedHospital hospital)
{
    static readonly TimeSpan[] Jumps =
    [
        TimeSpan.FromHours(1), TimeSpan.FromHours(-1), TimeSpan.FromSeconds(31), TimeSpan.FromSeconds(-31),
        TimeSpan.FromDays(365),
    ];

    int _puts;

    public async Task Work(int calls)
    {
        for (var i = 0; i < calls; i++)
        {
            await thread.Delay(thread.Random.Next(1_500));
            var draw = thread.Random.Next(100);
            if (draw < 40)
                await PutRosters();
            else if (draw < 52)
                await PutOpening();
            else if (draw < 59)
                await MoveCatalog(PlanEntry, thread.Pick(servers));
            else if (draw < 64)
                await MoveCatalogInARush();
            else if (draw < 72)
                await MoveCatalog(FacilityEntry, thread.Pick(servers));
            else if (draw < 74)
                await Import();
            else if (draw < 80)
                JumpClock();
            else if (draw < 85)
                RestartDatabase();
            else if (draw < 95)
                await CrashAndRestart(thread.Pick(servers));
            else
                await StopAndStart(thread.Pick(servers));
        }
    }

    /// <summary>
    /// Sometimes at both servers at once, each in an order of its own: where batches could wait for each other.
    /// </summary>
    Task PutRosters() => thread.Chance(0.5)
        ? Task.WhenAll(servers.Select(PutRoster))
        : PutRoster(thread.Pick(servers));

    async Task PutRoster(SimulatedServer server)
    {
        var puts = Sent.Enrollees.Where(_ => thread.Chance(0.6)).Select(e => new RosterPut(e, RosterOf())).ToArray();
        thread.Random.Shuffle(puts);
        thread.Say($"{server.Name}: rosters of {string.Join(", ", puts.Select(p => p.EnrolleeId))}");
        await Try(server, load => load.Put(puts, CancellationToken.None));
    }

    /// <summary>A roster of many new persons: one append that makes a second writer set out.</summary>
    async Task Import()
    {
        thread.Count(Happening.Import);
        var first = _puts += SimulationLimits.ImportPersons;
        var puts = Enumerable.Range(first, SimulationLimits.ImportPersons)
            .Select(i => new RosterPut("new" + i, Given.Roster(GivenPlans.Tongliao))).ToList();
        await Try(thread.Pick(servers), load => load.Put(puts, CancellationToken.None, assumeNew: true));
    }

    async Task PutOpening()
    {
        var key = new AccumulatorKey(GivenPlans.Tongliao, "critical", new Period(2025));
        var balance = new OpeningBalance(
            thread.Pick(Sent.Enrollees), key, new Money(thread.Random.Next(2_000_000)), Money.Zero, Money.Zero, "旧系统");
        await Try(thread.Pick(servers), load => load.PutOpeningBalances([balance], CancellationToken.None));
    }

    RosterEntry RosterOf() => Given.Roster() with
    {
        Coverages = [.. new[] { GivenPlans.Tongliao, GivenPlans.Puyang, GivenPlans.Supplement }
            .Where(_ => thread.Chance(0.8)).Select(p => new Coverage(p, default))],
        Identities = thread.Chance(0.3) ? [new Identity(IdentityKind.LowIncome, default)] : [],
    };

    Task Try(SimulatedServer server, Func<RosterLoad, ValueTask<(RosterCounts, Refusal?)>> put) =>
        Try(server, (ledger, grid) => put(new RosterLoad(ledger, grid, server.Clock)).AsTask());

    async Task Try(SimulatedServer server, Func<ILedger, IGrid, Task> put)
    {
        if (server is not { Ledger: { } ledger, Grid: { } grid })
            return;
        try
        {
            // A server that crashes meanwhile never answers.
            await Task.WhenAny(put(ledger, grid), thread.Delay(60_000)).Unwrap();
        }
        catch (LedgerUnavailableException)
        {
            // All or nothing, and here surely nothing: the agency puts something else next time.
        }
        catch (InvalidOperationException) when (server.IsStopping)
        {
            // Stopped while the outcome was unknown: stored or not, and whole either way.
        }
    }

    Task MoveCatalog(Func<ILedger, long, Task<Entry>> next, SimulatedServer server) =>
        Try(server, async (ledger, _) =>
        {
            var now = server.Clock.GetUtcNow().ToUnixTimeMilliseconds();
            await ledger.Append(new Append([await next(ledger, now)], null, now), CancellationToken.None);
        });

    /// <summary>By one server, again and again, while people crowd at another.</summary>
    async Task MoveCatalogInARush()
    {
        thread.Count(Happening.Rush);
        var at = thread.Random.Next(servers.Length);
        var rush = hospital.Rush(servers[at]);
        for (var moves = thread.Random.Next(1, 4); moves > 0; moves--)
        {
            await thread.Delay(thread.Random.Next(SimulationLimits.RushMilliseconds / 2));
            await MoveCatalog(PlanEntry, servers[(at + 1) % servers.Length]);
        }
        await rush;
    }

    async Task<Entry> PlanEntry(ILedger ledger, long now)
    {
        var stream = new StreamKey(StreamKind.Plan, GivenPlans.Supplement);
        var text = GivenPlans.SupplementPaying(thread.Random.Next(40, 60));
        var newest = await ledger.Newest(stream, CancellationToken.None);
        return Entry.Next(stream, newest, new Fact.PlanPublished(text), now);
    }

    async Task<Entry> FacilityEntry(ILedger ledger, long now)
    {
        var stream = new StreamKey(StreamKind.Facility, "clinic-7");
        var profile = new FacilityProfile(
            "clinic-7", $"诊所{_puts++}", thread.Chance(0.5) ? "150502" : "110105", thread.Random.Next(1, 4), true,
            false, false, true);
        var newest = await ledger.Newest(stream, CancellationToken.None);
        return Entry.Next(stream, newest, new Fact.FacilityPut(profile), now);
    }

    void JumpClock()
    {
        thread.Count(Happening.ClockJump);
        var (server, by) = (thread.Pick(servers), thread.Pick(Jumps));
        thread.Say($"{server.Name}'s clock jumps by {by}");
        server.Clock.Jump(by);
    }

    void RestartDatabase()
    {
        thread.Count(Happening.DatabaseRestart);
        thread.Say("the database crashes and restarts");
        database.Restart(thread.Random.Next(SimulationLimits.RestartMillisecondsMax));
    }

    /// <summary>Anywhere, or at a point of its next commit if one comes soon.</summary>
    async Task CrashAndRestart(SimulatedServer server)
    {
        if (thread.Chance(0.7))
        {
            server.CrashAt(thread.Pick(Enum.GetValues<CrashPoint>()));
            for (var i = 0; i < 20 && server.Grid is not null; i++)
                await thread.Delay(100);
        }
        server.Crash();
        await thread.Delay(thread.Random.Next(4_000));
        await server.Start();
    }

    static async Task StopAndStart(SimulatedServer server)
    {
        await server.Stop();
        await server.Start();
    }
}
