using Microsoft.Extensions.Logging.Abstractions;
using SettlementGrid.Enrollees;
using SettlementGrid.Ledger;
using SettlementGrid.Plans;

namespace SettlementGrid.LedgerLoad;

/// <summary>
/// The database's limit: batches of settlements of real shape, one after another, by one writer with the ledger's own
/// statement (unnest). All is decided and encoded beforehand; what is measured is writing.
/// </summary>
public sealed class BatchLoad(string connection, int persons, TimeProvider clock)
{
    /// <summary>As many as the ledger itself puts into one transaction.</summary>
    public const int BatchRows = LedgerLimits.BatchRowsMax;

    const int RosterCalls = 2;

    /// <summary>Fills an empty database and writes so many rows (whole batches of them).</summary>
    /// <param name="measure">Told at the beginning and at the end of what is measured.</param>
    public async Task<BatchRate> Run(int rows, Action measure, CancellationToken cancellation)
    {
        await using var ledger = await PostgresLedger.Open(connection, clock, NullLogger.Instance, cancellation);
        var catalogs = new CatalogSource(ledger, Generated.ReadPlan);
        await new CatalogWriting(ledger, catalogs, clock).Publish(
            Generated.ReadPlan(Generated.PlanText), Generated.PlanText, cancellation);
        await Generated.FillRoster(ledger, persons, RosterCalls, clock, cancellation);
        var batches = await Decided(ledger, catalogs.Current, Math.Max(1, rows / BatchRows), cancellation);
        measure();
        var (start, used) = (clock.GetTimestamp(), Environment.CpuUsage.TotalTime);
        foreach (var batch in batches)
        {
            var append = new Append(
                batch, catalogs.Current.Revision, clock.GetUtcNow().ToUnixTimeMilliseconds());
            if (await ledger.Append(append, cancellation) is not AppendOutcome.Committed)
                throw new InvalidOperationException("A batch was not stored.");
        }
        var (seconds, own) = (clock.GetElapsedTime(start).TotalSeconds, Environment.CpuUsage.TotalTime - used);
        measure();
        return new BatchRate(batches.Count * BatchRows, seconds, own.TotalSeconds);
    }

    async Task<List<List<Entry>>> Decided(
        PostgresLedger ledger, Catalog catalog, int batches, CancellationToken cancellation)
    {
        var accounts = new Dictionary<string, Account>(StringComparer.Ordinal);
        var decided = new List<List<Entry>>(batches);
        for (var batch = 0; batch < batches; batch++)
        {
            var entries = new List<Entry>(BatchRows);
            for (var i = batch * BatchRows; entries.Count < BatchRows; i++)
            {
                var person = Generated.StrewnPerson(i, persons);
                if (!accounts.TryGetValue(person, out var account))
                    account = await ledger.Load(person, cancellation);
                var facts = Decide.Settle(account, Generated.Bill(person, i), null, catalog, null, null)
                    as Decision.Facts ?? throw new InvalidOperationException("A bill was refused.");
                var entry = Entry.Next(account, facts.All[0], clock.GetUtcNow().ToUnixTimeMilliseconds());
                accounts[person] = entry.After!;
                entries.Add(entry);
            }
            decided.Add(entries);
        }
        return decided;
    }
}

/// <param name="OwnCpuSeconds">Of this process: filling the statement's arrays and reading the reply.</param>
public readonly record struct BatchRate(int Rows, double Seconds, double OwnCpuSeconds)
{
    public double PerSecond => Rows / Seconds;
}
