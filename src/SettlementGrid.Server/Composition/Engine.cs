using SettlementGrid.Api;
using SettlementGrid.Api.Methods;
using SettlementGrid.Enrollees;
using SettlementGrid.Grid;
using SettlementGrid.Ledger;
using SettlementGrid.PlanFiles;
using SettlementGrid.Regions.Following;

namespace SettlementGrid.Server.Composition;

/// <summary>
/// What settles: the ledger, the catalog read from it, the mailboxes over both, and the methods over all of them. Used by
/// the server and by the commands that write while it may be up or down; both are fenced by the same ledger.
/// </summary>
public sealed class Engine : IAsyncDisposable
{
    private readonly ILogger _log;
    private Funds? _funds;

    private Engine(PostgresLedger ledger, CatalogSource catalogs, Mailboxes grid, TimeProvider clock, ILogger log)
    {
        Ledger = ledger;
        Catalogs = catalogs;
        Grid = grid;
        Clock = clock;
        Writing = new CatalogWriting(ledger, catalogs, clock);
        FundWriting = new FundWriting(ledger, catalogs, clock);
        _log = log;
    }

    public PostgresLedger Ledger { get; }

    public CatalogSource Catalogs { get; }

    public Mailboxes Grid { get; }

    public TimeProvider Clock { get; }

    public CatalogWriting Writing { get; }

    public FundWriting FundWriting { get; }

    /// <summary>Begins to fold when it is first asked for: a command that only writes never does.</summary>
    public Funds Funds => _funds ??= new Funds(
        Ledger, Ledger.Checkpoints, ReadPublished, Clock, what => _log.LogWarning("{What}", what));

    /// <summary>Opens the ledger (migrating its schema) and loads the catalog.</summary>
    /// <exception cref="CommandLine.CannotStartException">The database must not be used as it is; says why.</exception>
    /// <param name="connectionString">the ledger's database.</param>
    /// <param name="clock">the only clock of the process.</param>
    /// <param name="log">told what an operator should know.</param>
    /// <param name="cancellation">gives the start up.</param>
    /// <param name="bounds">of the mailboxes; null: by this machine's memory.</param>
    public static async Task<Engine> StartAsync(
        string connectionString, TimeProvider clock, ILogger log, CancellationToken cancellation,
        GridBounds? bounds = null)
    {
        PostgresLedger ledger;
        try
        {
            ledger = await PostgresLedger.Open(connectionString, clock, log, cancellation);
        }
        catch (LedgerRefusedException refused)
        {
            throw new CommandLine.CannotStartException(refused.Message, refused);
        }

        var catalogs = new CatalogSource(ledger, ReadPublished);
        await catalogs.Refresh(cancellation);
        var grid = new Mailboxes(
            ledger, catalogs, clock, TaskScheduler.Default, bounds ?? GridBounds.ForThisMachine());
        return new Engine(ledger, catalogs, grid, clock, log);
    }

    /// <param name="audit">what AuditService reads.</param>
    public MethodTable Methods(Func<bool> serving, AuditReading audit) =>
        MethodTable.Of(DomainHandlers.Of(Grid, Ledger, Catalogs, Funds, Clock, audit), serving, Clock);

    /// <summary>Accepted turns are finished; no new one is taken.</summary>
    public Task DrainAsync() => Grid.Drain(ServerLimits.DrainMax);

    /// <summary>Drains, then what is queued for the ledger is written.</summary>
    public async ValueTask DisposeAsync()
    {
        await DrainAsync();
        Grid.Dispose();
        if (_funds is not null)
        {
            await _funds.DisposeAsync();
        }

        await Ledger.DisposeAsync();
    }

    /// <summary>Reads a plan text that is in the ledger. It was checked when it was published, so one that no longer
    /// reads is a fault of this program: <see cref="InvalidDataException"/>.</summary>
    public static Plans.Plan ReadPublished(string text)
    {
        var reading = PlanFile.Read(text);
        return reading.Plan ?? throw new InvalidDataException($"A published plan cannot be read: {reading.Findings[0]}");
    }
}
