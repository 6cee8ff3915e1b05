using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using SettlementGrid.Api;
using SettlementGrid.Ledger;
using SettlementGrid.Server.Callers;
using SettlementGrid.Server.Tests.Postgres;
using SettlementGrid.Server.Tests.Running;

namespace SettlementGrid.Server.Tests.Callers;

[Collection(SharedPostgresTests.Name)]
public sealed class CallerIdentityTests(SharedPostgres shared) : IAsyncLifetime
{
    private static readonly Caller Tester = new("terminal:test", Roles.None);

    private readonly HandClock _clock = new();
    private string _database = "";
    private NpgsqlDataSource _source = null!;
    private Credentials _credentials = null!;

    public async Task InitializeAsync()
    {
        _database = await shared.Postgres.NewDatabaseAsync(default);
        await using (await PostgresLedger.Open(_database, TimeProvider.System, NullLogger.Instance, default))
        {
        }

        _source = NpgsqlDataSource.Create(_database);
        _credentials = new Credentials(_source, _clock);
    }

    public async Task DisposeAsync() => await _source.DisposeAsync();

    [Fact]
    public async Task Loopback_without_a_key_is_local_with_all_roles()
    {
        using var identity = Identity(keysRequired: false);
        Assert.Equal(Caller.Local, await CallerOf(identity, Request()));
        Assert.Equal(Roles.All, Caller.Local.Roles);
    }

    [Fact]
    public async Task Nobody_is_local_where_keys_are_required()
    {
        using var identity = Identity(keysRequired: true);
        Assert.Null(await CallerOf(identity, Request()));
    }

    [Theory]
    [InlineData("10.1.2.3", "127.0.0.1", "")]
    [InlineData("127.0.0.1", "evil.example", "")]
    [InlineData("127.0.0.1", "localhost", "https://evil.example")]
    [InlineData("127.0.0.1", "localhost", "null")]
    public async Task Foreign_machine_or_a_page_of_a_foreign_site_is_not_local(
        string remote, string host, string origin)
    {
        using var identity = Identity(keysRequired: false);
        Assert.Null(await CallerOf(identity, Request(remote: remote, host: host, origin: origin)));
    }

    [Theory]
    [InlineData("X-Forwarded-For", "10.1.2.3")]
    [InlineData("Forwarded", "for=10.1.2.3")]
    [InlineData("Via", "1.1 proxy")]
    public async Task Whoever_comes_through_a_proxy_on_this_machine_is_not_local(string header, string value)
    {
        using var identity = Identity(keysRequired: false);
        var request = Request();
        request.Request.Headers[header] = value;
        Assert.Null(await CallerOf(identity, request));
    }

    [Fact]
    public async Task Own_console_in_a_browser_is_local()
    {
        using var identity = Identity(keysRequired: false);
        Assert.Equal(Caller.Local, await CallerOf(
            identity, Request(remote: "::1", host: "localhost", origin: "http://localhost:5080")));
    }

    [Fact]
    public async Task Key_makes_its_holder_with_role_and_scope()
    {
        var (id, text) = await AddKeyAsync(Roles.Hospital, facility: "H15050200001", region: "150500");
        using var identity = Identity(keysRequired: true);
        var caller = await CallerOf(identity, Request("Bearer " + text));
        Assert.Equal(new Caller(id, Roles.Hospital, "H15050200001", "150500"), caller);
    }

    [Fact]
    public async Task Wrong_key_is_nobody_also_on_loopback()
    {
        var (_, text) = await AddKeyAsync(Roles.Hospital, facility: "H15050200001");
        using var identity = Identity(keysRequired: false);
        var altered = text[..^1] + (text[^1] == '0' ? '1' : '0');
        string[] wrongs = ["Bearer " + altered, "Bearer ", "Bearer sg_", "Basic " + text, text, "Bearer sg_0_"];
        foreach (var wrong in wrongs)
        {
            Assert.Null(await CallerOf(identity, Request(wrong)));
        }
    }

    [Fact]
    public async Task Whose_key_was_shown_wrongly_is_known_to_the_audit_but_has_no_role()
    {
        var (id, text) = await AddKeyAsync(Roles.County, region: "150502");
        using var identity = Identity(keysRequired: true);
        var altered = text[..^1] + (text[^1] == '0' ? '1' : '0');
        var found = await identity.IdentifyAsync(Request("Bearer " + altered));
        Assert.Equal(new Caller(id, Roles.None, "", "150502"), found.Claimed);
        Assert.Equal(Caller.Nobody, (await identity.IdentifyAsync(Request("Bearer junk"))).Claimed);
    }

    [Fact]
    public async Task Key_ends_at_its_expiry()
    {
        var (_, text) = await AddKeyAsync(Roles.Auditor, days: 1);
        using var identity = Identity(keysRequired: true);
        Assert.NotNull(await CallerOf(identity, Request("Bearer " + text)));
        _clock.Now += TimeSpan.FromDays(1);
        Assert.Null(await CallerOf(identity, Request("Bearer " + text)));
    }

    [Fact]
    public async Task Revoked_key_is_refused_once_it_is_no_longer_believed_from_memory()
    {
        var (id, text) = await AddKeyAsync(Roles.Auditor);
        using var identity = Identity(keysRequired: true);
        Assert.NotNull(await CallerOf(identity, Request("Bearer " + text)));
        Assert.True(await _credentials.RevokeAsync(id, Tester, default));
        Assert.False(await _credentials.RevokeAsync(id, Tester, default));
        _clock.Now += ServerLimits.KeyBelievedFor;
        Assert.Null(await CallerOf(identity, Request("Bearer " + text)));
        Assert.NotNull(Assert.Single(await _credentials.ListAsync(default)).RevokedAt);
    }

    [Fact]
    public async Task For_metrics_alone_what_was_known_last_is_believed_a_while_after_the_database_went_away()
    {
        var (id, text) = await AddKeyAsync(Roles.Auditor);
        using var identity = Identity(keysRequired: true);
        Assert.NotNull(await CallerOf(identity, Request("Bearer " + text)));

        // A database without the table refuses as one that is down does.
        await DatabaseFolder.DoAsync(_database, "ALTER TABLE ledger.credentials RENAME TO credentials_away");
        _clock.Now += ServerLimits.KeyBelievedFor;

        await Assert.ThrowsAsync<PostgresException>(() => CallerOf(identity, Request("Bearer " + text)));
        Assert.Equal(id, (await ForMetrics("Bearer " + text))?.Id);
        Assert.Null(await ForMetrics("Bearer sg_0123456789abcdef_00"));
        Assert.Null(await ForMetrics(""));
        _clock.Now += ServerLimits.MetricsKeyBelievedFor - ServerLimits.KeyBelievedFor;
        await Assert.ThrowsAsync<TimeoutException>(() => ForMetrics("Bearer " + text));
        Assert.Null(await ForMetrics(""));

        async Task<Caller?> ForMetrics(string authorization) =>
            (await identity.IdentifyForMetricsAsync(Request(authorization))).Caller;
    }

    [Fact]
    public async Task For_metrics_a_key_expires_while_the_database_is_away()
    {
        var (_, text) = await AddKeyAsync(Roles.Auditor, days: 1);
        using var identity = Identity(keysRequired: true);
        _clock.Now += TimeSpan.FromDays(1) - TimeSpan.FromMinutes(1);
        Assert.NotNull(await CallerOf(identity, Request("Bearer " + text)));
        await DatabaseFolder.DoAsync(_database, "ALTER TABLE ledger.credentials RENAME TO credentials_away");

        _clock.Now += TimeSpan.FromMinutes(1);

        Assert.Null((await identity.IdentifyForMetricsAsync(Request("Bearer " + text))).Caller);
    }

    [Fact]
    public async Task Registered_certificate_makes_its_holder_and_any_other_is_nobody_also_on_loopback()
    {
        using var known = SelfSigned.Client("known");
        using var other = SelfSigned.Client("other");
        var id = await RegisterAsync(known, Roles.County, region: "150502");
        using var identity = Identity(keysRequired: false);
        Assert.Equal(
            new Caller(id, Roles.County, "", "150502"), await CallerOf(identity, Request(certificate: known)));
        Assert.Null(await CallerOf(identity, Request(certificate: other)));
    }

    [Fact]
    public async Task Certificate_ends_at_its_own_date_at_ours_and_when_it_is_revoked()
    {
        using var own = SelfSigned.Client("own date", days: 2);
        using var ours = SelfSigned.Client("our date", days: 30);
        using var revoked = SelfSigned.Client("revoked", days: 30);
        await RegisterAsync(own, Roles.Auditor, days: 30);
        await RegisterAsync(ours, Roles.Auditor, days: 2);
        var id = await RegisterAsync(revoked, Roles.Auditor, days: 30);
        using var identity = Identity(keysRequired: true);
        foreach (var certificate in new[] { own, ours, revoked })
        {
            Assert.NotNull(await CallerOf(identity, Request(certificate: certificate)));
        }

        await _credentials.RevokeAsync(id, Tester, default);
        _clock.Now += TimeSpan.FromDays(2) + TimeSpan.FromMinutes(1);
        foreach (var certificate in new[] { own, ours, revoked })
        {
            Assert.Null(await CallerOf(identity, Request(certificate: certificate)));
        }

        _clock.Now -= TimeSpan.FromDays(20);
        Assert.Null(await CallerOf(identity, Request(certificate: own)));
    }

    [Fact]
    public async Task Key_and_certificate_together_must_both_hold_and_make_the_same_caller()
    {
        using var certificate = SelfSigned.Client("county");
        using var stranger = SelfSigned.Client("stranger");
        var id = await RegisterAsync(certificate, Roles.County, region: "150502");
        var (_, same) = await AddKeyAsync(Roles.County, region: "150502");
        var (_, other) = await AddKeyAsync(Roles.County, region: "150503");
        using var identity = Identity(keysRequired: true);
        Assert.Equal(id, (await CallerOf(identity, Request("Bearer " + same, certificate: certificate)))?.Id);
        Assert.Null(await CallerOf(identity, Request("Bearer " + other, certificate: certificate)));
        Assert.Null(await CallerOf(identity, Request("Bearer wrong", certificate: certificate)));
        Assert.Null(await CallerOf(identity, Request("Bearer " + same, certificate: stranger)));
    }

    [Fact]
    public async Task Certificate_is_registered_once_and_revoked_for_good()
    {
        using var certificate = SelfSigned.Client("once");
        var id = await RegisterAsync(certificate, Roles.Auditor);
        await _credentials.RevokeAsync(id, Tester, default);
        var again = Of(certificate, Roles.Operator, "", "", 365);
        Assert.False(await _credentials.AddAsync(again, Tester, default));
        Assert.Equal(Roles.Auditor, Assert.Single(await _credentials.ListAsync(default)).Roles);
    }

    [Fact]
    public async Task Secret_is_nowhere_in_the_database()
    {
        var (_, text) = await AddKeyAsync(Roles.Auditor);
        var row = await DatabaseFolder.AskAsync<string>(
            _database, "SELECT to_jsonb(k)::text FROM ledger.credentials k");
        Assert.DoesNotContain(text[^64..], row, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("UPDATE ledger.credentials SET roles = ARRAY['operator']")]
    [InlineData("UPDATE ledger.credentials SET expires_at = expires_at + interval '1 year'")]
    [InlineData("DELETE FROM ledger.credentials")]
    [InlineData("TRUNCATE ledger.credentials")]
    public async Task What_a_key_opens_is_never_changed(string sql)
    {
        await AddKeyAsync(Roles.Auditor);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => DatabaseFolder.DoAsync(_database, sql));
        Assert.Equal("SG004", refused.SqlState);
    }

    [Theory]
    [InlineData(Roles.None, "", "", false)]
    [InlineData(Roles.Hospital, "", "150500", false)]
    [InlineData(Roles.Hospital, "H15050200001", "", true)]
    [InlineData(Roles.Hospital, "H 1", "", false)]
    [InlineData(Roles.County, "", "", false)]
    [InlineData(Roles.County, "", "150502", true)]
    [InlineData(Roles.County, "", "1505", false)]
    [InlineData(Roles.Insurer | Roles.Auditor, "", "", false)]
    [InlineData(Roles.Auditor, "", "", true)]
    public void Key_that_would_speak_for_all_is_not_made(Roles roles, string facility, string region, bool fine) =>
        Assert.Equal(fine, KeyRoles.Fault(roles, facility, region) is null);

    private static async Task<Caller?> CallerOf(CallerIdentity identity, HttpContext request) =>
        (await identity.IdentifyAsync(request)).Caller;

    private CallerIdentity Identity(bool keysRequired) => new(keysRequired, _credentials, _clock);

    private async Task<(string Id, string Text)> AddKeyAsync(
        Roles roles, string facility = "", string region = "", int days = 365)
    {
        var (id, text, hash) = KeyText.New();
        Assert.True(await _credentials.AddAsync(
            new Credential(
                CredentialKind.Key, id, hash, "test", roles, facility, region, _clock.Now, _clock.Now.AddDays(days),
                null),
            Tester, default));
        return (id, text);
    }

    private async Task<string> RegisterAsync(
        X509Certificate2 certificate, Roles roles, string facility = "", string region = "", int days = 365)
    {
        var credential = Of(certificate, roles, facility, region, days);
        Assert.True(await _credentials.AddAsync(credential, Tester, default));
        return credential.Id;
    }

    private Credential Of(X509Certificate2 certificate, Roles roles, string facility, string region, int days)
    {
        var shown = ClientCertificate.Of(certificate);
        return new Credential(
            CredentialKind.Certificate, shown.Id, shown.Fingerprint, "test", roles, facility, region, _clock.Now,
            _clock.Now.AddDays(days), null);
    }

    private static DefaultHttpContext Request(
        string authorization = "", string remote = "127.0.0.1", string host = "127.0.0.1", string origin = "",
        X509Certificate2? certificate = null)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse(remote);
        context.Connection.ClientCertificate = certificate;
        context.Request.Host = new HostString(host, 5080);
        context.Request.Headers.Authorization = authorization;
        context.Request.Headers.Origin = origin;
        return context;
    }

    private sealed class HandClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = System.GetUtcNow();

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
