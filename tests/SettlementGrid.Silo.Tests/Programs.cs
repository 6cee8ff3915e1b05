using System.Net.Http.Json;
using System.Text.Json;
using SettlementGrid.Postgres;
using SettlementGrid.Server.Composition;
using SettlementGrid.Server.Tests.Running;
using SettlementGrid.Silo.Cluster;
using SettlementGrid.Silo.Running;

namespace SettlementGrid.Silo.Tests;

/// <summary>
/// Two silos and a gateway as they are run, but in this process: one PostgreSQL, memberships in it, TLS between them.
/// </summary>
public sealed class Programs : IAsyncLifetime
{
    TemporaryPostgres? _postgres;
    string _folder = "";

    /// <summary>What one more silo is told.</summary>
    public ClusterSettings Silo { get; private set; } = null!;

    public ClusterProgram First { get; private set; } = null!;

    public ClusterProgram Second { get; private set; } = null!;

    public ClusterProgram Gateway { get; private set; } = null!;

    public string Database => _postgres!.ConnectionString;

    public async Task InitializeAsync()
    {
        _postgres = await TemporaryPostgres.StartAsync(_ => { }, CancellationToken.None);
        _folder = Directory.CreateTempSubdirectory("settlementgrid-cluster-").FullName;
        var (certificate, key) = SelfSigned.WriteTo(_folder);
        Silo = new ClusterSettings("test") { SiloPort = 0, GatewayPort = 0, Certificate = certificate, Key = key };
        First = await Start("first", Silo);
        Second = await Start("second", Silo);
        Gateway = await Start("gateway", Silo with { IsGateway = true });
    }

    public async Task DisposeAsync()
    {
        foreach (var program in new[] { Gateway, Second, First })
            await program.DisposeAsync();
        await _postgres!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    public Task<ClusterProgram> Start(string name, ClusterSettings cluster) =>
        ClusterProgram.StartAsync(new DatabasePlace(Path.Combine(_folder, name), Database), cluster);
}

/// <summary>One program of a cluster, with a client of its JSON and of its gRPC.</summary>
public sealed class ClusterProgram : IAsyncDisposable
{
    readonly CancellationTokenSource _stop = new();
    Task _run = Task.CompletedTask;
    bool _isStopped;

    public HttpClient Http { get; } = new();

    public Uri Grpc { get; private set; } = null!;

    public static async Task<ClusterProgram> StartAsync(DatabasePlace place, ClusterSettings cluster)
    {
        var program = new ClusterProgram();
        var ready = new TaskCompletionSource();
        program._run = ServerRun.RunAsync(
            new RunSettings(place) { Port = 0, GrpcPort = 0, Sample = false },
            TimeProvider.System,
            front =>
            {
                (program.Http.BaseAddress, program.Grpc) = (front.Addresses[0], front.Addresses[^1]);
                ready.SetResult();
            },
            program._stop.Token,
            ClusterParts.Of(cluster));
        if (await Task.WhenAny(program._run, ready.Task) == program._run)
            await program._run;
        return program;
    }

    public async Task<JsonElement> Post(string method, object request)
    {
        using var answer =
            await Http.PostAsJsonAsync(new Uri("/settlementgrid.v1." + method, UriKind.Relative), request);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, body);
        return JsonDocument.Parse(body).RootElement;
    }

    public Task<JsonElement> Enroll(string id) => Post("EnrolleeService/PutEnrollees", new
    {
        enrollees = new[]
        {
            new
            {
                enrollee_id = id, region_id = "150502", insurance = "RESIDENT",
                coverages = new[]
                {
                    new Dictionary<string, string>
                    {
                        ["plan_id"] = "tongliao-resident-critical-2025", ["from"] = "2025-01-01", ["to"] = "2025-12-31",
                    },
                },
            },
        },
    });

    public Task<JsonElement> Settle(string enrollee, string request) => Post("SettlementService/Settle", new
    {
        request_id = request, facility_id = "H15050200001", encounter_id = "E-" + request, enrollee_id = enrollee,
        care_type = "INPATIENT", admitted_on = "2025-03-01", discharged_on = "2025-03-10", total_fen = 5_000_000,
        eligible_fen = 4_000_000, basic_paid_fen = 2_000_000,
    });

    /// <summary>As a rolling restart stops it: no new calls, those under way, then the hand-over.</summary>
    public async Task StopAsync()
    {
        if (_isStopped)
            return;
        _isStopped = true;
        await _stop.CancelAsync();
        await _run;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Http.Dispose();
        _stop.Dispose();
    }
}
