using System.Net.Http.Headers;
using System.Text;
using SettlementGrid.Postgres;
using SettlementGrid.Server.Tests.Postgres;
using SettlementGrid.Testing;

namespace SettlementGrid.Server.Tests.Running;

/// <summary>
/// I11: whatever goes wrong, no person's id stands in what the program prints, logs, measures or audits. Ids of a
/// citizen's shape and of another are sent wherever a caller can put them, through answers, refusals, nonsense, faults
/// of ours and a database that dies.
/// </summary>
public sealed class PersonIdTests : IDisposable
{
    private const string Settle = "SettlementService/Settle";
    private const string Citizen = "150502199001011234";
    private const string Other = "TL-RECOGNISABLE-ME-0001";
    private const string Broken = "TL-RECOGNISABLE-ME-0002";

    private static readonly string[] Ids = [Citizen, Other, Broken];

    private readonly DatabaseFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task No_persons_id_is_printed_logged_measured_or_audited_whatever_goes_wrong()
    {
        using var program = await ServerProgram.StartAsync(_folder.Path);
        using var client = new HttpClient { BaseAddress = program.Address };
        foreach (var id in Ids)
        {
            Assert.Contains("enrolled", await AskAsync(client, "EnrolleeService/PutEnrollees", EntryJson(id)), Ordinal);
        }

        await AnswersAndRefusalsAsync(client);
        await NonsenseAsync(client);
        await FaultAsync(client);
        var metrics = await client.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        Assert.Contains("api_calls_total{", metrics, Ordinal);
        var audit = await AuditAsync();

        _folder.Processes.KillAll();
        await Task.WhenAll(Ids.Select(id => TryAskAsync(client, Settle, BillJson($"{id}-dying", id))));
        await program.EndAsync(Signal.Terminate);

        Assert.Contains("15**************34", audit, Ordinal);
        var written = new Dictionary<string, string>
        {
            ["metrics"] = metrics,
            ["audit"] = audit,
            ["terminal"] = program.News(),
        };
        var logs = Path.Combine(_folder.Path, "log");
        foreach (var file in Directory.EnumerateFiles(logs, "*", SearchOption.AllDirectories))
        {
            written.Add(file, await File.ReadAllTextAsync(file));
        }

        Assert.Contains(
            written, one => one.Value.Contains("Fault", Ordinal) && one.Value.Contains("GetAccount", Ordinal));
        foreach (var (where, text) in written)
        {
            foreach (var id in Ids)
            {
                var at = text.IndexOf(id, StringComparison.OrdinalIgnoreCase);
                var around = at < 0 ? "" : text[Math.Max(0, at - 200)..Math.Min(text.Length, at + 100)];
                Assert.True(at < 0, $"{where} shows {id}: …{around}…");
            }
        }
    }

    private static StringComparison Ordinal => StringComparison.Ordinal;

    private static async Task AnswersAndRefusalsAsync(HttpClient client)
    {
        foreach (var id in new[] { Citizen, Other })
        {
            Assert.Contains("plans_paid_fen", await AskAsync(client, Settle, BillJson("r-" + id, id)), Ordinal);
            await AskAsync(client, Settle, BillJson("r-" + id, id, totalFen: 9_000_000));
            await AskAsync(client, Settle, BillJson("again", id));
            await AskAsync(client, Settle, BillJson("unknown", id + "X"));
            await AskAsync(client, Settle, BillJson("facility", id, facility: id));
            await AskAsync(client, Settle, BillJson("range", id, totalFen: -1));
            await AskAsync(
                client, "SettlementService/Reverse",
                $$"""{"request_id":"{{id}}","facility_id":"{{id}}","settlement_id":"{{id}}"}""");
            await AskAsync(client, "EnrolleeService/GetAccount", $$"""{"enrollee_id":"{{id}}","year":2025}""");
            await AskAsync(
                client, "EnrolleeService/PutEnrollees", EntryJson(id).Replace("150502\"", $"{id}\"", Ordinal));
        }
    }

    private static async Task NonsenseAsync(HttpClient client)
    {
        foreach (var id in Ids)
        {
            await AskAsync(client, Settle, $$"""{"enrollee_id": {{id}}""");
            await AskAsync(client, Settle, $$"""{"{{id}}": "{{id}}"}""");
            await AskAsync(client, "EnrolleeService/GetAccount", $$"""{"enrollee_id":"{{id}}","year":"{{id}}"}""");
            await AskAsync(client, $"{id}/{id}", "{}");
            await AskAsync(client, "EnrolleeService/GetAccount", "{}", authorization: $"Bearer {id}");
            await AskAsync(client, "PlanService/PublishPlan", $$"""{"text":"id: {{id}}\nname: {{id}}"}""");
            using var raw = new ByteArrayContent(Encoding.UTF8.GetBytes($"\u0001\u00ff{id}"));
            raw.Headers.ContentType = new MediaTypeHeaderValue("application/proto");
            using var answer = await client.PostAsync(
                new Uri("/settlementgrid.v1.EnrolleeService/GetAccount", UriKind.Relative), raw);
            using var line = await client.GetAsync(new Uri($"/{id}?{id}", UriKind.Relative));
        }
    }

    /// <summary>
    /// A row that was tampered with is a fault of ours when it is read: INTERNAL, and the log has the rest.
    /// </summary>
    private async Task FaultAsync(HttpClient client)
    {
        var connection = new ConnectionFile(Path.Combine(_folder.Path, "connection")).Read();
        await DatabaseFolder.DoAsync(
            connection,
            "ALTER TABLE ledger.entries DISABLE TRIGGER entries_append_only; "
            + "UPDATE ledger.entries SET body = overlay(body PLACING '\\x63'::bytea FROM 1) "
            + $"WHERE stream_id = '{Broken}'");
        var answer = await AskAsync(
            client, "EnrolleeService/GetAccount", $$"""{"enrollee_id":"{{Broken}}","year":2025}""");
        Assert.Contains("INTERNAL", answer, Ordinal);
        await AskAsync(client, Settle, BillJson("fault", Broken));
    }

    private async Task<string> AuditAsync()
    {
        var connection = new ConnectionFile(Path.Combine(_folder.Path, "connection")).Read();
        for (var tries = 0; tries < 100; tries++)
        {
            var audit = await DatabaseFolder.AskAsync<string>(
                connection, "SELECT coalesce(string_agg(to_jsonb(a)::text, '\n'), '') FROM ledger.audit a");
            if (audit.Contains("INTERNAL", Ordinal))
            {
                return audit;
            }

            // It is written every second behind everybody's back.
            await Task.Delay(100);
        }

        throw new InvalidOperationException("The fault is not in the audit.");
    }

    private static async Task TryAskAsync(HttpClient client, string method, string json)
    {
        try
        {
            await AskAsync(client, method, json);
        }
        catch (HttpRequestException)
        {
            // A server that is short of its database may close the connection.
        }
    }

    private static async Task<string> AskAsync(
        HttpClient client, string method, string json, string? authorization = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/settlementgrid.v1.{method}");
        request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("authorization", authorization);
        }

        using var answer = await client.SendAsync(request);
        return await answer.Content.ReadAsStringAsync();
    }

    private static string EntryJson(string id) => $$"""
        {"enrollees":[{"enrollee_id":"{{id}}","region_id":"150502","insurance":"RESIDENT",
         "coverages":[{"plan_id":"{{GivenPlans.Tongliao}}"}]}]}
        """;

    private static string BillJson(
        string request, string person, string facility = "H15050200001", long totalFen = 3_000_000) =>
        $$"""
        {"request_id":"{{request}}","facility_id":"{{facility}}","encounter_id":"e-{{person}}",
         "enrollee_id":"{{person}}","care_type":"INPATIENT","admitted_on":"2025-08-01","discharged_on":"2025-08-09",
         "total_fen":{{totalFen}},"eligible_fen":2500000,"basic_paid_fen":1000000}
        """;
}
