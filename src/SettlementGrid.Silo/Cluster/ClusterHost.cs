using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Configuration;
using SettlementGrid.Ledger.Starting;
using SettlementGrid.Server;
using SettlementGrid.Server.CommandLine;
using SettlementGrid.Server.Composition;
using SettlementGrid.Silo.Turns;

namespace SettlementGrid.Silo.Cluster;

/// <summary>
/// The runtime's host inside the program: a silo, or a client of the silos. Started when the ledger is open, stopped
/// after the front: turns under way end, their persons' next turns run elsewhere.
/// </summary>
public static class ClusterHost
{
    // The provider finds Npgsql's factory by this name.
    const string Invariant = "Npgsql";

    public static async Task<GridRun> StartAsync(
        ClusterSettings settings, EngineGround ground, ILoggerFactory logs, CancellationToken cancellation)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.Replace(ServiceDescriptor.Singleton(logs));
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        var stop = new SiloStop();
        var database = WorkingSource.ForOrleans(ground.ConnectionString);
        if (settings.IsGateway)
            builder.UseOrleansClient(client => Configure(client, settings, database));
        else
            builder.UseOrleans(silo => Configure(silo, settings, database, ground, stop));
        var host = builder.Build();
        try
        {
            await host.StartAsync(cancellation);
        }
        catch (Exception failed) when (failed is OrleansException or SocketException or IOException)
        {
            host.Dispose();
            throw new CannotStartException($"The cluster {settings.Id} cannot be joined: {failed.Message}", failed);
        }
        var grid = new OrleansGrid(host.Services.GetRequiredService<IGrainFactory>(), ground.Clock);
        return new GridRun(
            grid,
            () => HandOver(host, stop),
            () =>
            {
                grid.Dispose();
                host.Dispose();
                stop.Dispose();
                return ValueTask.CompletedTask;
            });
    }

    static void Configure(IClientBuilder client, ClusterSettings settings, string database)
    {
        client.AskTurns()
            .Configure<ClusterOptions>(cluster => Name(cluster, settings))
            .UseAdoNetClustering(table => (table.Invariant, table.ConnectionString) = (Invariant, database));
        client.UseConnectionRetryFilter(new GatewayPatience());
        if (ClusterTls.Of(settings) is { } tls)
            client.UseTls(tls);
    }

    static void Configure(
        ISiloBuilder silo, ClusterSettings settings, string database, EngineGround ground, SiloStop stop)
    {
        silo.HostTurns(new TurnGround(ground.Ledger, ground.Catalogs, ground.Clock), stop, settings.WarmMemory)
            .Configure<ClusterOptions>(cluster => Name(cluster, settings))
            .Configure<ClusterMembershipOptions>(membership =>
            {
                membership.ProbeTimeout = SiloLimits.ProbeEvery;
                membership.NumMissedProbesLimit = SiloLimits.ProbesMissedMax;
                membership.TableRefreshTimeout = SiloLimits.MembershipsReadEvery;
                membership.IAmAliveTablePublishTimeout = SiloLimits.SignOfLifeEvery;
                membership.DefunctSiloExpiration = SiloLimits.DeadSilosKept;
            })
            .ConfigureEndpoints(
                settings.Address, PortOf(settings.SiloPort, settings.Address),
                PortOf(settings.GatewayPort, settings.Address))
            .UseAdoNetClustering(table => (table.Invariant, table.ConnectionString) = (Invariant, database));
        KeepIn(silo, database);
        silo.Services.AddSingleton(ground.Funds).AddHostedService<Funds.FundKeeping>();
        if (ClusterTls.Of(settings) is { } tls)
            silo.UseTls(tls);
    }

    /// <summary>Reminders, and the states of grains that have one, in the database.</summary>
    public static void KeepIn(ISiloBuilder silo, string database) => silo
        .UseAdoNetReminderService(reminders =>
            (reminders.Invariant, reminders.ConnectionString) = (Invariant, database))
        .AddAdoNetGrainStorage(
            Funds.RegionFundGrain.StorageName,
            storage => (storage.Invariant, storage.ConnectionString) = (Invariant, database));

    static void Name(ClusterOptions cluster, ClusterSettings settings) =>
        (cluster.ClusterId, cluster.ServiceId) = (settings.Id, ClusterSettings.DefaultId);

    /// <summary>Silos tell each other their ports, so one must be known before it listens.</summary>
    static int PortOf(int asked, IPAddress address)
    {
        if (asked != 0)
            return asked;
        using var probe = new TcpListener(address, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    /// <summary>
    /// Leaves the cluster in order: the others hear of it at once, turns under way end. Whatever still runs when the
    /// time is over gives up its queued append, so that nothing is left in doubt.
    /// </summary>
    static async Task HandOver(IHost host, SiloStop stop)
    {
        using var bounded = new CancellationTokenSource(ServerLimits.DrainMax);
        await using var giving = bounded.Token.UnsafeRegister(static stop => ((SiloStop)stop!).GiveUp(), stop);
        await host.StopAsync(bounded.Token);
    }

    /// <summary>A gateway may be started before the first silo; it waits a while.</summary>
    sealed class GatewayPatience : IClientConnectionRetryFilter
    {
        int _tries;

        public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
        {
            if (++_tries > SiloLimits.GatewayTriesMax)
                return false;
            await Task.Delay(SiloLimits.GatewayTryEvery, cancellationToken);
            return true;
        }
    }

    // The program keeps the order of the stop itself.
    sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
