using SettlementGrid.Enrollees;
using SettlementGrid.Testing;

namespace SettlementGrid.Grid.Tests.Simulation;

/// <summary>A server: a grid and a catalog over its own connection. A crash drops all of it at once.</summary>
sealed class SimulatedServer(SimulatedThread thread, Func<FaultyLedger> connect, Func<ILedger, ILedger> broken)
    : IDisposable
{
    /// <summary>Small on purpose: accounts are evicted and queues fill up.</summary>
    static readonly GridBounds Bounds = new(PersonQueueMax: 4, CallsMax: 12, WarmCountMax: 3, Shards: 1);

    FaultyLedger? _connection;
    Mailboxes? _grid;

    /// <summary>Null while the server is down.</summary>
    public IGrid? Grid => _grid;

    public ILedger? Ledger { get; private set; }

    public CatalogSource? Catalogs { get; private set; }

    public double FaultRate { get; set; }

    public async Task Start()
    {
        _connection = connect();
        _connection.FaultRate = FaultRate;
        var ledger = broken(_connection);
        var catalogs = new CatalogSource(ledger, PlanTexts.Read);
        var connection = _connection;
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
        (Ledger, Catalogs) = (ledger, catalogs);
        _grid = new Mailboxes(ledger, catalogs, thread.Clock, thread, Bounds);
    }

    public void Crash()
    {
        _connection?.Cut();
        _grid?.Dispose();
        (_connection, _grid, Ledger, Catalogs) = (null, null, null, null);
    }

    public async Task Stop()
    {
        if (_grid is { } grid)
        {
            await grid.Drain(TimeSpan.FromSeconds(5));
            if (grid == _grid)
                Crash();
        }
    }

    public void Dispose() => Crash();

    public void Heal()
    {
        FaultRate = 0;
        _connection?.FaultRate = 0;
    }
}

/// <summary>Plan texts are read once for all seeds.</summary>
static class PlanTexts
{
    static readonly System.Collections.Concurrent.ConcurrentDictionary<string, Plans.Plan> Known = [];

    public static Plans.Plan Read(string text) => Known.GetOrAdd(text, GivenPlans.Read);
}
