using Npgsql;
using SettlementGrid.Api;
using SettlementGrid.Api.Methods;
using SettlementGrid.Enrollees;
using SettlementGrid.Grid;
using SettlementGrid.Peers.StoredFunction;
using SettlementGrid.Regions.Following;
using SettlementGrid.Server.Composition;
using SettlementGrid.Server.Logging;
using SettlementGrid.Server.Metrics;

namespace SettlementGrid.Peers;

/// <summary>
/// A peer from start to stop: the server's own listeners, doorway, database and plans, and another thing behind the
/// port. Started and asked as the server is, so that whoever measures cannot tell them apart.
/// </summary>
static class PeerRun
{
    public static async Task RunAsync(
        PeerKind kind, RunSettings settings, int connections, TimeProvider clock, Action<string> say,
        CancellationToken cancellation)
    {
        Directory.CreateDirectory(settings.Database.Directory);
        await using var logFile = new LogFile(Path.Combine(settings.Database.Directory, "log"));
        using var logs = new JsonLines(logFile, clock, say);
        using var metrics = new MetricCollection();
        var readiness = new Readiness();
        var gate = new Gate(readiness);
        await using var front = await HttpFront.StartAsync(
            settings, readiness, gate, metrics, logs, clock, _ => ValueTask.FromResult(true), cancellation);
        await using var database = await Database.OwnAsync(settings.Database, say, cancellation);
        await using var engine = await Engine.StartAsync(
            database.ConnectionString, clock, front.Logs.CreateLogger<Engine>(), cancellation);
        await ShippedPlans.PublishAsync(engine, samples: false, say, cancellation);
        await using var doorway = new Doorway(database.ConnectionString, keysRequired: false, clock, front.Logs);
        await using var behind = kind == PeerKind.Acknowledging
            ? (IBehind)await Acknowledging.StartAsync(engine, clock, say, cancellation)
            : await Stored.StartAsync(
                engine, database.ConnectionString, kind == PeerKind.StoredFunctionWithFund, connections, cancellation);
        gate.Open(front.Pipeline(behind.Methods(() => readiness.IsReady, clock), doorway, clock));
        readiness.Ready();
        say($"SettlementGrid is ready on {front.Addresses[0].GetLeftPart(UriPartial.Authority)} (peer: {kind})");
        await Task.Delay(Timeout.Infinite, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        readiness.Stopping();
        await front.DrainAsync();
    }

    /// <summary>What differs between the peers: the methods they serve.</summary>
    interface IBehind : IAsyncDisposable
    {
        MethodTable Methods(Func<bool> serving, TimeProvider clock);
    }

    /// <summary>The stored function: settling and the roster; no other business method is in its table.</summary>
    sealed class Stored(Engine engine, NpgsqlDataSource source, FunctionGrid grid) : IBehind
    {
        public static async Task<Stored> StartAsync(
            Engine engine, string connectionString, bool booksFund, int connections, CancellationToken cancellation)
        {
            var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString)
            {
                ApplicationName = "settlementgrid-peer",
                // One more for the roster.
                MaxPoolSize = connections + 1,
                NoResetOnClose = true,
                Enlist = false,
            });
            return new Stored(
                engine, source,
                await FunctionGrid.OpenAsync(source, engine.Catalogs, booksFund, connections, cancellation));
        }

        public MethodTable Methods(Func<bool> serving, TimeProvider clock)
        {
            var handlers = DomainHandlers.Of(grid, engine.Ledger, engine.Catalogs, engine.Funds, clock) with
            {
                PutEnrollees = new FunctionRoster(source).PutEnrollees,
            };
            return MethodTable.Of(handlers, serving, clock).Only("Settle", "PutEnrollees");
        }

        public async ValueTask DisposeAsync()
        {
            await grid.DisposeAsync();
            await source.DisposeAsync();
        }
    }

    /// <summary>All that the server does, over a ledger in memory; PostgreSQL is there for the doorway alone.</summary>
    sealed class Acknowledging(VolatileLedger ledger, CatalogSource catalogs, Mailboxes grid, Funds funds) : IBehind
    {
        public static async Task<Acknowledging> StartAsync(
            Engine engine, TimeProvider clock, Action<string> say, CancellationToken cancellation)
        {
            var ledger = new VolatileLedger(clock, PeerLimits.AcknowledgedMax);
            var catalogs = new CatalogSource(ledger, Engine.ReadPublished);
            var writing = new CatalogWriting(ledger, catalogs, clock);
            foreach (var version in engine.Catalogs.Current.Versions)
                await writing.Publish(version.Plan, version.Text, cancellation);
            return new Acknowledging(
                ledger, catalogs,
                new Mailboxes(ledger, catalogs, clock, TaskScheduler.Default, GridBounds.ForThisMachine()),
                new Funds(ledger, new VolatileCheckpoints(), Engine.ReadPublished, clock, say));
        }

        public MethodTable Methods(Func<bool> serving, TimeProvider clock) =>
            MethodTable.Of(DomainHandlers.Of(grid, ledger, catalogs, funds, clock), serving, clock);

        public async ValueTask DisposeAsync()
        {
            await grid.Drain(PeerLimits.DrainMax);
            grid.Dispose();
            await funds.DisposeAsync();
        }
    }
}
