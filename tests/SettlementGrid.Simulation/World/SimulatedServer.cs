using SettlementGrid.Enrollees;
using SettlementGrid.Grid;
using SettlementGrid.Simulation.Broken;
using SettlementGrid.Simulation.Checking;
using SettlementGrid.Simulation.Database;
using SettlementGrid.Testing;

namespace SettlementGrid.Simulation.World;

/// <summary>
/// A server: a grid, a catalog and a group commit over its own connection, and its own clock. A crash drops all of it
/// at once, in whatever moment; a stop drains and writes what is queued.
/// </summary>
sealed class SimulatedServer(
    SimulatedThread thread, SimulatedDatabase database, ToldOutcomes told, Build build, string name) : IDisposable
{
    /// <summary>Small on purpose: accounts are evicted and queues fill up.</summary>
    public static readonly GridBounds Bounds = new(PersonQueueMax: 4, CallsMax: 16, WarmCountMax: 3, Shards: 1);

    Link? _link;
    SimulatedConnection? _connection;
    IGrid? _grid;
    double _faultRate;

    public string Name => name;

    public ServerClock Clock { get; } = new(thread.Clock);

    /// <summary>Null while the server is down.</summary>
    public IGrid? Grid => _grid;

    public ILedger? Ledger { get; private set; }

    /// <summary>Rises with each crash and stop: what was asked in an earlier life is answered by nobody.</summary>
    public int Life { get; private set; }

    /// <summary>From a stop's begin to the next start: outcomes that are still unknown may be given up.</summary>
    public bool IsStopping { get; private set; }

    /// <summary>Of this server's life so far: two turns of one person at once.</summary>
    public OneTurnAtATime? Watch { get; private set; }

    public double FaultRate
    {
        get => _faultRate;
        set
        {
            _faultRate = value;
            _link?.FaultRate = value;
        }
    }

    public async Task Start()
    {
        var link = _link = new Link(database, thread, name) { FaultRate = FaultRate };
        var connection = _connection = new SimulatedConnection(
            database, link, thread, Clock, new ToldLog(thread, name), build.Prepare);
        var ledger = told.Listen(build.Ledger(connection, thread));
        var catalogs = new CatalogSource(ledger, PlanTexts.Read);
        while (connection == _connection)
        {
            try
            {
                await catalogs.Refresh(CancellationToken.None);
                break;
            }
            catch (LedgerUnavailableException)
            {
                await thread.Delay(100);
            }
        }
        if (connection != _connection)
            return;
        Watch = new OneTurnAtATime(ledger, Watch?.Finding);
        Ledger = ledger;
        IsStopping = false;
        _grid = build.Grid(Watch, catalogs, Clock, thread);
        thread.Say($"{name} is up");
    }

    /// <summary>Falls when its next commit comes to that point.</summary>
    public void CrashAt(CrashPoint point) => _link?.Arm(point, Crash);

    public void Crash()
    {
        if (_connection is null)
            return;
        thread.Say($"{name} crashes");
        thread.Count(Happening.Crash);
        Drop();
    }

    public async Task Stop()
    {
        if (_grid is not Mailboxes grid || _connection is not { } connection)
            return;
        thread.Say($"{name} stops");
        thread.Count(Happening.Stop);
        IsStopping = true;
        await grid.Drain(TimeSpan.FromSeconds(5));
        if (connection != _connection)
            return;
        await connection.DisposeAsync();
        if (connection == _connection)
            Drop();
    }

    public void Dispose() => Drop();

    void Drop()
    {
        Life++;
        _connection?.Crash();
        (_grid as IDisposable)?.Dispose();
        (_link, _connection, _grid, Ledger) = (null, null, null, null);
    }
}

/// <summary>Plan texts are read once for all seeds.</summary>
static class PlanTexts
{
    static readonly System.Collections.Concurrent.ConcurrentDictionary<string, Plans.Plan> Known = [];

    public static Plans.Plan Read(string text) => Known.GetOrAdd(text, GivenPlans.Read);
}
