using SettlementGrid.Enrollees;

namespace SettlementGrid.LedgerLoad;

/// <summary>A ledger filled as fast as it takes it: the plan, the roster, a settlement each of some persons.</summary>
static class Filling
{
    const int RosterCalls = 4;
    const int InFlight = 512;

    public static async Task Fill(
        ILedger ledger, CatalogSource catalogs, int persons, int rows, TimeProvider clock,
        CancellationToken cancellation)
    {
        var text = Generated.PlanText;
        await new CatalogWriting(ledger, catalogs, clock).Publish(Generated.ReadPlan(text), text, cancellation);
        await Generated.FillRoster(ledger, persons, RosterCalls, clock, cancellation);
        var options = new ParallelOptions { MaxDegreeOfParallelism = InFlight, CancellationToken = cancellation };
        await Parallel.ForAsync(0, rows, options, async (i, c) =>
        {
            var person = Generated.StrewnPerson(i, persons);
            var account = await ledger.Load(person, c);
            var facts = Decide.Settle(account, Generated.Bill(person, i), null, catalogs.Current, null, null)
                as Decision.Facts ?? throw new InvalidOperationException("A bill was refused.");
            var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
            var append = new Append([Entry.Next(account, facts.All[0], now)], catalogs.Current.Revision, now);
            if (await ledger.Append(append, c) is not AppendOutcome.Committed)
                throw new InvalidOperationException("A settlement was not stored.");
        });
    }
}
