using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Npgsql;
using SettlementGrid.Api;
using SettlementGrid.Server.Callers;
using SettlementGrid.Server.Composition;
using SettlementGrid.Server.Tests.Postgres;
using SettlementGrid.Server.Tests.Running;

namespace SettlementGrid.Server.Tests.Callers;

/// <summary>The whole program on one TLS port over a database of its own, and keys to it.</summary>
internal sealed class KeyedServer : IAsyncDisposable
{
    private static readonly Caller Tester = new("terminal:test", Roles.None);

    private readonly DatabaseFolder _folder = new();
    private readonly List<IDisposable> _clients = [];
    private ServerInProcess _server = null!;
    private NpgsqlDataSource _source = null!;
    private X509ChainPolicy _trust = null!;

    public string Database { get; private set; } = "";

    public string Folder => _folder.Path;

    public Credentials Credentials { get; private set; } = null!;

    public HttpClient Http { get; private set; } = null!;

    public static async Task<KeyedServer> StartAsync(SharedPostgres shared, bool requireKeys)
    {
        var keyed = new KeyedServer { Database = await shared.Postgres.NewDatabaseAsync(default) };
        var (certificate, key) = SelfSigned.WriteTo(keyed.Folder);
        keyed._trust = SelfSigned.TrustOf(certificate);
        keyed._server = await ServerInProcess.StartAsync(
            new DatabasePlace(keyed.Folder, keyed.Database),
            settings => settings with { TlsCertificate = certificate, TlsKey = key, RequireKeys = requireKeys });
        keyed._source = NpgsqlDataSource.Create(keyed.Database);
        keyed.Credentials = new Credentials(keyed._source, TimeProvider.System);
        keyed.Http = keyed.ClientWith(null);
        return keyed;
    }

    /// <summary>A client that shows this certificate, or none.</summary>
    public HttpClient ClientWith(X509Certificate2? certificate)
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = _trust;
        if (certificate is not null)
        {
            // Given directly, not by selection, which would leave out one that nobody trusts.
            handler.SslOptions.ClientCertificateContext = SslStreamCertificateContextOf(certificate);
        }

        var client = new HttpClient(handler) { BaseAddress = _server.Addresses[0] };
        _clients.Add(client);
        return client;
    }

    /// <summary>
    /// A key as its holder sends it. It can be used at once only while no other was: see the memory of keys.
    /// </summary>
    public async Task<string> KeyAsync(Roles roles, string facility = "", string region = "", int days = 365) =>
        (await AddKeyAsync(roles, facility, region, days)).Text;

    public async Task<(string Id, string Text)> AddKeyAsync(
        Roles roles, string facility = "", string region = "", int days = 365)
    {
        var (id, text, hash) = KeyText.New();
        var now = TimeProvider.System.GetUtcNow();
        Assert.True(await Credentials.AddAsync(
            new Credential(
                CredentialKind.Key, id, hash, "test", roles, facility, region, now.AddDays(-9), now.AddDays(days),
                null),
            Tester, default));
        return (id, text);
    }

    public async Task<string> RegisterAsync(
        X509Certificate2 certificate, Roles roles, string facility = "", string region = "", int days = 365)
    {
        var shown = ClientCertificate.Of(certificate);
        var now = TimeProvider.System.GetUtcNow();
        Assert.True(await Credentials.AddAsync(
            new Credential(
                CredentialKind.Certificate, shown.Id, shown.Fingerprint, "test", roles, facility, region,
                now.AddDays(-9), now.AddDays(days), null),
            Tester, default));
        return shown.Id;
    }

    public async Task RevokeAsync(string id) => Assert.True(await Credentials.RevokeAsync(id, Tester, default));

    /// <summary>Asks as JSON; gives the HTTP status and the body.</summary>
    public async Task<(HttpStatusCode Status, string Body)> AskAsync(
        string method, string json, string? authorization = null, HttpClient? client = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/settlementgrid.v1.{method}");
        request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        request.Headers.AcceptLanguage.Add(new StringWithQualityHeaderValue("en"));
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("authorization", authorization);
        }

        using var answer = await (client ?? Http).SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Sends an empty message by gRPC and gives the status; of a stream that was let in, OK.</summary>
    public async Task<GrpcStatus> ProbeAsync(Method method, string? authorization)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, method.Path)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(new byte[5]),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("authorization", authorization);
        }

        using var answer = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        if (!answer.Headers.TryGetValues("grpc-status", out var status))
        {
            if (method.Shape != MethodShape.Unary)
            {
                return GrpcStatus.Ok;
            }

            await answer.Content.ReadAsByteArrayAsync();
            status = answer.TrailingHeaders.GetValues("grpc-status");
        }

        return (GrpcStatus)int.Parse(status.Single());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            client.Dispose();
        }

        await _server.DisposeAsync();
        await _source.DisposeAsync();
        _folder.Dispose();
    }

    private static SslStreamCertificateContext SslStreamCertificateContextOf(X509Certificate2 certificate) =>
        SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true);
}
