using Orleans.Configuration;
using SettlementGrid.Silo.Turns;

namespace SettlementGrid.Silo.Cluster;

/// <summary>What every silo and every client of it is told, wherever it finds its cluster.</summary>
public static class TurnHosting
{
    /// <summary>Grains of enrollees, their filter and their bounds.</summary>
    /// <param name="warmMemory">MiB for accounts in memory; null: by the memory that the process may use.</param>
    public static ISiloBuilder HostTurns(
        this ISiloBuilder silo, TurnGround ground, SiloStop stop, int? warmMemory = null)
    {
        silo.Services.AddSingleton(ground).AddSingleton(stop);
        return silo
            .AddIncomingGrainCallFilter<TurnFilter>()
            .Configure<SiloMessagingOptions>(messaging =>
            {
                messaging.MaxEnqueuedRequestsHardLimit = SiloLimits.PersonQueueMax;
                messaging.ResponseTimeout = SiloLimits.ResponseMax;
                messaging.CancelRequestOnTimeout = true;
                messaging.ClientGatewayShutdownNotificationTimeout = SiloLimits.GatewayFarewell;
            })
            .Configure<GrainCollectionOptions>(collection =>
            {
                collection.CollectionAge = SiloLimits.IdleAge;
                collection.CollectionQuantum = SiloLimits.IdleLook;
                collection.EnableActivationSheddingOnMemoryPressure = true;
                collection.MemoryUsagePollingPeriod = SiloLimits.MemoryLookEvery;
                collection.MemoryUsageLimitPercentage = MemoryShareMax(warmMemory);
                collection.MemoryUsageTargetPercentage =
                    MemoryShareMax(warmMemory) * SiloLimits.MemoryShareAfter / SiloLimits.MemoryShareMax;
            });
    }

    /// <summary>
    /// The runtime counts the process's managed memory against what the machine, its control group or the collector's
    /// own limit leaves it.
    /// </summary>
    static double MemoryShareMax(int? warmMemory)
    {
        if (warmMemory is not { } mebibytes)
            return SiloLimits.MemoryShareMax;
        var bytes = ((long)mebibytes << 20) + SiloLimits.MemoryBesideAccounts;
        return Math.Min(
            SiloLimits.MemoryShareMax, 100.0 * bytes / GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
    }

    public static IClientBuilder AskTurns(this IClientBuilder client) =>
        client.Configure<ClientMessagingOptions>(messaging =>
        {
            messaging.ResponseTimeout = SiloLimits.ResponseMax;
            messaging.CancelRequestOnTimeout = true;
        });
}
