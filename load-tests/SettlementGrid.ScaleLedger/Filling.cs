using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using SettlementGrid.Enrollees;
using SettlementGrid.Plans;
using SettlementGrid.Postgres;
using SettlementGrid.Server.Composition;
using SettlementGrid.Testbed;

namespace SettlementGrid.ScaleLedger;

/// <summary>
/// A data folder filled with a city: plans and premiums the regular way, roster and history by COPY, then the funds'
/// checkpoint as a server writes it. The server starts on the folder and `verify` finds nothing.
/// </summary>
sealed class Filling(string folder, City city, int commitRows, TimeProvider clock, Action<string> say)
{
    // Of Tongliao's residents in 2025.
    static readonly Money Premium = Money.Yuan(114.23m);

    readonly long _began = clock.GetTimestamp();
    long _saidAt;
    long _facts;

    public async Task Run(CancellationToken cancellation)
    {
        await using var database = await PostgresInstance.StartAsync(folder, say, cancellation);
        await using (var engine = await Open(database, cancellation))
        {
            await ShippedPlans.PublishAsync(engine, samples: false, say, cancellation);
            // A filling that was interrupted left plans and premiums at the most.
            var regular = engine.Catalogs.Current.Versions.Count() + city.Heads().Count();
            if ((await engine.Ledger.ReadHead(cancellation)).Position > regular)
                throw new InvalidOperationException($"{folder} holds a history already; give an empty folder.");
            await RecordPremiums(engine, cancellation);
            await Copy(database, engine, cancellation);
        }
        // The fold begins at the newest checkpoint, goes through what is after it and stores its own on the way.
        await using (var engine = await Open(database, cancellation))
        {
            await engine.Funds.CaughtUp.WaitAsync(cancellation);
            Say($"the funds are folded up to position {engine.Funds.Mark:N0}");
        }
        Say("done");
    }

    Task<Engine> Open(PostgresInstance database, CancellationToken cancellation) =>
        Engine.StartAsync(database.ConnectionString, clock, NullLogger.Instance, cancellation);

    async Task RecordPremiums(Engine engine, CancellationToken cancellation)
    {
        foreach (var (region, heads) in city.Heads())
        {
            var record = new FundRecordRequest(
                "city-premium", region, Town.PlanId, Town.Year, FundRecordKind.Premium,
                new Money(checked(Premium.Fen * heads)), heads, new DateOnly(Town.Year, 1, 10));
            if (heads > 0 && (await engine.FundWriting.Record(record, cancellation)).Refusal is { } refusal)
                throw new InvalidOperationException(refusal.MessageEn);
        }
    }

    async Task Copy(PostgresInstance database, Engine engine, CancellationToken cancellation)
    {
        var head = await engine.Ledger.ReadHead(cancellation);
        await using var ledger = await CopiedLedger.Open(database.ConnectionString, head, cancellation);
        var ready = System.Threading.Channels.Channel.CreateBounded<(IReadOnlyList<Entry> Entries, int CommitRows)>(
            ScaleLimits.PortionsAhead);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var deciding = Task.Run(
            () => DecideAll(engine.Catalogs.Current, ready.Writer, stop.Token), CancellationToken.None);
        try
        {
            await foreach (var (entries, rows) in ready.Reader.ReadAllAsync(cancellation))
            {
                ledger.Append(entries, rows);
                _facts += entries.Count;
                if (_saidAt == 0 || clock.GetElapsedTime(_saidAt) > ScaleLimits.ProgressEvery)
                {
                    _saidAt = clock.GetTimestamp();
                    Say($"{_facts:N0} facts");
                }
            }
        }
        finally
        {
            await stop.CancelAsync();
            await deciding;
        }
        Say($"{_facts:N0} facts");
        await ledger.Finish(Say, cancellation);
        Say($"{ledger.Head.Position:N0} facts in {ledger.Head.CommitNumber:N0} commits");
    }

    async Task DecideAll(
        Catalog catalog, ChannelWriter<(IReadOnlyList<Entry>, int)> ready, CancellationToken stop)
    {
        try
        {
            var history = new History(city, catalog, Environment.ProcessorCount);
            for (var first = 0; first < city.Persons; first += ScaleLimits.Portion)
                await ready.WriteAsync(
                    (history.Enrol(first, Math.Min(ScaleLimits.Portion, city.Persons - first)),
                        ScaleLimits.RosterCommitRows),
                    stop);
            for (var first = 0; first < city.Discharges; first += ScaleLimits.Portion)
                await ready.WriteAsync(
                    (history.Discharge(first, Math.Min(ScaleLimits.Portion, city.Discharges - first)), commitRows),
                    stop);
            ready.Complete();
        }
        catch (Exception e)
        {
            // The writer hears of it where it would have read on.
            ready.Complete(e);
        }
    }

    void Say(string what) => say($"{clock.GetElapsedTime(_began).TotalSeconds,6:0.0} s  {what}");
}
