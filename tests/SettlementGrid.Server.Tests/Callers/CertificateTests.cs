using System.Net;
using System.Security.Cryptography.X509Certificates;
using SettlementGrid.Api;
using SettlementGrid.Server.CommandLine;
using SettlementGrid.Server.Composition;
using SettlementGrid.Server.Tests.Postgres;
using SettlementGrid.Server.Tests.Running;

namespace SettlementGrid.Server.Tests.Callers;

/// <summary>
/// Client certificates over real TLS, on a server where this machine needs no key: whatever is wrong with a
/// certificate, its holder must not become <c>local</c>.
/// </summary>
[Collection(SharedPostgresTests.Name)]
public sealed class CertificateTests(SharedPostgres shared) : IAsyncLifetime
{
    private const string ListPlans = "PlanService/ListPlans";
    private const string PutFacilities = "FacilityService/PutFacilities";

    private KeyedServer _server = null!;

    public async Task InitializeAsync() => _server = await KeyedServer.StartAsync(shared, requireKeys: false);

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Registered_certificate_is_its_caller_by_http_1_and_2_and_no_other_is_anybody()
    {
        using var known = SelfSigned.Client("known");
        using var stranger = SelfSigned.Client("stranger");
        using var ended = SelfSigned.Client("ended", days: -1);
        using var expired = SelfSigned.Client("expired by us");
        using var revoked = SelfSigned.Client("revoked");
        await _server.RegisterAsync(known, Roles.County, region: Town.County);
        await _server.RegisterAsync(ended, Roles.County, region: Town.County);
        await _server.RegisterAsync(expired, Roles.County, region: Town.County, days: -1);
        await _server.RevokeAsync(await _server.RegisterAsync(revoked, Roles.County, region: Town.County));

        Assert.Equal(HttpStatusCode.OK, (await _server.AskAsync(ListPlans, "{}")).Status);
        foreach (var version in new[] { HttpVersion.Version11, HttpVersion.Version20 })
        {
            Assert.Equal(HttpStatusCode.OK, await AskAsync(known, version, ListPlans));
            Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(known, version, PutFacilities));
            foreach (var wrong in new[] { stranger, ended, expired, revoked })
            {
                Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(wrong, version, ListPlans));
            }
        }
    }

    [Fact]
    public async Task Refusals_of_a_wrong_certificate_and_of_a_wrong_key_are_the_same_bytes()
    {
        using var stranger = SelfSigned.Client("stranger");
        using var revoked = SelfSigned.Client("revoked");
        await _server.RevokeAsync(await _server.RegisterAsync(revoked, Roles.Operator));
        var (_, unknown) = await _server.AskAsync(ListPlans, "{}", client: _server.ClientWith(stranger));
        var (_, was) = await _server.AskAsync(ListPlans, "{}", client: _server.ClientWith(revoked));
        var (_, wrongKey) = await _server.AskAsync(ListPlans, "{}", "Bearer sg_0123456789abcdef_00");
        Assert.Equal(unknown, was);
        Assert.Equal(unknown, wrongKey);
        Assert.Contains("UNAUTHENTICATED", unknown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_are_for_auditors_and_operators()
    {
        using var hospital = SelfSigned.Client("hospital");
        using var auditor = SelfSigned.Client("auditor");
        await _server.RegisterAsync(hospital, Roles.Hospital, facility: Town.OwnHospital);
        await _server.RegisterAsync(auditor, Roles.Auditor);
        var metrics = new Uri("/metrics", UriKind.Relative);
        using var refused = await _server.ClientWith(hospital).GetAsync(metrics);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        using var given = await _server.ClientWith(auditor).GetAsync(metrics);
        Assert.Equal(HttpStatusCode.OK, given.StatusCode);
    }

    [Fact]
    public async Task Certificate_registered_at_the_command_line_is_listed_audited_and_revoked_there()
    {
        using var certificate = SelfSigned.Client("agency");
        var (file, _) = SelfSigned.Write(certificate, _server.Folder, "agency");
        string[] place = ["--postgres", _server.Database, "--data", _server.Folder];
        string[] create = ["key", "create", "--role", "auditor", "--certificate", file, .. place];
        Assert.Equal(ExitCode.Fine, await CommandTree.RunAsync(create));
        Assert.Equal(ExitCode.No, await CommandTree.RunAsync(create));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(certificate, HttpVersion.Version11, ListPlans));
        Assert.Equal(ExitCode.Fine, await CommandTree.RunAsync(["key", "list", .. place]));
        Assert.Equal(
            ExitCode.Fine,
            await CommandTree.RunAsync(["key", "revoke", certificate.GetCertHashString(HashAlgorithm), .. place]));
        Assert.Equal(ExitCode.No, await CommandTree.RunAsync(["key", "revoke", "0123456789abcdef", .. place]));
        Assert.Equal(ExitCode.Fine, await CommandTree.RunAsync(["audit", .. place]));
        var id = certificate.GetCertHashString(HashAlgorithm).ToLowerInvariant()[..16];
        Assert.Equal(
            $"key create {id} certificate roles=auditor facility_id= region_id=, key revoke {id} certificate",
            await DatabaseFolder.AskAsync<string>(
                _server.Database,
                "SELECT string_agg(method || ' ' || subject, ', ' ORDER BY method) FROM ledger.audit "
                + $"WHERE caller = '{Terminal.Person.Id}'"));
    }

    [Theory]
    [InlineData("no such file")]
    [InlineData("a key")]
    public async Task What_is_no_certificate_is_not_registered(string what)
    {
        using var certificate = SelfSigned.Client("agency");
        var (_, key) = SelfSigned.Write(certificate, _server.Folder, "agency");
        var file = what == "a key" ? key : Path.Combine(_server.Folder, "missing.pem");
        Assert.Equal(ExitCode.Usage, await CommandTree.RunAsync(
            ["key", "create", "--role", "auditor", "--certificate", file, "--postgres", _server.Database,
                "--data", _server.Folder]));
    }

    [Fact]
    public async Task Address_beyond_loopback_without_tls_takes_nobody_without_a_key()
    {
        using var folder = new DatabaseFolder();
        await using var open = await ServerInProcess.StartAsync(
            new DatabasePlace(folder.Path, _server.Database), settings => settings with { Listen = IPAddress.Any });
        using var client = new HttpClient
        {
            BaseAddress = new UriBuilder(open.Addresses[0]) { Host = "127.0.0.1" }.Uri,
        };
        Assert.Equal(HttpStatusCode.Unauthorized, (await _server.AskAsync(ListPlans, "{}", client: client)).Status);
        var key = await _server.KeyAsync(Roles.Operator);

        // The refusal above did not ask for keys, so the first that is shown is looked up.
        Assert.Equal(HttpStatusCode.OK, (await _server.AskAsync(ListPlans, "{}", $"Bearer {key}", client)).Status);
    }

    private static System.Security.Cryptography.HashAlgorithmName HashAlgorithm =>
        System.Security.Cryptography.HashAlgorithmName.SHA256;

    private async Task<HttpStatusCode> AskAsync(X509Certificate2 certificate, Version version, string method)
    {
        var client = _server.ClientWith(certificate);
        client.DefaultRequestVersion = version;
        client.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/settlementgrid.v1.{method}")
        {
            Version = version,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new StringContent("{}", System.Text.Encoding.UTF8, "application/json"),
        };
        using var answer = await client.SendAsync(request);
        return answer.StatusCode;
    }
}
