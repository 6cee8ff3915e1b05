using System.Diagnostics.Metrics;
using System.Globalization;
using System.Runtime;
using Microsoft.Extensions.Logging.Abstractions;
using SettlementGrid.Enrollees;
using SettlementGrid.Grid;
using SettlementGrid.Ledger;
using SettlementGrid.Postgres;
using SettlementGrid.Server.Composition;

namespace SettlementGrid.ScaleLedger;

/// <summary>
/// What a warm account takes, all in: the process's resident memory before and after so many persons of a filled folder
/// had a turn, both after a full collection, divided by their number. Beside it the managed heap's difference and what
/// the accounts are estimated at, by which the cache is bounded.
/// </summary>
sealed class WarmMemory(string folder, int accounts, TimeProvider clock, Action<string> say)
{
    const int InFlight = 512;
    static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    public async Task Run(CancellationToken cancellation)
    {
        await using var database = await PostgresInstance.StartAsync(folder, say, cancellation);
        await using var ledger = await PostgresLedger.Open(
            database.ConnectionString, clock, NullLogger.Instance, cancellation);
        var catalogs = new CatalogSource(ledger, Engine.ReadPublished);
        await catalogs.Refresh(cancellation);
        var bounds = new GridBounds(WarmCountMax: int.MaxValue, WarmBytesMax: long.MaxValue);
        using var grid = new Mailboxes(ledger, catalogs, clock, TaskScheduler.Default, bounds);
        var city = new City(accounts, 0, 0);
        // What the first turns need besides accounts is there before it is weighed.
        await Warm(grid, city, 0, Math.Min(accounts, InFlight), cancellation);
        var before = Weigh();
        var start = clock.GetTimestamp();
        await Warm(grid, city, Math.Min(accounts, InFlight), accounts, cancellation);
        var seconds = clock.GetElapsedTime(start).TotalSeconds;
        var after = Weigh();
        var warmed = Math.Max(1, accounts - InFlight);
        say(string.Create(
            CultureInfo.InvariantCulture,
            $"""
            | warm accounts | {warmed:n0}, warmed in {seconds:0.0} s ({warmed / seconds:n0}/s) |
            | resident bytes each | {(after.Resident - before.Resident) / (double)warmed:0} |
            | managed bytes each | {(after.Managed - before.Managed) / (double)warmed:0} |
            | estimated bytes each | {Estimated(grid) / (double)accounts:0} |
            """));
    }

    async Task Warm(Mailboxes grid, City city, int from, int to, CancellationToken cancellation)
    {
        var next = from - 1;
        await Task.WhenAll(Enumerable.Range(0, InFlight).Select(_ => Task.Run(
            async () =>
            {
                while (Interlocked.Increment(ref next) is var person && person < to)
                {
                    var ask = new Command.GetAccount(city.PersonId(person));
                    if (await grid.Ask(ask, clock.GetUtcNow() + Deadline, cancellation) is not Answer.State)
                        throw new InvalidOperationException("An account was not given.");
                }
            },
            cancellation)));
    }

    static long Estimated(Mailboxes grid)
    {
        var bytes = 0L;
        using var listener = new MeterListener();
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => bytes = value);
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter == grid.Meter && instrument.Name == "settlementgrid.grid.warm_bytes")
                l.EnableMeasurementEvents(instrument);
        };
        listener.Start();
        listener.RecordObservableInstruments();
        return bytes;
    }

    static (long Resident, long Managed) Weigh()
    {
        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        for (var round = 0; round < 3; round++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }
        return (Environment.WorkingSet, GC.GetTotalMemory(forceFullCollection: true));
    }
}
