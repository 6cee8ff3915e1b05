using SettlementGrid.Api;
using SettlementGrid.Api.Methods;
using SettlementGrid.Enrollees;
using SettlementGrid.Grid;
using SettlementGrid.Ledger;
using SettlementGrid.PlanFiles;
using SettlementGrid.Regions.Following;

namespace SettlementGrid.Server.Composition;

/// <summary>
/// What settles: the ledger, the catalog read from it, the mailboxes over both, and the methods over all of them. Used
/// by the server and by the commands that write while it may be up or down; both are fenced by the same ledger.
/// </summary>
public sealed class Engine : IAsyncDisposable
{
    private readonly GridRun _run;
    private readonly Lazy<Funds> _funds;

    private Engine(
        PostgresLedger ledger, CatalogSource catalogs, GridRun run, Lazy<Funds> funds, TimeProvider clock)
    {
        Ledger = ledger;
        Catalogs = catalogs;
        (_run, _funds) = (run, funds);
        Clock = clock;
        Writing = new CatalogWriting(ledger, catalogs, clock);
        FundWriting = new FundWriting(ledger, catalogs, clock);
    }

    public PostgresLedger Ledger { get; }

    public CatalogSource Catalogs { get; }

    public IGrid Grid => _run.Grid;

    public TimeProvider Clock { get; }

    public CatalogWriting Writing { get; }

    public FundWriting FundWriting { get; }

    /// <summary>Begins to fold when it is first asked for: a command that only writes never does.</summary>
    public Funds Funds => _funds.Value;

    /// <summary>Opens the ledger (migrating its schema) and loads the catalog.</summary>
    /// <exception cref="CommandLine.CannotStartException">The database must not be used as it is; says why.</exception>
    /// <param name="connectionString">the ledger's database.</param>
    /// <param name="clock">the only clock of the process.</param>
    /// <param name="log">told what an operator should know.</param>
    /// <param name="cancellation">gives the start up.</param>
    /// <param name="bounds">of the mailboxes; null: by this machine's memory.</param>
    /// <param name="start">starts another engine of turns; null: mailboxes.</param>
    public static async Task<Engine> StartAsync(
        string connectionString, TimeProvider clock, ILogger log, CancellationToken cancellation,
        GridBounds? bounds = null, Func<EngineGround, Task<GridRun>>? start = null)
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
        var funds = new Lazy<Funds>(() => new Funds(
            ledger, ledger.Checkpoints, ReadPublished, clock, what => log.LogWarning("{What}", what)));
        var ground = new EngineGround(connectionString, ledger, catalogs, () => funds.Value, clock);
        try
        {
            var run = start is null ? Mailed(ground, bounds) : await start(ground);
            return new Engine(ledger, catalogs, run, funds, clock);
        }
        catch
        {
            await ledger.DisposeAsync();
            throw;
        }
    }

    /// <param name="audit">what AuditService reads.</param>
    /// <param name="servers">what OperationsService reads.</param>
    public MethodTable Methods(Func<bool> serving, AuditReading audit, ServerReading servers) =>
        MethodTable.Of(DomainHandlers.Of(Grid, Ledger, Catalogs, Funds, Clock, audit, servers), serving, Clock);

    /// <summary>Accepted turns are finished; no new one is taken.</summary>
    public Task DrainAsync() => _run.DrainAsync();

    /// <summary>Drains, then what is queued for the ledger is written.</summary>
    public async ValueTask DisposeAsync()
    {
        await DrainAsync();
        await _run.EndAsync();
        if (_funds.IsValueCreated)
        {
            await _funds.Value.DisposeAsync();
        }

        await Ledger.DisposeAsync();
    }

    private static GridRun Mailed(EngineGround ground, GridBounds? bounds)
    {
        var grid = new Mailboxes(
            ground.Ledger, ground.Catalogs, ground.Clock, TaskScheduler.Default,
            bounds ?? GridBounds.ForThisMachine());
        return new GridRun(
            grid,
            () => grid.Drain(ServerLimits.DrainMax),
            () =>
            {
                grid.Dispose();
                return ValueTask.CompletedTask;
            });
    }

    /// <summary>Reads a plan text that is in the ledger. It was checked when it was published, so one that no longer
    /// reads is a fault of this program: <see cref="InvalidDataException"/>.</summary>
    public static Plans.Plan ReadPublished(string text)
    {
        var reading = PlanFile.Read(text);
        return reading.Plan
            ?? throw new InvalidDataException($"A published plan cannot be read: {reading.Findings[0]}");
    }
}

/// <summary>What an engine of turns stands on.</summary>
/// <param name="Funds">Begins to fold when it is first asked for.</param>
public sealed record EngineGround(
    string ConnectionString, PostgresLedger Ledger, CatalogSource Catalogs, Func<Funds> Funds, TimeProvider Clock);

/// <summary>An engine of turns from its start to its end.</summary>
/// <param name="DrainAsync">Finishes accepted turns and takes no new one; may be asked again.</param>
/// <param name="EndAsync">Gives back what it holds; drained before.</param>
public sealed record GridRun(IGrid Grid, Func<Task> DrainAsync, Func<ValueTask> EndAsync);
