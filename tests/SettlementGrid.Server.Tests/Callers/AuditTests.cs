using System.Net;
using System.Text.Json;
using Npgsql;
using SettlementGrid.Api;
using SettlementGrid.Ledger.Starting;
using SettlementGrid.Server.Auditing;
using SettlementGrid.Server.Tests.Postgres;
using SettlementGrid.Server.Tests.Running;
using SettlementGrid.Testing;

namespace SettlementGrid.Server.Tests.Callers;

/// <summary>What the audit keeps, through the whole program; and that what it kept stays.</summary>
[Collection(SharedPostgresTests.Name)]
public sealed class AuditTests(SharedPostgres shared) : IAsyncLifetime
{
    private const string Person = "150502199001011234";
    private const string GetAccount = "EnrolleeService/GetAccount";

    private KeyedServer _server = null!;

    public async Task InitializeAsync() => _server = await KeyedServer.StartAsync(shared, requireKeys: true);

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Kept_are_readings_of_accounts_changes_and_refused_callers_and_nothing_of_daily_settling()
    {
        var (county, countyKey) = await _server.AddKeyAsync(Roles.County, region: Town.County);
        var (city, cityKey) = await _server.AddKeyAsync(Roles.City, region: Town.City);
        var (hospital, hospitalKey) = await _server.AddKeyAsync(Roles.Hospital, facility: Town.OwnHospital);
        var (_, auditor) = await _server.AddKeyAsync(Roles.Auditor);
        await AskAsync(countyKey, "EnrolleeService/PutEnrollees", EnrolleesJson(Person));
        for (var i = 0; i < 3; i++)
        {
            await AskAsync(countyKey, GetAccount, $$"""{"enrollee_id":"{{Person}}","year":2026}""");
        }

        await AskAsync(countyKey, GetAccount, """{"enrollee_id":"TL-UNKNOWN-1","year":2026}""");
        await AskAsync(cityKey, "FacilityService/PutFacilities", FacilityJson(Town.OwnHospital, Town.County));
        await AskAsync(cityKey, "PlanService/PublishPlan", JsonSerializer.Serialize(
            new Dictionary<string, string> { ["text"] = GivenPlans.SupplementText }));
        await AskAsync(hospitalKey, GetAccount, "{}");
        await AskAsync(hospitalKey, "SettlementService/Settle", BillJson(Town.OwnHospital));
        await AskAsync(hospitalKey, "SettlementService/Settle", BillJson(Town.OtherHospital));
        await AskAsync(hospitalKey[..^1] + "x", "PlanService/ListPlans", "{}");
        await AskAsync("junk", "PlanService/ListPlans", "{}");

        var records = await ListUntilAsync(auditor, found => found.Sum(one => one.Count) >= 11);
        string[] seen =
        [
            .. records.GroupBy(one => (one.Caller, one.Method, one.Outcome, one.Subject))
                .Select(one =>
                    $"{one.Key.Caller} {one.Key.Method} {one.Key.Outcome} {one.Sum(r => r.Count)} [{one.Key.Subject}]")
                .Order(StringComparer.Ordinal),
        ];
        string[] expected =
        [
            $"{county} EnrolleeService/PutEnrollees OK 1 [enrollees: 1]",
            $"{county} {GetAccount} OK 3 [enrollee_id=15**************34 year=2026]",
            $"{county} {GetAccount} ENROLLEE_UNKNOWN 1 [enrollee_id=TL********-1 year=2026]",
            $"{city} FacilityService/PutFacilities OK 1 [facilities: 1]",
            $"{city} PlanService/PublishPlan OK 1 [plan_id=test-supplement version=1]",
            $"{hospital} {GetAccount} NOT_PERMITTED 1 [from 127.0.0.1]",
            $"{hospital} SettlementService/Settle NOT_PERMITTED 1 "
                + $"[facility_id={Town.OtherHospital} enrollee_id=15**************34]",
            $"{hospital} PlanService/ListPlans UNAUTHENTICATED 1 [from 127.0.0.1]",
            "nobody PlanService/ListPlans UNAUTHENTICATED 1 [from 127.0.0.1]",
        ];
        Assert.Equal(expected.Order(StringComparer.Ordinal), seen);
        Assert.All(records.Where(one => one.Caller == county), one => Assert.Equal(Town.County, one.RegionId));
        Assert.All(records.Where(one => one.Caller == hospital), one => Assert.Equal(Town.OwnHospital, one.FacilityId));
    }

    [Fact]
    public async Task Auditor_pages_and_filters_and_no_page_fits_another_query()
    {
        var (county, countyKey) = await _server.AddKeyAsync(Roles.County, region: Town.County);
        var (_, auditor) = await _server.AddKeyAsync(Roles.Auditor);
        foreach (var method in new[]
            { "PlanService/PublishPlan", "FacilityService/PutFacilities", "AuditService/ListAudit" })
        {
            await AskAsync(countyKey, method, "{}");
        }

        await AskAsync(countyKey, GetAccount, """{"enrollee_id":"TL-UNKNOWN-1","year":2026}""");
        var all = await ListUntilAsync(auditor, found => found.Sum(one => one.Count) >= 4);
        Assert.Equal(all, await ListAsync(auditor, pageSize: 1));
        Assert.Equal(all, await ListAsync(auditor, pageSize: 3));
        Assert.Equal(all, await ListAsync(auditor, filter: $$""", "caller":"{{county}}" """));
        Assert.Equal(
            all.Where(one => one.Method == GetAccount),
            await ListAsync(auditor, filter: $$""", "method":"{{GetAccount}}" """));
        Assert.Equal(
            all.Where(one => one.Outcome == "NOT_PERMITTED"),
            await ListAsync(auditor, pageSize: 1, filter: """, "outcome":"NOT_PERMITTED" """));
        Assert.Empty(await ListAsync(auditor, filter: """, "caller":"nobody" """));

        var (_, first) = await AskAsync(auditor, "AuditService/ListAudit", QueryJson(pageSize: 1));
        var token = JsonDocument.Parse(first).RootElement.GetProperty("next_page_token").GetString();
        foreach (var (query, reason) in new[]
        {
            (QueryJson(token: token!, filter: """, "outcome":"OK" """), "PAGE_INVALID"),
            (QueryJson(token: "bm9uc2Vuc2U"), "PAGE_INVALID"),
            (QueryJson(token: "%"), "PAGE_INVALID"),
            (QueryJson(pageSize: 1001), "PAGE_INVALID"),
            (QueryJson(pageSize: -1), "PAGE_INVALID"),
            ("""{"from":"2026-01-01T00:00:00Z","to":"2026-03-01T00:00:00Z"}""", "MALFORMED_REQUEST"),
            ("""{"from":"2026-01-01T00:00:00Z"}""", "MALFORMED_REQUEST"),
            (QueryJson(filter: $$""", "caller":"{{new string('x', 129)}}" """), "MALFORMED_REQUEST"),
        })
        {
            var (_, body) = await AskAsync(auditor, "AuditService/ListAudit", query);
            Assert.Contains(reason, body, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Auditor_of_one_region_reads_no_audit_of_all()
    {
        var (_, auditor) = await _server.AddKeyAsync(Roles.Auditor, region: Town.City);
        var (status, body) = await AskAsync(auditor, "AuditService/ListAudit", QueryJson());
        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Contains("NOT_PERMITTED", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("INSERT INTO ledger.audit SELECT now(), 'x', 'x', 'x', '', '', '', 1, now(), now()")]
    [InlineData("UPDATE ledger.audit SET caller = 'somebody else'")]
    [InlineData("DELETE FROM ledger.audit")]
    [InlineData("UPDATE ledger.credentials SET revoked_at = NULL")]
    public async Task Servers_own_role_may_not_touch_what_is_kept(string sql)
    {
        await using var working = WorkingSource.Of(_server.Database);
        await using var command = working.CreateCommand(sql);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync());
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    [Theory]
    [InlineData("UPDATE ledger.audit SET caller = 'somebody else', count = count + 1")]
    [InlineData("UPDATE ledger.audit SET count = count - 1")]
    [InlineData("UPDATE ledger.audit SET count = count + 1, last_at = first_at - interval '1 day'")]
    [InlineData("DELETE FROM ledger.audit")]
    [InlineData("TRUNCATE ledger.audit")]
    public async Task Owner_cannot_change_it_by_a_slip_either(string sql)
    {
        await NoteAsync(TimeProvider.System.GetUtcNow());
        var refused = await Assert.ThrowsAsync<PostgresException>(() => DatabaseFolder.DoAsync(_server.Database, sql));
        Assert.Equal("SG004", refused.SqlState);
    }

    [Fact]
    public async Task Three_years_are_kept_and_what_is_older_is_forgotten()
    {
        var now = TimeProvider.System.GetUtcNow();
        await NoteAsync(now.AddDays(-365 * 3 - 2));
        await NoteAsync(now.AddDays(-365 * 3 + 2));
        await using var working = WorkingSource.Of(_server.Database);
        Assert.Equal(1, await new AuditTable(working).ForgetAsync(1_000, default));
        Assert.Equal(0, await new AuditTable(working).ForgetAsync(1_000, default));
        Assert.Equal(1, await DatabaseFolder.AskAsync<long>(
            _server.Database, "SELECT count(*) FROM ledger.audit WHERE method = 'old'"));
    }

    private async Task NoteAsync(DateTimeOffset at)
    {
        await using var working = WorkingSource.Of(_server.Database);
        await new AuditTable(working).NoteAsync(
            [AuditTable.Record(new AuditedCall(new Caller("test", Roles.None), "old", "OK", "", at))], default);
    }

    private Task<(HttpStatusCode Status, string Body)> AskAsync(string key, string method, string json) =>
        _server.AskAsync(method, json, $"Bearer {key}");

    private async Task<IReadOnlyList<Line>> ListUntilAsync(string auditor, Func<IReadOnlyList<Line>, bool> enough)
    {
        IReadOnlyList<Line> found = [];
        for (var tries = 0; tries < 100; tries++)
        {
            found = await ListAsync(auditor);
            if (enough(found))
            {
                return found;
            }

            // The audit is written every second behind everybody's back; nothing outside tells when.
            await Task.Delay(100);
        }

        Assert.Fail($"not in the audit within 10 s: {string.Join('\n', found)}");
        return found;
    }

    private async Task<IReadOnlyList<Line>> ListAsync(string auditor, int pageSize = 1000, string filter = "")
    {
        var lines = new List<Line>();
        var token = "";
        do
        {
            var (status, body) = await AskAsync(auditor, "AuditService/ListAudit", QueryJson(pageSize, token, filter));
            Assert.True(status == HttpStatusCode.OK, body);
            using var page = JsonDocument.Parse(body);
            var records = page.RootElement.GetProperty("records").EnumerateArray().ToList();
            Assert.True(records.Count <= pageSize);
            lines.AddRange(records.Select(Line.Of));
            token = page.RootElement.GetProperty("next_page_token").GetString()!;
        }
        while (token.Length > 0);

        // Keys are made beside the server, for the test alone.
        return [.. lines.Where(one => !one.Method.StartsWith("key ", StringComparison.Ordinal))];
    }

    private static string QueryJson(int pageSize = 1000, string token = "", string filter = "")
    {
        var now = TimeProvider.System.GetUtcNow();
        var day = new DateTimeOffset(now.Date, TimeSpan.Zero);
        return $$"""
            {"from":"{{day.AddDays(-1):yyyy-MM-dd}}T00:00:00Z","to":"{{day.AddDays(2):yyyy-MM-dd}}T00:00:00Z",
             "page_size":{{pageSize}},"page_token":"{{token}}"{{filter}}}
            """;
    }

    private static string EnrolleesJson(string person) => $$"""
        {"enrollees":[{"enrollee_id":"{{person}}","region_id":"{{Town.County}}","insurance":"RESIDENT",
         "coverages":[{"plan_id":"{{GivenPlans.Tongliao}}"}]}]}
        """;

    private static string FacilityJson(string facility, string region) => $$"""
        {"facilities":[{"facility_id":"{{facility}}","name":"x","region_id":"{{region}}","level":3}]}
        """;

    private static string BillJson(string facility) => $$"""
        {"request_id":"r-1","facility_id":"{{facility}}","encounter_id":"e-1","enrollee_id":"{{Person}}",
         "care_type":"INPATIENT","admitted_on":"2025-08-01","discharged_on":"2025-08-09",
         "total_fen":3000000,"eligible_fen":2500000,"basic_paid_fen":1000000}
        """;

    private sealed record Line(
        string Caller, string FacilityId, string RegionId, string Method, string Outcome, string Subject, long Count)
    {
        public static Line Of(JsonElement record)
        {
            string Text(string name) => record.GetProperty(name).GetString()!;
            return new Line(
                Text("caller"), Text("facility_id"), Text("region_id"), Text("method"), Text("outcome"),
                Text("subject"), long.Parse(Text("count")));
        }
    }
}
