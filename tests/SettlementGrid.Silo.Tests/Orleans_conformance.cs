using Orleans.TestingHost;
using SettlementGrid.Enrollees;
using SettlementGrid.Grid.Tests;
using SettlementGrid.Silo.Cluster;
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

/// <summary>A cluster of two silos and a client in this process, over connections in memory.</summary>
sealed class TwoSilos : IAsyncDisposable
{
    readonly SiloStop _stop = new();

    TwoSilos(TurnGround ground)
    {
        var builder = new InProcessTestClusterBuilder(2);
        builder.Options.ConfigureFileLogging = false;
        builder.ConfigureSilo((_, silo) => silo.HostTurns(ground, _stop));
        builder.ConfigureClient(client => client.AskTurns());
        Cluster = builder.Build();
    }

    public InProcessTestCluster Cluster { get; }

    public OrleansGrid Grid { get; private set; } = null!;

    public static async Task<TwoSilos> Start(TurnGround ground)
    {
        var started = new TwoSilos(ground);
        await started.Cluster.DeployAsync();
        started.Grid = new OrleansGrid(started.Cluster.Client, ground.Clock);
        return started;
    }

    public async ValueTask DisposeAsync()
    {
        await Cluster.StopAllSilosAsync();
        await Cluster.DisposeAsync();
        _stop.Dispose();
    }
}
