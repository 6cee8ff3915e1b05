using SettlementGrid.Postgres;
using SettlementGrid.Testbed;

namespace SettlementGrid.Clients.Tests;

/// <summary>
/// A running server, and the way to run a client that is not ours against it. Where a client's language or packages
/// are not installed (`grid test` installs them), its tests are skipped with the reason.
/// </summary>
public sealed class ForeignClients : IAsyncLifetime
{
    public const string Collection = "foreign clients";

    static readonly string s_clients = Path.Combine(Repository.Root, "tests", "clients");

    static readonly string s_python = Environment.GetEnvironmentVariable("SETTLEMENTGRID_PYTHON")
        ?? (File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3");

    RunningServer? _server;
    ChildResult? _packages;

    public async Task InitializeAsync() => _server = await RunningServer.StartAsync();

    public async Task DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }

    /// <summary>Runs one concern of tests/clients/python/client.py.</summary>
    public async Task RunPythonAsync(string concern)
    {
        // Asked once: a start of Python costs more than the call.
        _packages ??= await RunAsync(s_python, "-c", "import grpc, google.protobuf");
        Skip.IfNot(_packages.Succeeded, $"{s_python} has no grpcio and protobuf: {_packages.Output}");
        await RunClientAsync(
            concern, s_python, Path.Combine(s_clients, "python", "client.py"), _server!.Place.Http.OriginalString,
            _server.Place.Grpc.OriginalString, Descriptors, $"py-{concern}", concern);
    }

    /// <summary>Runs one concern of a script in tests/clients/node.</summary>
    public async Task RunNodeAsync(string script, string concern)
    {
        Skip.If(ChildProgram.Find("node") is null, "node is not installed");
        var folder = Path.Combine(s_clients, "node");
        Skip.IfNot(
            Directory.Exists(Path.Combine(folder, "node_modules", "@grpc", "grpc-js")),
            $"its packages are not installed: npm ci in {folder}");
        await RunClientAsync(
            concern, "node", Path.Combine(folder, script), _server!.Place.Http.OriginalString,
            _server.Place.Grpc.OriginalString, Path.Combine(Repository.Root, "src", "SettlementGrid.Api", "Proto"),
            Descriptors, $"{Path.GetFileNameWithoutExtension(script)}-{concern}", concern);
    }

    static string Descriptors => Path.Combine(AppContext.BaseDirectory, "settlementgrid.pb");

    async Task RunClientAsync(string concern, params string[] command)
    {
        var ran = await RunAsync(command);
        Assert.True(
            ran.Succeeded && ran.Output.EndsWith("ok", StringComparison.Ordinal),
            $"{concern} failed:\n{ran.Output}\n\nThe server said:\n{_server!.Output}");
    }

    static async Task<ChildResult> RunAsync(params string[] command)
    {
        var ran = await ChildProgram.RunAsync(
            command, AppContext.BaseDirectory, TestbedLimits.CommandMax, CancellationToken.None);
        return ran with { Output = ran.Output.Trim() };
    }
}

[CollectionDefinition(ForeignClients.Collection, DisableParallelization = true)]
#pragma warning disable CA1711 // The name is xunit's own word.
public sealed class ForeignClientsCollection : ICollectionFixture<ForeignClients>;
#pragma warning restore CA1711
