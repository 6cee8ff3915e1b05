using SettlementGrid.Testbed;

// Servers, databases and load generators share the machine's cores: side by side they would only wait for each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace SettlementGrid.Crash.Tests;

/// <summary>One running server for the tests that leave it running.</summary>
public sealed class OneServer : IAsyncLifetime
{
    public const string Collection = "one server";

    public RunningServer Server { get; private set; } = null!;

    public GrpcConnection Connection { get; private set; } = null!;

    /// <summary>JSON over HTTP/1.1.</summary>
    public HttpClient Http { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Server = await RunningServer.StartAsync();
        Connection = new GrpcConnection(Server.Place.Grpc);
        Http = new HttpClient { BaseAddress = Server.Place.Http, Timeout = TestbedLimits.CallMax };
    }

    public async Task DisposeAsync()
    {
        Connection?.Dispose();
        Http?.Dispose();
        if (Server is not null)
            await Server.DisposeAsync();
    }
}

[CollectionDefinition(OneServer.Collection, DisableParallelization = true)]
#pragma warning disable CA1515, CA1711 // xunit finds it only when it is public; the name is xunit's own word.
public sealed class OneServerCollection : ICollectionFixture<OneServer>;
#pragma warning restore CA1515, CA1711
