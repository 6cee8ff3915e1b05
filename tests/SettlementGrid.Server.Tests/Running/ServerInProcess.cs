using System.Net;
using SettlementGrid.Postgres;
using SettlementGrid.Server.Composition;

namespace SettlementGrid.Server.Tests.Running;

/// <summary>
/// The whole program in this process, on free ports, over a given or an embedded database: what a test must reach into.
/// </summary>
public sealed class ServerInProcess : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task _run = Task.CompletedTask;

    public HttpClient Http { get; } = new();

    public IReadOnlyList<Uri> Addresses { get; private set; } = [];

    public static async Task<ServerInProcess> StartAsync(
        DatabasePlace place, Func<RunSettings, RunSettings>? change = null)
    {
        var server = new ServerInProcess();
        var ready = new TaskCompletionSource();
        var settings = new RunSettings(place) { Port = 0, GrpcPort = 0, Sample = false };
        server._run = ServerRun.RunAsync(
            change?.Invoke(settings) ?? settings,
            TimeProvider.System,
            front =>
            {
                server.Addresses = front.Addresses;
                ready.SetResult();
            },
            server._stop.Token);
        if (await Task.WhenAny(server._run, ready.Task) == server._run)
        {
            await server._run;
        }

        server.Http.BaseAddress = server.Addresses[0];
        return server;
    }

    public async Task<HttpStatusCode> HealthAsync()
    {
        using var answer = await Http.GetAsync(new Uri("/healthz", UriKind.Relative));
        return answer.StatusCode;
    }

    /// <summary>Asks until the answer is this one, at most 30 s.</summary>
    public Task HealthBecomesAsync(HttpStatusCode expected) => Becoming.SoAsync(
        async () => await HealthAsync() == expected, $"/healthz did not become {expected}");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run;
        _stop.Dispose();
        Http.Dispose();
    }
}

/// <summary>One PostgreSQL for the tests that need a database but not its life.</summary>
public sealed class SharedPostgres : IAsyncLifetime
{
    public TemporaryPostgres Postgres { get; private set; } = null!;

    public async Task InitializeAsync() => Postgres = await TemporaryPostgres.StartAsync(_ => { }, default);

    public async Task DisposeAsync() => await Postgres.DisposeAsync();
}

[CollectionDefinition(Name)]
public sealed class SharedPostgresTests : ICollectionFixture<SharedPostgres>
{
    public const string Name = "one PostgreSQL";
}
