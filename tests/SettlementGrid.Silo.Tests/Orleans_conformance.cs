using SettlementGrid.Enrollees;
using SettlementGrid.Grid.Tests;
using SettlementGrid.Silo.Turns;

namespace SettlementGrid.Silo.Tests;

/// <summary>Grains on two silos keep what mailboxes keep, asked through a client as a gateway asks.</summary>
public sealed class Orleans_conformance : GridConformance, IAsyncLifetime
{
    readonly List<TwoSilos> _started = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var cluster in _started)
            await cluster.DisposeAsync();
    }

    protected override async ValueTask<IGrid> Start(ILedger ledger, CatalogSource catalogs, TimeProvider clock)
    {
        _started.Add(await TwoSilos.Start(new TurnGround(ledger, catalogs, clock)));
        return _started[^1].Grid;
    }
}
