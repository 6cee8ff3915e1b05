using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using SettlementGrid.Enrollees;
using SettlementGrid.Ledger;
using SettlementGrid.Ledger.Verification;
using SettlementGrid.PlanFiles;
using SettlementGrid.Plans;
using Limits = SettlementGrid.Enrollees.Limits;

namespace SettlementGrid.LedgerLoad;

/// <summary>
/// The ledger's own rates, with facts as the enrollees decide them. Deciding is done beforehand, so that what is
/// measured is writing. Ends with a verification: a benchmark whose ledger does not verify has no result.
/// </summary>
sealed class LedgerLoad(string connection, int persons, int inFlight, TimeProvider clock, Action<string> say)
{
    const int Facilities = 400;
    const int RosterCalls = 4;
    const string PlanId = "puyang-employee-large-2026";

    static readonly RosterEntry Roster = new(
        "410926", Insurance.Employee, [new Coverage(PlanId, new DaySpan(new DateOnly(2026, 1, 1), null))], []);

    long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    public async Task<bool> Run(int rows, CancellationToken cancellation)
    {
        await using (var ledger = await PostgresLedger.Open(connection, clock, NullLogger.Instance, cancellation))
        {
            var catalogs = new CatalogSource(ledger, ReadPlan);
            var text = PlanText();
            await new CatalogWriting(ledger, catalogs, clock).Publish(ReadPlan(text), text, cancellation);
            await Rate("roster, calls of 1,000", persons, () => FillRoster(ledger, cancellation));
            await Vacuum(cancellation);
            await Rate("cold loads", rows, () => Each(rows, i => ledger.Load(Person(i), cancellation).AsTask()));
            var questions = Enumerable.Range(0, rows).Select(i => Bill(i)).ToList();
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
            report = await new LedgerVerification(connection, ReadPlan, null).Run(null, cancellation));
        say(report!.IsClean ? "The ledger verifies." : $"The ledger does NOT verify: {report.Findings[0]}");
        return report.IsClean;
    }

    async Task FillRoster(PostgresLedger ledger, CancellationToken cancellation)
    {
        var calls = Enumerable.Range(0, (persons + Limits.RosterCallMax - 1) / Limits.RosterCallMax);
        var options = new ParallelOptions { MaxDegreeOfParallelism = RosterCalls, CancellationToken = cancellation };
        await Parallel.ForEachAsync(calls, options, async (call, c) =>
        {
            var first = call * Limits.RosterCallMax;
            var entries = Enumerable.Range(first, Math.Min(Limits.RosterCallMax, persons - first))
                .Select(i => Entry.Next(Account.Unknown(NthPerson(i)), new Fact.Enrolled(Roster), Now)).ToList();
            if (await ledger.Append(new Append(entries, null, Now), c) is not AppendOutcome.Committed)
                throw new InvalidOperationException("A roster call was not stored.");
        });
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

    /// <summary>Persons in an order that has nothing to do with the index: a stride prime to most counts.</summary>
    string Person(int i) => NthPerson((int)(i * 1_000_003L % persons));

    static string NthPerson(int i) => $"41090{i:0000000000000}";

    SettleRequest Bill(int i)
    {
        var fen = 10_000L + i % 9_000_000;
        return new SettleRequest(
            $"r-{i}", $"H410926{i % Facilities:00000}", $"e-{i}", Person(i), Channel.OneStop,
            new Bill(
                CareType.Inpatient, null, Filing.Filed, new DateOnly(2026, 2, 20), new DateOnly(2026, 3, 1),
                new Money(2 * fen), new Money(fen), new Money(fen / 2), null, Money.Zero, Money.Zero, Money.Zero,
                null));
    }

    static Plan ReadPlan(string text) =>
        PlanFile.Read(text).Plan ?? throw new InvalidDataException("The plan does not read.");

    static string PlanText()
    {
        using var text = new StreamReader(typeof(LedgerLoad).Assembly.GetManifestResourceStream("plan.yaml")!);
        return text.ReadToEnd();
    }
}
