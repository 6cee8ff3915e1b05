using Microsoft.Extensions.Logging.Abstractions;
using SettlementGrid.Enrollees;
using SettlementGrid.Ledger;

namespace SettlementGrid.LedgerLoad;

/// <summary>
/// Folding the funds from nothing, and where its time goes: reading alone, reading and decoding, everything; then what a
/// checkpoint costs. Each is measured several times on warm files; the median counts.
/// </summary>
sealed class FoldLoad(string connection, int persons, int rows, int rounds, TimeProvider clock, Action<string> say)
{
    public async Task Run(CancellationToken cancellation)
    {
        await using var ledger = await PostgresLedger.Open(connection, clock, NullLogger.Instance, cancellation);
        var catalogs = new CatalogSource(ledger, Generated.ReadPlan);
        await Filling.Fill(ledger, catalogs, persons, rows, clock, cancellation);
        var head = await ledger.ReadHead(cancellation);
        say($"| facts | {head.Position:N0} in {head.CommitNumber:N0} commits |");
        await Median("reading alone", head.Position, async () =>
        {
            var bytes = 0L;
            await foreach (var run in ledger.ReadBodies(0, head.Position, cancellation))
                bytes += run.Count;
        });
    }

    async Task Median(string what, long facts, Func<Task> work)
    {
        var rates = new List<double>();
        for (var round = 0; round < rounds; round++)
        {
            var start = clock.GetTimestamp();
            await work();
            rates.Add(facts / clock.GetElapsedTime(start).TotalSeconds);
        }
        rates.Sort();
        say($"| {what} | {rates[rounds / 2]:N0}/s ({rates[0]:N0} to {rates[^1]:N0}) |");
    }
}
