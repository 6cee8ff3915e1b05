using System.Net;
using System.Net.Sockets;
using System.Text;
using SettlementGrid.Server.CommandLine;
using SettlementGrid.Server.Composition;
using SettlementGrid.Server.Tests.Postgres;

namespace SettlementGrid.Server.Tests.Running;

public sealed class ServerRunTests : IDisposable
{
    private readonly DatabaseFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Server_is_ready_on_its_embedded_database_and_stops_it_at_the_end()
    {
        await using (var server = await ServerInProcess.StartAsync(new(_folder.Path, Postgres: null)))
        {
            Assert.Equal(HttpStatusCode.OK, await server.HealthAsync());
            Assert.Equal(2, server.Addresses.Count);
            Assert.NotEmpty(_folder.Processes.Living());
        }

        Assert.Empty(_folder.Processes.Living());
        var log = await File.ReadAllTextAsync(Path.Combine(_folder.Path, "log", "server.jsonl"));
        Assert.Contains("\"message\":\"ready on http://127.0.0.1:", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Database_that_was_killed_is_started_again_and_health_follows()
    {
        await using var server = await ServerInProcess.StartAsync(new(_folder.Path, Postgres: null));
        _folder.Processes.KillAll();

        await server.HealthBecomesAsync(HttpStatusCode.ServiceUnavailable);
        await server.HealthBecomesAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Port_in_use_is_said_before_a_database_is_started()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        var refused = await Assert.ThrowsAsync<CannotStartException>(() => ServerInProcess.StartAsync(
            new(_folder.Path, Postgres: null), settings => settings with { Port = port }));
        Assert.Contains($"port {port}", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--port", refused.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.Cluster));
    }

    [Fact]
    public async Task Certificate_that_cannot_be_read_is_said()
    {
        var missing = Path.Combine(_folder.Path, "missing.pem");
        var refused = await Assert.ThrowsAsync<CannotStartException>(() => ServerInProcess.StartAsync(
            new(_folder.Path, Postgres: null),
            settings => settings with { TlsCertificate = missing, TlsKey = missing }));
        Assert.Contains("missing.pem", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Certificate_makes_one_port_serve_http_1_and_http_2()
    {
        var (certificate, key) = SelfSigned.WriteTo(_folder.Path);
        await using var server = await ServerInProcess.StartAsync(
            new(_folder.Path, Postgres: null),
            settings => settings with { TlsCertificate = certificate, TlsKey = key });

        var address = Assert.Single(server.Addresses);
        Assert.Equal("https", address.Scheme);
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = SelfSigned.TrustOf(certificate);
        using var client = new HttpClient(handler) { BaseAddress = address };
        foreach (var version in new[] { HttpVersion.Version11, HttpVersion.Version20 })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/healthz")
            {
                Version = version,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            };
            using var answer = await client.SendAsync(request);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal(version, answer.Version);
        }
    }

    [Fact]
    public async Task Gate_tells_callers_to_come_back_until_it_is_open()
    {
        var readiness = new Readiness();
        var gate = new Gate(readiness);
        var json = Request("application/json");
        await gate.PassAsync(json);
        Assert.Equal(503, json.Response.StatusCode);
        Assert.Contains("UNAVAILABLE", Body(json), StringComparison.Ordinal);

        var grpc = Request("application/grpc+proto");
        await gate.PassAsync(grpc);
        Assert.Equal(200, grpc.Response.StatusCode);
        Assert.Equal("14", grpc.Response.Headers["grpc-status"]);

        gate.Open(context =>
        {
            context.Response.StatusCode = 204;
            return Task.CompletedTask;
        });
        var open = Request("application/json");
        await gate.PassAsync(open);
        Assert.Equal(204, open.Response.StatusCode);
    }

    [Fact]
    public void Stopping_server_never_becomes_ready_again()
    {
        var readiness = new Readiness();
        Assert.False(readiness.IsReady);
        readiness.Ready();
        Assert.True(readiness.IsReady);
        readiness.CannotCommit();
        Assert.False(readiness.IsReady);
        readiness.Stopping();
        readiness.Ready();
        Assert.False(readiness.IsReady);
        Assert.Equal("stopping", readiness.State);
    }

    private static DefaultHttpContext Request(string contentType)
    {
        var context = new DefaultHttpContext();
        context.Request.ContentType = contentType;
        context.Response.Body = new MemoryStream();
        return context;
    }

    private static string Body(HttpContext context) =>
        Encoding.UTF8.GetString(((MemoryStream)context.Response.Body).ToArray());
}
