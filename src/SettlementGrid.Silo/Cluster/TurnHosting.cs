using Orleans.Configuration;
using SettlementGrid.Silo.Turns;

namespace SettlementGrid.Silo.Cluster;

/// <summary>What every silo and every client of it is told, wherever it finds its cluster.</summary>
public static class TurnHosting
{
    /// <summary>Grains of enrollees, their filter and their bounds.</summary>
    public static ISiloBuilder HostTurns(this ISiloBuilder silo, TurnGround ground, SiloStop stop)
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
                collection.MemoryUsageLimitPercentage = SiloLimits.MemoryShareMax;
                collection.MemoryUsageTargetPercentage = SiloLimits.MemoryShareAfter;
            });
    }

    public static IClientBuilder AskTurns(this IClientBuilder client) =>
        client.Configure<ClientMessagingOptions>(messaging =>
        {
            messaging.ResponseTimeout = SiloLimits.ResponseMax;
            messaging.CancelRequestOnTimeout = true;
        });
}
