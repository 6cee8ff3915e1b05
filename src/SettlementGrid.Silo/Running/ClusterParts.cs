using SettlementGrid.Server.Composition;
using SettlementGrid.Silo.Cluster;
using SettlementGrid.Silo.Front;
using SettlementGrid.Silo.Turns;

namespace SettlementGrid.Silo.Running;

/// <summary>What a program of the cluster has in the place of Server's own parts.</summary>
static class ClusterParts
{
    public static ProgramParts Of(ClusterSettings settings) => new(
        builder =>
        {
            // Its news are many and an operator's concern only where something is wrong.
            builder.Logging.AddFilter("Orleans", LogLevel.Warning)
                // It advises another garbage collector at each start.
                .AddFilter("Orleans.Runtime.Silo", LogLevel.Error);
            builder.AddGrpcOfTable();
        },
        (ground, logs, cancellation) => ClusterHost.StartAsync(settings, ground, logs, cancellation),
        (app, methods, doorway, clock) =>
        {
            app.Use(next => http =>
            {
                // From here on turns are asked for on this caller's behalf, on whatever machine they run.
                if (Server.Callers.IdentifiedCalls.Of(http).Response is { } caller)
                    CallStamp.ActFor(caller.Id);
                return next(http);
            });
            app.UseGrpcOfTable(methods, doorway, clock);
        });
}
