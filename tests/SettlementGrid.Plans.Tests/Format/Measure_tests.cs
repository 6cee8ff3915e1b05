using SettlementGrid.PlanFiles;

namespace SettlementGrid.Plans.Tests;

/// <summary>What each measure counts and what it leaves to be paid, funds by case, and caps of a month.</summary>
public class Measure_tests
{
    static string Text(string measure, string more = "", string fundCode = "\"390201\"") => $$"""
        format: settlementgrid-plan/1
        id: measured
        name: { zh: 计量, en: measured }
        kind: CRITICAL
        order: 1
        region: "340100"
        effective: { from: 2020-01-01, clause: "1" }
        identity_groups:
          poor: { name: { zh: 困难群体, en: in hardship }, identities: [LOW_INCOME, ORPHAN], clause: "1" }
        layers:
          - id: first
            name: { zh: 先行, en: first }
            clause: "1"
            payer: an insurer
            fund_code: {{fundCode}}
            care_types: [INPATIENT, ACCIDENT_INPATIENT]
            measure: ELIGIBLE
            rates: { clause: "2", bands: [{ from: start, rate: 10% }] }
          - id: second
            name: { zh: 其后, en: second }
            clause: "1"
            payer: an insurer
            fund_code: "390201"
            care_types: ALL
            measure: {{measure}}
            rates: { clause: "3", bands: [{ from: start, rate: 20% }] }
            {{more}}
        """;

    static Plan Read(string text)
    {
        var reading = PlanFile.Read(text);
        Assert.Empty(reading.Findings);
        return reading.Plan!;
    }

    /// <summary>One bill: basic 5,000, outside the grid 500, assistance 300; the first layer pays 800.</summary>
    [Theory]
    [InlineData("ELIGIBLE", 8_000, 1_700)]
    [InlineData("OWN_ELIGIBLE_SHARE", 3_000, 1_700)]
    [InlineData("BASIC_PAID", 5_000, 1_700)]
    [InlineData("BURDEN_AFTER_ALL", 3_400, 3_400)]
    [InlineData("REASONABLE_LESS_PRIOR", 2_400, 2_400)]
    [InlineData("ELIGIBLE_LESS_PRIOR", 1_400, 1_400)]
    public void Each_measure_counts_its_own_and_leaves_what_earlier_payers_left(string measure, int counted, int left)
    {
        var bill = Bills.Of(8_000m, 5_000m) with
        {
            Total = Money.Yuan(10_000m), PriorPlansPaid = Money.Yuan(500m), AssistancePaid = Money.Yuan(300m),
            Unreasonable = Money.Yuan(1_000m),
        };
        var layer = new Person(Read(Text(measure))).Settle(bill, Facilities.In("340100")).Outcome!.Layers[1];
        Assert.Equal((Money.Yuan(counted), Money.Yuan(left)), (layer.PositionAfter, layer.Base));
        Assert.Equal(Money.Min(Money.Yuan(counted * 0.2m), layer.Base), layer.Paid);
    }

    [Theory]
    [InlineData("ELIGIBLE")]
    [InlineData("OWN_ELIGIBLE_SHARE")]
    [InlineData("BASIC_PAID")]
    [InlineData("BURDEN_AFTER_ALL")]
    [InlineData("REASONABLE_LESS_PRIOR")]
    [InlineData("ELIGIBLE_LESS_PRIOR")]
    public void Of_a_bill_that_others_have_paid_nothing_is_left_and_no_measure_is_negative(string measure)
    {
        var bill = Bills.Of(8_000m, 8_000m) with { Unreasonable = Money.Yuan(8_000m) };
        var outcome = new Person(Read(Text(measure))).Settle(bill, Facilities.In("340100")).Outcome!;
        Assert.Equal(Money.Zero, outcome.PlansPaid);
        Assert.All(outcome.Layers, layer => Assert.InRange(layer.PositionAfter.Fen, 0, 800_000));
    }

    [Fact]
    public void The_fund_goes_by_the_identity_of_care_and_of_the_person()
    {
        var plan = Read(Text("ELIGIBLE", fundCode: """
            [{ when: { care_types: [ACCIDENT_INPATIENT] }, code: "390401", clause: "4" },
                  { when: { identities: [poor] }, code: "390501", clause: "4" }, { code: "390201", clause: "4" }]
            """));
        Assert.Equal("390201", Fund(new Person(plan), CareType.Inpatient));
        Assert.Equal("390401", Fund(new Person(plan).As(IdentityKind.Orphan), CareType.AccidentInpatient));
        Assert.Equal("390501", Fund(new Person(plan).As(IdentityKind.Orphan), CareType.Inpatient));

        static string Fund(Person person, CareType careType) =>
            person.Settle(Bills.Of(100m) with { CareType = careType }, Facilities.In("340100"))
                .Outcome!.Layers[0].FundCode;
    }

    [Fact]
    public void A_monthly_layer_has_start_and_caps_of_the_month_by_identity() =>
        Histories.Check(Read(Text("ELIGIBLE", """
        period: MONTH
            start: { amount: 1000, clause: "5" }
            cap:
              - { when: { identities: [poor] }, unlimited: true, clause: "5" }
              - { amount: 500, clause: "5" }
        """)), """
        who       care                   discharged eligible => second
        ordinary  OutpatientSpecialDisease 2025-03-01 3000     => 400
        ordinary  OutpatientSpecialDisease 2025-03-31 1000     => 100    // the month's 500 are reached
        LowIncome OutpatientSpecialDisease 2025-03-31 1000     => 200
        ordinary  OutpatientSpecialDisease 2025-04-01 1000.05  => 0.01
        ordinary  OutpatientSpecialDisease 2025-04-30 5000     => 499.99
        """);

    [Theory]
    [InlineData("basic:\n  cap: { amount: 1000, on: COST, clause: \"6\" }", "basic.cap")]
    [InlineData("shared_caps:\n  - layers: [first, second]\n    cap: { amount: 1, on: COST, clause: \"6\" }",
        "shared_caps")]
    public void A_cap_over_layers_and_of_the_basic_pool_is_of_payments_alone(string cap, string path)
    {
        var reading = PlanFile.Read(Text("ELIGIBLE") + "\n" + cap);
        var finding = Assert.Single(reading.Findings);
        Assert.Equal((path, Severity.Warning), (finding.Path, finding.Severity));
        Assert.Contains("limits payments", finding.MessageEn, StringComparison.Ordinal);
        Assert.NotNull(reading.Plan);
    }
}
