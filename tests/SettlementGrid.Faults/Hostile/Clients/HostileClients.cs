namespace SettlementGrid.Faults.Hostile.Clients;

/// <summary>Every hostile client there is, in the order of the table.</summary>
public static class HostileClients
{
    public static IReadOnlyList<HostileClient> All { get; } =
    [
        new SlowBodies(), new UnfinishedHeaders(), new HalfOpen(), new IdleConnections(), new UnreadStreams(),
        new RapidReset(), new ContinuationFlood(), new PingFlood(), new SettingsFlood(), new StreamFlood(),
        new EmptyFrames(), new Oversize(),
    ];
}
