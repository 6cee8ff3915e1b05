using SettlementGrid.Api.V1;

namespace SettlementGrid.Testbed;

/// <summary>A plan of the tests' own, beside those that come with the program.</summary>
public static class TrialPlan
{
    /// <summary>Pays one percentage of everything eligible beyond ten yuan a year, from a day on.</summary>
    public static string Text(string planId, int percent, string from = "2025-01-01") => $$"""
        format: settlementgrid-plan/1
        id: {{planId}}
        name: { zh: 试验补充, en: Trial supplement {{planId}} }
        kind: PUHUI
        order: 200
        region: "150500"
        effective: { from: {{from}}, clause: 测试 }
        layers:
          - id: rest
            name: { zh: 其余, en: the rest }
            payer: 测试承办机构
            fund_code: "999901"
            clause: 测试
            care_types: [INPATIENT, OUTPATIENT_SPECIAL_DISEASE]
            measure: ELIGIBLE_LESS_PRIOR
            start: { amount: 10, clause: 测试 }
            rates:
              clause: 测试
              bands: [{ from: start, rate: {{percent}}% }]
            cap: { amount: 90000000, clause: 测试 }
        """;

    /// <summary>The version that it is, new or as it was.</summary>
    public static async Task<int> PublishAsync(GrpcConnection connection, string text) =>
        (await connection.CallAsync(GrpcMethods.PublishPlan, new PublishPlanRequest { Text = text })).Required.Version;

    /// <summary>Gives everybody of the town this plan's cover in the place of all other.</summary>
    public static async Task CoverAsync(GrpcConnection connection, Town town, string planId, string from, string to)
    {
        var call = new PutEnrolleesRequest();
        for (var person = 0; person < town.Persons; person++)
        {
            var enrollee = town.Enrollee(person);
            enrollee.Coverages.Clear();
            enrollee.Coverages.Add(new Coverage { PlanId = planId, From = from, To = to });
            call.Enrollees.Add(enrollee);
        }
        _ = (await connection.CallAsync(GrpcMethods.PutEnrollees, call)).Required;
    }
}
