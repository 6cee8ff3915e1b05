using Orleans.TestingHost;
using SettlementGrid.Silo.Cluster;
using SettlementGrid.Silo.Turns;

namespace SettlementGrid.Silo.Tests;

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
