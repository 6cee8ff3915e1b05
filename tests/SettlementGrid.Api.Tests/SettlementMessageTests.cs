using Google.Protobuf;
using SettlementGrid.Api.Tests.Support;
using SettlementGrid.Plans;

namespace SettlementGrid.Api.Tests;

/// <summary>What a settlement's message says of it, with the figures the engine really gives.</summary>
public sealed class SettlementMessageTests
{
    private const string Plan = """
        format: settlementgrid-plan/1
        id: seventh-city
        name: { zh: 第七市, en: A seventh city }
        kind: LARGE
        order: 10
        region: "350400"
        effective: { from: 2020-01-01, clause: "1" }
        layers:
          - id: large
            name: { zh: 大额, en: large }
            clause: "5"
            payer: an insurer
            fund_code: "390201"
            care_types: ALL
            measure: OWN_ELIGIBLE_SHARE
            rates:
              clause: "6"
              bands: [{ from: start, rate: 50% }]
        """;

    private static readonly DateOnly March = new(2026, 3, 9);
    private static readonly DateOnly May = new(2026, 5, 3);

    [Fact]
    public void A_settlement_after_a_later_discharge_says_so_in_a_field_and_in_a_sentence()
    {
        var person = new SettledPerson(Plan);
        var first = person.Settle("r1", 1_000, 1_000, May);
        Assert.False(first.OutOfOrder);
        Assert.DoesNotContain(first.Explanation, s => s.Contains("早于", StringComparison.Ordinal));

        var preview = person.Preview("r2", 1_000, 1_000, March);
        Assert.True(preview.OutOfOrder);
        var second = person.Settle("r2", 1_000, 1_000, March);
        Assert.True(second.OutOfOrder);
        Assert.Contains("本次出院日期 2026-03-09 早于已结算的 2026-05-03，年度累计按结算先后计算。", second.Explanation);
        Assert.Contains("\"outOfOrder\": true", JsonFormatter.Default.Format(second), StringComparison.Ordinal);

        var english = person.Settle("r3", 1_000, 1_000, March, Language.English);
        Assert.Contains(
            "This discharge of 2026-03-09 was settled after that of 2026-05-03: the year's positions go by the order of "
            + "settlement.",
            english.Explanation);
        Assert.False(person.Reverse(second).OutOfOrder);
    }
}
