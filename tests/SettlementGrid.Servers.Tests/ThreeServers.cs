using SettlementGrid.Testbed;

// Servers, databases and load generators share the machine's cores: side by side they would only wait for each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace SettlementGrid.Servers.Tests;

/// <summary>
/// Three processes of the real program on one database, which the first of them keeps. The others were given its
/// connection and nothing else, in the same data folder: as a person would start them.
/// </summary>
public sealed class ThreeServers : IAsyncLifetime
{
    public const string Collection = "three servers";

    readonly List<GrpcConnection> _connections = [];

    public RunningServer A { get; private set; } = null!;

    public RunningServer B { get; private set; } = null!;

    public RunningServer C { get; private set; } = null!;

    public GrpcConnection ToA { get; private set; } = null!;

    public GrpcConnection ToB { get; private set; } = null!;

    public GrpcConnection ToC { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        A = await RunningServer.StartAsync();
        var beside = await Task.WhenAll(
            RunningServer.StartAsync(A.Place.Beside()), RunningServer.StartAsync(A.Place.Beside()));
        (B, C) = (beside[0], beside[1]);
        (ToA, ToB, ToC) = (Connect(A), Connect(B), Connect(C));
    }

    public async Task DisposeAsync()
    {
        _connections.ForEach(connection => connection.Dispose());
        foreach (var server in (RunningServer?[])[C, B, A])
        {
            if (server is not null)
                await server.DisposeAsync();
        }
    }

    GrpcConnection Connect(RunningServer server)
    {
        var connection = new GrpcConnection(server.Place.Grpc);
        _connections.Add(connection);
        return connection;
    }
}

[CollectionDefinition(ThreeServers.Collection, DisableParallelization = true)]
#pragma warning disable CA1515, CA1711 // xunit finds it only when it is public; the name is xunit's own word.
public sealed class ThreeServersCollection : ICollectionFixture<ThreeServers>;
#pragma warning restore CA1515, CA1711
