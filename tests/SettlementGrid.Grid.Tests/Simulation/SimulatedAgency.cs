using SettlementGrid.Enrollees;
using SettlementGrid.Plans;
using SettlementGrid.Testing;

namespace SettlementGrid.Grid.Tests.Simulation;

/// <summary>
/// The agency and the operators: roster changes past the actors, plans and facilities that move, servers that fall.
/// </summary>
sealed class SimulatedAgency(SimulatedThread thread, SimulatedServer[] servers, ILedger ledger)
{
    int _puts;

    public async Task Work(int calls)
    {
        for (var i = 0; i < calls; i++)
        {
            await thread.Delay(thread.Random.Next(1_500));
            var draw = thread.Random.Next(100);
            if (draw < 45)
                await PutRoster();
            else if (draw < 60)
                await PutOpening();
            else if (draw < 72)
                await MoveCatalog(PlanEntry);
            else if (draw < 82)
                await MoveCatalog(FacilityEntry);
            else if (draw < 94)
                await CrashAndRestart(thread.Pick(servers));
            else
                await StopAndStart(thread.Pick(servers));
        }
    }

    async Task PutRoster()
    {
        var puts = Sent.Enrollees.Where(_ => thread.Chance(0.4)).Select(e => new RosterPut(e, RosterOf())).ToList();
        await Try((ledger, grid) => new RosterLoad(ledger, grid, thread.Clock).Put(puts, CancellationToken.None));
    }

    async Task PutOpening()
    {
        var key = new AccumulatorKey(GivenPlans.Tongliao, "critical", new Period(2025));
        var balance = new OpeningBalance(
            thread.Pick(Sent.Enrollees), key, new Money(thread.Random.Next(2_000_000)), Money.Zero, Money.Zero, "旧系统");
        await Try((ledger, grid) =>
            new RosterLoad(ledger, grid, thread.Clock).PutOpeningBalances([balance], CancellationToken.None));
    }

    RosterEntry RosterOf() => Given.Roster() with
    {
        Coverages = [.. new[] { GivenPlans.Tongliao, GivenPlans.Puyang, GivenPlans.Supplement }
            .Where(_ => thread.Chance(0.8)).Select(p => new Coverage(p, default))],
        Identities = thread.Chance(0.3) ? [new Identity(IdentityKind.LowIncome, default)] : [],
    };

    async Task Try(Func<ILedger, IGrid, ValueTask<(RosterCounts, Refusal?)>> put)
    {
        if (thread.Pick(servers) is not { Ledger: { } ledger, Grid: { } grid })
            return;
        try
        {
            // A server that crashes meanwhile never answers.
            await Task.WhenAny(put(ledger, grid).AsTask(), thread.Delay(60_000)).Unwrap();
        }
        catch (LedgerUnavailableException)
        {
            // All or nothing, and here surely nothing: the agency puts something else next time.
        }
    }

    async Task MoveCatalog(Func<long, Task<Entry>> next)
    {
        var now = thread.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        await ledger.Append(new Append([await next(now)], null, now), CancellationToken.None);
    }

    async Task<Entry> PlanEntry(long now)
    {
        var stream = new StreamKey(StreamKind.Plan, GivenPlans.Supplement);
        var text = GivenPlans.SupplementPaying(thread.Random.Next(40, 60));
        return Entry.Next(stream, await Last(stream), new Fact.PlanPublished(text), now);
    }

    async Task<Entry> FacilityEntry(long now)
    {
        var stream = new StreamKey(StreamKind.Facility, "clinic-7");
        var profile = new FacilityProfile(
            "clinic-7", $"诊所{_puts++}", thread.Chance(0.5) ? "150502" : "110105", thread.Random.Next(1, 4), true,
                false, false, true);
        return Entry.Next(stream, await Last(stream), new Fact.FacilityPut(profile), now);
    }

    async Task<Entry?> Last(StreamKey stream)
    {
        var all = await ledger.ReadStream(stream, 1, 1_000, CancellationToken.None);
        return all.Count == 0 ? null : all[^1].Entry;
    }

    async Task CrashAndRestart(SimulatedServer server)
    {
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
