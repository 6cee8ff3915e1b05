using System.Net;
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
    private readonly HandClock _clock = new();
    private string _database = "";
    private NpgsqlDataSource _source = null!;
    private ApiKeys _keys = null!;

    public async Task InitializeAsync()
    {
        _database = await shared.Postgres.NewDatabaseAsync(default);
        await using (await PostgresLedger.Open(_database, TimeProvider.System, NullLogger.Instance, default))
        {
        }

        _source = NpgsqlDataSource.Create(_database);
        _keys = new ApiKeys(_source);
    }

    public async Task DisposeAsync() => await _source.DisposeAsync();

    [Fact]
    public async Task Loopback_without_a_key_is_local_with_all_roles()
    {
        using var identity = Identity(keysRequired: false);
        Assert.Equal(Caller.Local, await identity.IdentifyAsync(Request()));
        Assert.Equal(Roles.All, Caller.Local.Roles);
    }

    [Fact]
    public async Task Nobody_is_local_where_keys_are_required()
    {
        using var identity = Identity(keysRequired: true);
        Assert.Null(await identity.IdentifyAsync(Request()));
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
        Assert.Null(await identity.IdentifyAsync(Request(remote: remote, host: host, origin: origin)));
    }

    [Fact]
    public async Task Own_console_in_a_browser_is_local()
    {
        using var identity = Identity(keysRequired: false);
        Assert.Equal(Caller.Local, await identity.IdentifyAsync(
            Request(remote: "::1", host: "localhost", origin: "http://localhost:5080")));
    }

    [Fact]
    public async Task Key_makes_its_holder_with_role_and_scope()
    {
        var (keyId, text) = await AddAsync(Roles.Hospital, facility: "H15050200001", region: "1505");
        using var identity = Identity(keysRequired: true);
        var caller = await identity.IdentifyAsync(Request("Bearer " + text));
        Assert.Equal(new Caller(keyId, Roles.Hospital, "H15050200001", "1505"), caller);
    }

    [Fact]
    public async Task Wrong_key_is_nobody_also_on_loopback()
    {
        var (_, text) = await AddAsync(Roles.Hospital, facility: "H15050200001");
        using var identity = Identity(keysRequired: false);
        var altered = text[..^1] + (text[^1] == '0' ? '1' : '0');
        string[] wrongs = ["Bearer " + altered, "Bearer ", "Bearer sg_", "Basic " + text, text, "Bearer sg_0_"];
        foreach (var wrong in wrongs)
        {
            Assert.Null(await identity.IdentifyAsync(Request(wrong)));
        }
    }

    [Fact]
    public async Task Key_ends_at_its_expiry()
    {
        var (_, text) = await AddAsync(Roles.Auditor, days: 1);
        using var identity = Identity(keysRequired: true);
        Assert.NotNull(await identity.IdentifyAsync(Request("Bearer " + text)));
        _clock.Now += TimeSpan.FromDays(1);
        Assert.Null(await identity.IdentifyAsync(Request("Bearer " + text)));
    }

    [Fact]
    public async Task Revoked_key_is_refused_once_it_is_no_longer_believed_from_memory()
    {
        var (keyId, text) = await AddAsync(Roles.Auditor);
        using var identity = Identity(keysRequired: true);
        Assert.NotNull(await identity.IdentifyAsync(Request("Bearer " + text)));
        Assert.True(await _keys.RevokeAsync(keyId, _clock.Now, default));
        Assert.False(await _keys.RevokeAsync(keyId, _clock.Now, default));
        _clock.Now += ServerLimits.KeyBelievedFor;
        Assert.Null(await identity.IdentifyAsync(Request("Bearer " + text)));
        Assert.NotNull(Assert.Single(await _keys.ListAsync(default)).RevokedAt);
    }

    [Fact]
    public async Task Secret_is_nowhere_in_the_database()
    {
        var (_, text) = await AddAsync(Roles.Auditor);
        var row = await DatabaseFolder.AskAsync<string>(
            _database, "SELECT to_jsonb(k)::text FROM ledger.api_keys k");
        Assert.DoesNotContain(text[^64..], row, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Roles.None, "", "", false)]
    [InlineData(Roles.Hospital, "", "150500", false)]
    [InlineData(Roles.Hospital, "H15050200001", "", true)]
    [InlineData(Roles.County, "", "", false)]
    [InlineData(Roles.County, "", "150502", true)]
    [InlineData(Roles.Insurer | Roles.Auditor, "", "", false)]
    [InlineData(Roles.Auditor, "", "", true)]
    public void Key_that_would_speak_for_all_is_not_made(Roles roles, string facility, string region, bool fine) =>
        Assert.Equal(fine, KeyRoles.Fault(roles, facility, region) is null);

    private CallerIdentity Identity(bool keysRequired) => new(keysRequired, _keys, _clock);

    private async Task<(string KeyId, string Text)> AddAsync(
        Roles roles, string facility = "", string region = "", int days = 365)
    {
        var (keyId, text, hash) = ApiKey.New();
        await _keys.AddAsync(
            new ApiKey(keyId, hash, "test", roles, facility, region, _clock.Now, _clock.Now.AddDays(days), null),
            default);
        return (keyId, text);
    }

    private static DefaultHttpContext Request(
        string authorization = "", string remote = "127.0.0.1", string host = "127.0.0.1", string origin = "")
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse(remote);
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
