using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using SettlementGrid.Enrollees;
using SettlementGrid.Ledger;
using SettlementGrid.Ledger.Verification;
using SettlementGrid.Plans;

namespace SettlementGrid.LedgerLoad;

/// <summary>
/// The ledger's own rates, with facts as the enrollees decide them. Deciding is done beforehand, so that what is
/// measured is writing. Ends with a verification: a benchmark whose ledger does not verify has no result.
/// </summary>
sealed class LedgerLoad(string connection, int persons, int inFlight, TimeProvider clock, Action<string> say)
{
    const int RosterCalls = 4;

    long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    public async Task<bool> Run(int rows, CancellationToken cancellation)
    {
        await using (var ledger = await PostgresLedger.Open(connection, clock, NullLogger.Instance, cancellation))
        {
            var catalogs = new CatalogSource(ledger, Generated.ReadPlan);
            var text = Generated.PlanText;
            await new CatalogWriting(ledger, catalogs, clock).Publish(Generated.ReadPlan(text), text, cancellation);
            await Rate(
                "roster, calls of 1,000", persons,
                () => Generated.FillRoster(ledger, persons, RosterCalls, clock, cancellation));
            await Vacuum(cancellation);
            await Rate("cold loads", rows, () => Each(rows, i => ledger.Load(Person(i), cancellation).AsTask()));
            var questions = Enumerable.Range(0, rows).Select(i => Generated.Bill(Person(i), i)).ToList();
            await Rate("confirmations", rows, () => Each(rows, i => ledger.Confirm(
                new Question(Person(i), questions[i].Id, questions[i].EncounterKey), cancellation).AsTask()));
            var entries = await Decided(ledger, questions, catalogs.Current, cancellation);
            say($"| canonical bytes of a settlement | {entries.Average(e => e.Body.Length):0} |");
            var before = await ledger.ReadHead(cancellation);
            await Rate("settlements", rows, () => Each(rows, async i =>
            {
                var append = new Append([entries[i]], catalogs.Current.Revision, Now);
                if (await ledger.Append(append, cancellation) is not AppendOutcome.Committed)
                    throw new InvalidOperationException("A settlement was not stored.");
            }));
            var after = await ledger.ReadHead(cancellation);
            say($"| rows a commit | {rows / (double)(after.CommitNumber - before.CommitNumber):0} |");
        }
        await Sizes(rows, cancellation);
        VerificationReport? report = null;
        await Rate("verification, entries", persons + rows, async () =>
            report = await new LedgerVerification(connection, Generated.ReadPlan, null).Run(null, cancellation));
        say(report!.IsClean ? "The ledger verifies." : $"The ledger does NOT verify: {report.Findings[0]}");
        return report.IsClean;
    }

    async Task<Entry[]> Decided(
        PostgresLedger ledger, List<SettleRequest> bills, Catalog catalog, CancellationToken cancellation)
    {
        var entries = new Entry[bills.Count];
        await Each(bills.Count, async i =>
        {
            var account = await ledger.Load(Person(i), cancellation);
            var facts = Decide.Settle(account, bills[i], null, catalog, null, null) as Decision.Facts
                ?? throw new InvalidOperationException("A bill was refused.");
            entries[i] = Entry.Next(account, facts.All[0], Now);
        });
        return entries;
    }

    Task Each(int count, Func<int, Task> work)
    {
        var last = -1;
        return Task.WhenAll(Enumerable.Range(0, inFlight).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref last) is var i && i < count)
                await work(i);
        })));
    }

    async Task Rate(string what, int count, Func<Task> work)
    {
        var start = clock.GetTimestamp();
        var used = Process.GetCurrentProcess().TotalProcessorTime;
        await work();
        var seconds = clock.GetElapsedTime(start).TotalSeconds;
        var own = (Process.GetCurrentProcess().TotalProcessorTime - used).TotalMicroseconds / count;
        say($"| {what} | {count / seconds:N0}/s; {count:N0} in {seconds:0.0} s; {own:0.0} µs of our own CPU each |");
    }

    async Task Vacuum(CancellationToken cancellation) => await Ask("VACUUM ANALYZE ledger.entries", cancellation);

    async Task Sizes(int rows, CancellationToken cancellation)
    {
        say($"| heap bytes of a row, settlements | {await Ask(
            "SELECT round(avg(pg_column_size(e.*))) FROM ledger.entries e WHERE e.settlement_id IS NOT NULL",
            cancellation)} |");
        say($"| heap bytes of a row, roster | {await Ask(
            "SELECT round(avg(pg_column_size(e.*))) FROM ledger.entries e WHERE e.kind = 1", cancellation)} |");
        say($"| all indexes, bytes a row ({persons + rows:N0} rows) | {await Ask(
            $"SELECT pg_indexes_size('ledger.entries') / {persons + rows}", cancellation)} |");
    }

    async Task<object?> Ask(string sql, CancellationToken cancellation)
    {
        await using var source = NpgsqlDataSource.Create(connection);
        await using var command = source.CreateCommand(sql);
        command.CommandTimeout = 0;
        return await command.ExecuteScalarAsync(cancellation);
    }

    string Person(int i) => Generated.StrewnPerson(i, persons);
}
