using System.Net.Http.Json;

namespace SettlementGrid.Server.Tests.FundsView;

/// <summary>A county's people and money, put through the public interface as JSON.</summary>
internal sealed class County(HttpClient http, string region)
{
    public const string PlanId = "tongliao-resident-critical-2025";
    public const int Year = 2025;

    /// <summary>What the plan pays of each person's one stay.</summary>
    public const long PaidFen = 360_000;

    public string Region => region;

    /// <summary>Persons 1 to n.</summary>
    public Task EnrollAsync(int persons) => PostAsync("EnrolleeService/PutEnrollees", new
    {
        enrollees = Enumerable.Range(1, persons).Select(person => new
        {
            enrollee_id = IdOf(person),
            region_id = region,
            insurance = "RESIDENT",
            coverages = new[] { new Dictionary<string, string> { ["plan_id"] = PlanId, ["from"] = "2025-01-01" } },
        }),
    });

    public Task SettleAsync(int person) => PostAsync("SettlementService/Settle", new
    {
        request_id = $"{IdOf(person)}-1",
        facility_id = "H15050200001",
        encounter_id = $"E-{IdOf(person)}",
        enrollee_id = IdOf(person),
        care_type = "INPATIENT",
        admitted_on = "2025-03-01",
        discharged_on = "2025-03-10",
        total_fen = 5_000_000,
        eligible_fen = 4_000_000,
        basic_paid_fen = 2_000_000,
    });

    public Task RecordAsync(string id, long fen) => PostAsync("FundService/RecordPremium", new
    {
        request_id = id,
        region_id = region,
        plan_id = PlanId,
        year = Year,
        kind = "PREMIUM",
        amount_fen = fen,
        received_on = "2025-01-10",
    });

    private string IdOf(int person) => $"F-{region}-{person}";

    private async Task PostAsync(string method, object message)
    {
        using var answer = await http.PostAsJsonAsync(
            new Uri("/settlementgrid.v1." + method, UriKind.Relative), message);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }
}
