using Microsoft.Extensions.Logging.Abstractions;
using SettlementGrid.Ledger;
using SettlementGrid.Postgres;
using SettlementGrid.Regions.Following;
using SettlementGrid.Server.Composition;

namespace SettlementGrid.ScaleLedger;

/// <summary>The funds of filled folders folded from nothing: what a start costs that finds no checkpoint.</summary>
sealed class FoldingAll(string[] folders, TimeProvider clock, Action<string> say)
{
    public async Task Run(CancellationToken cancellation)
    {
        say("| folder | facts | s | facts/s | our µs a fact | PostgreSQL µs | resident MB after |");
        say("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (var folder in folders)
            await Fold(folder, cancellation);
    }

    async Task Fold(string folder, CancellationToken cancellation)
    {
        await using var database = await PostgresInstance.StartAsync(folder, _ => { }, cancellation);
        await using var ledger = await PostgresLedger.Open(
            database.ConnectionString, clock, NullLogger.Instance, cancellation);
        await using var figures = new DatabaseFigures(database);
        var (start, own, used) = (clock.GetTimestamp(), Environment.CpuUsage.TotalTime, figures.Processor());
        await using var funds = new Funds(ledger, new VolatileCheckpoints(), Engine.ReadPublished, clock, say);
        await funds.CaughtUp.WaitAsync(cancellation);
        var seconds = clock.GetElapsedTime(start).TotalSeconds;
        say($"| {Path.GetFileName(folder)} | {funds.Mark:N0} | {seconds:0.0} | {funds.Mark / seconds:N0} "
            + $"| {(Environment.CpuUsage.TotalTime - own).TotalMicroseconds / funds.Mark:0.00} "
            + $"| {(figures.Processor() - used) * 1e6 / funds.Mark:0.00} | {Environment.WorkingSet >> 20} |");
    }
}
