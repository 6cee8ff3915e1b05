using System.Net;
using System.Net.Sockets;
using Npgsql;
using SettlementGrid.Api;
using SettlementGrid.Server.Callers;
using SettlementGrid.Server.Tests.Callers;
using SettlementGrid.Server.Tests.Postgres;
using SettlementGrid.Server.Tests.Running;
using SettlementGrid.Testing;

namespace SettlementGrid.Server.Tests.Figures;

/// <summary>What a running server answers to /metrics: from its first moment, and while the database is away.</summary>
[Collection(SharedPostgresTests.Name)]
public sealed class MetricsAnswerTests(SharedPostgres shared)
{
    [Fact]
    public async Task Fresh_server_tells_of_no_faults_of_each_method_and_of_no_record_dropped()
    {
        await using var server = await KeyedServer.StartAsync(shared, requireKeys: false);

        var (status, text) = await MetricsAsync(server);

        Assert.Equal(HttpStatusCode.OK, status);
        string[] methods =
            ["SettlementService/Settle", "PlanService/Simulate", "AuditService/ListAudit", "Health/Check"];
        Assert.All(methods, method => Assert.Contains(
            $"\napi_calls_total{{method=\"{method}\",outcome=\"INTERNAL\"}} 0\n", text, StringComparison.Ordinal));
        Assert.Contains("\naudit_dropped_total 0\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_the_database_is_away_figures_are_told_to_whoever_was_known_and_nobody_gets_a_fault()
    {
        await using var server = await KeyedServer.StartAsync(shared, requireKeys: true);
        var auditor = "Bearer " + await server.KeyAsync(Roles.Auditor);
        var hospital = "Bearer " + await server.KeyAsync(Roles.Hospital, facility: Town.OwnHospital);

        await PartAsync(server.Database, away: true);
        var (unknown, why) = await MetricsAsync(server, auditor);
        await PartAsync(server.Database, away: false);
        // The pool finds out one by one which of its connections are dead.
        await Becoming.SoAsync(
            async () => (await MetricsAsync(server, auditor)).Status == HttpStatusCode.OK, "Figures were not told");
        await PartAsync(server.Database, away: true);
        // Keys are believed for some seconds, and nothing outside tells when they no longer are.
        await Becoming.SoAsync(
            async () => (await server.AskAsync("PlanService/ListPlans", "{}", auditor)).Body
                .Contains("Keys cannot be looked up", StringComparison.Ordinal),
            "Keys did not cease to be believed");
        var (known, figures) = await MetricsAsync(server, auditor);
        var (other, _) = await MetricsAsync(server, hospital);
        var (wrong, _) = await MetricsAsync(server, "Bearer sg_0123456789abcdef_00");
        await PartAsync(server.Database, away: false);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, unknown);
        Assert.StartsWith("The database does not answer", why, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, known);
        Assert.Contains(
            "api_calls_total{method=\"PlanService/ListPlans\",outcome=\"UNAVAILABLE\"} ", figures,
            StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (other, wrong));
    }

    [Fact]
    public async Task Database_that_swallows_every_word_holds_the_figures_up_no_longer_than_their_bound()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var source = NpgsqlDataSource.Create(
            $"Host=127.0.0.1;Port={((IPEndPoint)silent.LocalEndpoint).Port};Username=a;Database=a;Timeout=600");
        var clock = new ManualClock();
        using var identity = new CallerIdentity(true, new Credentials(source, clock), clock);
        var request = new DefaultHttpContext();
        request.Request.Headers.Authorization = "Bearer sg_0123456789abcdef_00";

        var asked = identity.IdentifyForMetricsAsync(request).AsTask();
        clock.Advance(ServerLimits.MetricsKeyLookMax);

        await Assert.ThrowsAsync<TimeoutException>(() => asked);
    }

    private static async Task<(HttpStatusCode Status, string Text)> MetricsAsync(
        KeyedServer server, string? authorization = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("authorization", authorization);
        }

        using var answer = await server.Http.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Nobody can connect to the database any more, and who is connected is cut off; or all is well.</summary>
    private async Task PartAsync(string database, bool away)
    {
        var another = await shared.Postgres.NewDatabaseAsync(default);
        var name = new NpgsqlConnectionStringBuilder(database).Database;
        await DatabaseFolder.DoAsync(another, $"ALTER DATABASE {name} ALLOW_CONNECTIONS {!away}");
        if (away)
        {
            await DatabaseFolder.DoAsync(
                another, $"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{name}'");
        }
    }
}
