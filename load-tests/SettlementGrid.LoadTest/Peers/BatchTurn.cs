using SettlementGrid.LedgerLoad;
using SettlementGrid.LoadTest.Measuring;
using SettlementGrid.Postgres;

namespace SettlementGrid.LoadTest.Peers;

/// <summary>(d): the ledger's statement alone, on a PostgreSQL set up as the server's.</summary>
sealed class BatchTurn(PeerSettings settings, TimeProvider clock, Action<string> say)
{
    public async Task<PeerTurn> RunAsync(CancellationToken cancellation)
    {
        await using var postgres = await TemporaryPostgres.StartAsync(
            say, cancellation, PostgresSettings.ForThisMachine());
        say($"writing {settings.BatchRows:n0} settlements in batches of {BatchLoad.BatchRows}");
        var (before, after) = (0.0, 0.0);
        var rate = await new BatchLoad(postgres.ConnectionString, settings.Load.Persons, clock).Run(
            settings.BatchRows,
            () => (before, after) = (after, ServerFigures.DatabaseProcessor(postgres.Instance.Directory)),
            cancellation);
        // No collector may run in the next contestant's time for what is left of these rows.
        GC.Collect();
        return new PeerTurn.Measured(new PeerRow(
            rate.PerSecond, null, null, rate.OwnCpuSeconds * 1_000_000 / rate.Rows,
            (after - before) * 1_000_000 / rate.Rows, null));
    }
}
