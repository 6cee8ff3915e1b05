using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SettlementGrid.Api.V1;
using SettlementGrid.Faults.Hostile.Wire;
using static SettlementGrid.Api.Tests.GrpcClient;

namespace SettlementGrid.Api.Tests.Flooding;

/// <summary>Under TLS the frames are seen in clear, and HTTP/1.1 on the same port passes.</summary>
public sealed class FloodOverTlsTests : IAsyncLifetime
{
    private readonly X509Certificate2 _certificate = SelfSigned();
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync(certificate: _certificate);

    public async Task DisposeAsync()
    {
        Assert.Empty(_host.Log.Errors);
        await _host.DisposeAsync();
        _certificate.Dispose();
    }

    [Fact]
    public async Task A_flood_within_TLS_is_ended_and_others_go_on()
    {
        using var healthy = Client(HttpVersion.Version20);
        await AskAsync(healthy);
        using var socket = new TcpClient();
        await socket.ConnectAsync(_host.Tls.Host, _host.Tls.Port);
        await using var tls = new SslStream(socket.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            ApplicationProtocols = [SslApplicationProtocol.Http2],
            RemoteCertificateValidationCallback = IsOurs,
        });
        await tls.WriteAsync((byte[])[.. Frames.Preface, .. Frames.SettingsOf()]);
        var ping = Frames.Frame(Frames.Ping, 0, 0, new byte[8]);
        var pings = Enumerable.Repeat(ping, 100).SelectMany(one => one).ToArray();

        // All of it may lie in the system's buffers before the server has looked at any: what is read shows the end.
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            for (var pieces = 0; pieces < 2_000; pieces++)
            {
                await tls.WriteAsync(pings);
            }

            await tls.CopyToAsync(Stream.Null);
            throw new EndOfStreamException();
        });

        Assert.Equal(1, _host.Guard.EndedCount);
        await AskAsync(healthy);
    }

    [Fact]
    public async Task Many_calls_by_HTTP_1_and_2_pass()
    {
        using var one = Client(HttpVersion.Version11);
        using var two = Client(HttpVersion.Version20);
        for (var call = 0; call < 300; call++)
        {
            await AskAsync(one);
            await AskAsync(two);
        }

        Assert.Equal(0, _host.Guard.EndedCount);
    }

    [Fact]
    public async Task Who_never_ends_the_handshake_counts_and_an_answer_within_TLS_ends_the_counting()
    {
        using var silent = new TcpClient();
        await silent.ConnectAsync(_host.Tls.Host, _host.Tls.Port);
        using var one = Client(HttpVersion.Version11);
        using var two = Client(HttpVersion.Version20);
        await AskAsync(one);
        await AskAsync(two);

        Assert.Equal(1, _host.Guard.NewcomersCount);
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddHours(-1), now.AddDays(1));
    }

    private static async Task AskAsync(HttpClient client)
    {
        using var content = new StringContent("{}", null, "application/json");
        using var answer = await client.PostAsync(new Uri(Settle, UriKind.Relative), content);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains(nameof(SettlementKind.Settlement).ToUpperInvariant(), await answer.Content.ReadAsStringAsync());
    }

    private bool IsOurs(object sender, X509Certificate? presented, X509Chain? chain, SslPolicyErrors errors) =>
        presented?.GetCertHashString() == _certificate.GetCertHashString();

    private HttpClient Client(Version version) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = IsOurs },
    })
    {
        BaseAddress = _host.Tls,
        DefaultRequestVersion = version,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };
}
