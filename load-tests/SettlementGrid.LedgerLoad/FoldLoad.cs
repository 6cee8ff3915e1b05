using Microsoft.Extensions.Logging.Abstractions;
using SettlementGrid.Enrollees;
using SettlementGrid.Ledger;
using SettlementGrid.Regions.Folding;
using SettlementGrid.Regions.Following;

namespace SettlementGrid.LedgerLoad;

/// <summary>
/// Folding the funds from nothing, and where its time goes: reading alone, reading and decoding, everything; then what
/// a checkpoint costs. Each is measured several times on warm files; the median counts.
/// </summary>
sealed class FoldLoad(string connection, int persons, int rows, int rounds, TimeProvider clock, Action<string> say)
{
    public async Task Run(CancellationToken cancellation)
    {
        await using var ledger = await PostgresLedger.Open(connection, clock, NullLogger.Instance, cancellation);
        var catalogs = new CatalogSource(ledger, Generated.ReadPlan);
        var head = await ledger.ReadHead(cancellation);
        if (head.Position == 0)
            await Filling.Fill(ledger, catalogs, persons, rows, clock, cancellation);
        head = await ledger.ReadHead(cancellation);
        say($"| facts | {head.Position:N0} in {head.CommitNumber:N0} commits |");
        await Median("reading alone", head.Position, async () =>
        {
            await foreach (var run in ledger.ReadBodies(0, head.Position, cancellation))
                GC.KeepAlive(run);
        });
        var step = new FundStep();
        await Median("reading and decoding", head.Position, async () =>
        {
            await foreach (var run in ledger.ReadBodies(0, head.Position, cancellation))
                for (var i = 0; i < run.Count; i++)
                    step.Read(run[i]);
        });
        await Median("folding from nothing, as a server does", head.Position, async () =>
        {
            await using var funds = new Funds(ledger, new VolatileCheckpoints(), Generated.ReadPlan, clock, say);
            await funds.CaughtUp;
            if (funds.Mark != head.Position)
                throw new InvalidOperationException("The fold did not come to the head.");
        });
        await Checkpoints(ledger, head.Position, cancellation);
    }

    async Task Checkpoints(PostgresLedger ledger, long mark, CancellationToken cancellation)
    {
        var fold = new FundFold(Generated.ReadPlan);
        await foreach (var run in ledger.ReadBodies(0, mark, cancellation))
            for (var i = 0; i < run.Count; i++)
                fold.Apply(run.First + i, run[i]);
        var capacity = fold.Checkpoint().Length;
        say($"| the fold's own bytes | {capacity:N0} |");
        var commit = await ledger.CommitOf(mark, cancellation);
        StoredCheckpoint? stored = null;
        await Median("a checkpoint copied, persons", persons, () =>
        {
            fold.WriteCheckpoint(new MemoryStream(capacity));
            return Task.CompletedTask;
        });
        await Median("copied and packed, persons", persons, () =>
        {
            stored = StoredCheckpoint.Of(mark, commit!.Value, 0, Packed(fold));
            return Task.CompletedTask;
        });
        say($"| packed | {stored!.Packed.Length:N0} |");
        await Median("read back, persons", persons, () =>
        {
            stored.Unpack(Generated.ReadPlan);
            return Task.CompletedTask;
        });
        var start = clock.GetTimestamp();
        await ledger.Checkpoints.Write(stored, cancellation);
        say($"| written | {clock.GetElapsedTime(start).TotalSeconds:0.00} s |");
        start = clock.GetTimestamp();
        await using (var funds = new Funds(ledger, ledger.Checkpoints, Generated.ReadPlan, clock, say))
            await funds.CaughtUp;
        say($"| a start from it, nothing to fold on | {clock.GetElapsedTime(start).TotalSeconds:0.00} s |");
    }

    static byte[] Packed(FundFold fold)
    {
        var copy = new MemoryStream();
        fold.WriteCheckpoint(copy);
        return StoredCheckpoint.Pack(copy);
    }

    async Task Median(string what, long facts, Func<Task> work)
    {
        var rates = new List<double>();
        var used = Environment.CpuUsage.TotalTime;
        for (var round = 0; round < rounds; round++)
        {
            var start = clock.GetTimestamp();
            await work();
            rates.Add(facts / clock.GetElapsedTime(start).TotalSeconds);
        }
        rates.Sort();
        var own = (Environment.CpuUsage.TotalTime - used).TotalMicroseconds / facts / rounds;
        say($"| {what} | {rates[rounds / 2]:N0}/s ({rates[0]:N0} to {rates[^1]:N0}); {own:0.00} µs of our CPU each |");
    }
}
