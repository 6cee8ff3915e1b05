using Microsoft.Extensions.Logging.Abstractions;
using SettlementGrid.Enrollees;
using SettlementGrid.Grid;
using SettlementGrid.Ledger;
using SettlementGrid.Plans;
using SettlementGrid.Postgres;
using SettlementGrid.Server.Composition;

namespace SettlementGrid.ScaleLedger;

/// <summary>
/// What a settlement costs on ledgers of several sizes: the engine and the ledger as the server has them, without the
/// way of the call. Sizes take turns in one run, so what else the machine does meets all of them; processor time is
/// told beside the rate, because it stays true on a busy machine. Every bill is another person's, strewn over the
/// roster.
/// </summary>
sealed class SettlingCost(string[] folders, int settlements, int rounds, TimeProvider clock, Action<string> say)
{
    const int InFlight = 256;

    // Little enough that nobody's year is used up by measuring.
    const int BasicPercent = 2;
    static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    readonly record struct Cost(double Rate, double Own, double Database, double Wal, double Pages);

    public async Task Run(CancellationToken cancellation)
    {
        var sites = new List<Site>();
        try
        {
            foreach (var folder in folders)
                sites.Add(await Site.Open(folder, clock, cancellation));
            var costs = sites.ConvertAll(_ => (Cold: new List<Cost>(), Warm: new List<Cost>()));
            for (var round = 0; round < rounds; round++)
            {
                for (var i = 0; i < sites.Count; i++)
                {
                    // What comes first in a round is now the one, now the other.
                    var at = (i + round) % sites.Count;
                    costs[at].Cold.Add(await Measure(sites[at], warm: false, cancellation));
                    costs[at].Warm.Add(await Measure(sites[at], warm: true, cancellation));
                }
            }
            say("| enrollees | facts | accounts | settlements/s | our µs | PostgreSQL µs | WAL bytes | pages read |");
            say("| ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: |");
            for (var i = 0; i < sites.Count; i++)
            {
                Tell(sites[i], "cold", costs[i].Cold);
                Tell(sites[i], "warm", costs[i].Warm);
            }
            await TellSizes(sites, cancellation);
        }
        finally
        {
            foreach (var site in sites)
                await site.DisposeAsync();
        }
    }

    void Tell(Site site, string accounts, List<Cost> costs) => say(
        $"| {site.Persons:N0} | {site.Facts:N0} | {accounts} | {Median(costs, c => c.Rate):N0} "
        + $"| {Median(costs, c => c.Own):0.0} | {Median(costs, c => c.Database):0.0} | {Median(costs, c => c.Wal):N0} "
        + $"| {Median(costs, c => c.Pages):0.00} |");

    async Task TellSizes(List<Site> sites, CancellationToken cancellation)
    {
        say("");
        say("| enrollees | facts | row bytes a fact | index bytes | commit bytes | levels: stream / settlement / commit |");
        say("| ---: | ---: | ---: | ---: | ---: | --- |");
        foreach (var site in sites)
        {
            var (rows, indexes, commits) = await site.Figures.BytesAFact(cancellation);
            var levels = await site.Figures.Levels(
                ["entries_stream", "entries_settlement", "entries_commit"], cancellation);
            say($"| {site.Persons:N0} | {site.Facts:N0} | {rows:0} | {indexes:0} | {commits:0} | {levels} |");
        }
    }

    async Task<Cost> Measure(Site site, bool warm, CancellationToken cancellation)
    {
        var bounds = warm ? new GridBounds(WarmBytesMax: long.MaxValue) : new GridBounds(WarmCountMax: 0);
        using var grid = new Mailboxes(site.Ledger, site.Catalogs, clock, TaskScheduler.Default, bounds);
        var commands = site.NextBills(settlements, BasicPercent);
        if (warm)
            await Ask(grid, commands.ConvertAll<Command>(c => new Command.GetAccount(c.EnrolleeId)), cancellation);
        var (pages, wal) = (await site.Figures.PagesRead(cancellation), await site.Figures.Wal(cancellation));
        var (start, own, database) =
            (clock.GetTimestamp(), Environment.CpuUsage.TotalTime, site.Figures.Processor());
        await Ask(grid, commands, cancellation);
        var seconds = clock.GetElapsedTime(start).TotalSeconds;
        return new Cost(
            settlements / seconds,
            (Environment.CpuUsage.TotalTime - own).TotalMicroseconds / settlements,
            (site.Figures.Processor() - database) * 1e6 / settlements,
            (await site.Figures.Wal(cancellation) - wal) / (double)settlements,
            (await site.Figures.PagesRead(cancellation) - pages) / (double)settlements);
    }

    async Task Ask(Mailboxes grid, List<Command> commands, CancellationToken cancellation)
    {
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, InFlight).Select(_ => Task.Run(
            async () =>
            {
                while (Interlocked.Increment(ref next) is var i && i < commands.Count)
                    if (await grid.Ask(commands[i], clock.GetUtcNow() + Deadline, cancellation)
                        is Answer.Refused refused)
                        throw new InvalidOperationException(refused.Refusal.MessageEn);
            },
            cancellation)));
    }

    static double Median(List<Cost> costs, Func<Cost, double> of) =>
        costs.Select(of).Order().ElementAt(costs.Count / 2);

    /// <summary>One filled folder with its database, opened.</summary>
    sealed class Site : IAsyncDisposable
    {
        const long Stride = 1_000_003;
        readonly PostgresInstance _database;
        readonly City _city;
        readonly string _run;
        int _bills;

        Site(
            PostgresInstance database, PostgresLedger ledger, CatalogSource catalogs, DatabaseFigures figures,
            int persons, long facts, string run)
        {
            (_database, Ledger, Catalogs, Figures, Facts, _run) = (database, ledger, catalogs, figures, facts, run);
            _city = new City(persons, int.MaxValue, 2);
        }

        public PostgresLedger Ledger { get; }

        public CatalogSource Catalogs { get; }

        public DatabaseFigures Figures { get; }

        public int Persons => _city.Persons;

        /// <summary>When it was opened.</summary>
        public long Facts { get; }

        public static async Task<Site> Open(string folder, TimeProvider clock, CancellationToken cancellation)
        {
            var database = await PostgresInstance.StartAsync(folder, _ => { }, cancellation);
            var ledger = await PostgresLedger.Open(
                database.ConnectionString, clock, NullLogger.Instance, cancellation);
            var catalogs = new CatalogSource(ledger, Engine.ReadPublished);
            await catalogs.Refresh(cancellation);
            var figures = new DatabaseFigures(database);
            return new Site(
                database, ledger, catalogs, figures, await figures.Persons(cancellation),
                await figures.Facts(cancellation), $"{clock.GetUtcNow().ToUnixTimeMilliseconds():x}");
        }

        public List<Command> NextBills(int count, int basicPercent)
        {
            var bills = new List<Command>(count);
            for (var i = 0; i < count; i++)
            {
                var number = ++_bills;
                var person = _city.PersonId((int)(number * Stride % Persons));
                var bill = _city.Bill(number * 1_000, person, "-" + _run, basicPercent);
                bills.Add(new Command.Settle(bill with { EncounterId = bill.RequestId }, null));
            }
            return bills;
        }

        public async ValueTask DisposeAsync()
        {
            await Figures.DisposeAsync();
            await Ledger.DisposeAsync();
            await _database.DisposeAsync();
        }
    }
}
