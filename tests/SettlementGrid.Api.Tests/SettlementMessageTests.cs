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

    private const string PlanWithPool = """
        format: settlementgrid-plan/1
        id: eighth-city
        name: { zh: 第八市, en: An eighth city }
        kind: LARGE
        order: 10
        region: "350400"
        effective: { from: 2020-01-01, clause: "1" }
        layers:
          - id: pool
            name: { zh: 基本医保统筹, en: basic pool }
            clause: "1"
            payer: the pool
            fund_code: "310101"
            basic: true
            care_types: [INPATIENT]
            measure: ELIGIBLE
            start: { amount: 1000, clause: "2" }
            rates:
              clause: "3"
              bands: [{ from: start, rate: 70% }]
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
            "This discharge of 2026-03-09 was settled after that of 2026-05-03: the year's positions go by the order "
                + "of "
            + "settlement.",
            english.Explanation);
        Assert.False(person.Reverse(second).OutOfOrder);
    }

    [Fact]
    public void A_computed_basic_payment_stands_with_basic_and_not_with_the_plans()
    {
        var person = new SettledPerson(PlanWithPool);
        var preview = person.Preview("r1", 3_000, 3_500, March);
        var first = person.Settle("r1", 3_000, 3_500, March);
        foreach (var message in new[] { preview, first })
        {
            // (3,000 − 1,000) × 70 %, then half of the other 1,600; 500 are not eligible.
            AssertParts(message, total: 3_500, basic: 1_400, plans: 800, enrollee: 1_300);
            Assert.Equal([true, false], message.Layers.Select(layer => layer.Basic));
            Assert.Equal([140_000, 80_000], message.Layers.Select(layer => layer.PaidFen));
        }

        var second = person.Settle("r2", 1_000, 1_000, May);
        AssertParts(second, total: 1_000, basic: 700, plans: 150, enrollee: 150);
        var reversal = person.Reverse(first);
        AssertParts(reversal, total: -3_500, basic: -1_400, plans: -800, enrollee: -1_300);
        // Alone, the second stay is the start: the pool pays nothing of it, and half of all of it is left to the plan.
        AssertParts(Assert.Single(reversal.Adjustments), total: 0, basic: -700, plans: 350, enrollee: 350);
        Assert.Equal([true, false], reversal.Adjustments[0].Layers.Select(layer => layer.Basic));
    }

    [Fact]
    public void A_start_on_another_measure_has_its_own_position_in_layer_and_accumulators()
    {
        var person = new SettledPerson(PlanWithPool.Replace(
            "measure: OWN_ELIGIBLE_SHARE",
            "measure: OWN_ELIGIBLE_SHARE\n    start_measure: ELIGIBLE\n    start: { amount: 4000, clause: \"7\" }",
            StringComparison.Ordinal));
        var first = person.Settle("r1", 3_000, 3_000, March);
        var second = person.Settle("r2", 3_000, 3_000, May);
        Assert.Equal((0, 300_000), (first.Layers[1].StartPositionBeforeFen, first.Layers[1].StartPositionAfterFen));
        Assert.False(first.Layers[0].HasStartPositionAfterFen);
        Assert.Equal(
            ["pool 300000 0", "large 160000 100000", "large:start 300000 100000"], first.Accumulators.Select(Row));
        // The pool pays 2,100 of the second stay; of the other 900 half, since 2,000 lie above the start.
        AssertParts(second, total: 3_000, basic: 2_100, plans: 450, enrollee: 450);
        Assert.Equal(["pool 600000 0", "large 250000 0", "large:start 600000 0"], second.Accumulators.Select(Row));
        var reversal = person.Reverse(first);
        Assert.Equal(
            ["pool 300000 0", "large 160000 100000", "large:start 300000 100000"], reversal.Accumulators.Select(Row));

        static string Row(V1.Accumulator a) => $"{a.LayerId} {a.PositionFen} {a.DeductibleRemainingFen}";
    }

    private static void AssertParts(V1.Settlement message, long total, long basic, long plans, long enrollee)
    {
        Assert.Equal(
            (total * 100, basic * 100, plans * 100, enrollee * 100),
            (message.TotalFen, message.BasicPaidFen, message.PlansPaidFen, message.EnrolleePaysFen));
        Assert.Equal(
            message.EnrolleePaysFen,
            message.TotalFen - message.BasicPaidFen - message.PriorPlansPaidFen - message.AssistancePaidFen
                - message.PlansPaidFen);
        Assert.Equal(
            message.PlansPaidFen, message.Layers.Where(layer => !layer.Basic).Sum(layer => layer.PaidFen));
    }
}
