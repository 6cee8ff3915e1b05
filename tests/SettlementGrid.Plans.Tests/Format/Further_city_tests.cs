using SettlementGrid.PlanFiles;

namespace SettlementGrid.Plans.Tests;

/// <summary>Cities that nobody here knows, each added as a file only.</summary>
public class Further_city_tests
{
    internal static Plan Read(string text)
    {
        var reading = PlanFile.Read(text);
        Assert.Empty(reading.Findings);
        return reading.Plan!;
    }

    /// <summary>The form of 高額療養費: a person pays 30 % up to a monthly spend and 1 % beyond it.</summary>
    const string MonthlyCeiling = """
        format: settlementgrid-plan/1
        id: monthly-ceiling
        name: { zh: 月度封顶, en: monthly ceiling }
        kind: LARGE
        order: 1
        region: "340100"
        effective: { from: 2020-01-01, clause: "1" }
        layers:
          - id: ceiling
            name: { zh: 月度封顶, en: monthly ceiling }
            clause: "1"
            payer: the pool
            fund_code: "330101"
            care_types: ALL
            measure: ELIGIBLE
            period: MONTH
            rates:
              clause: "2"
              bands:
                - { from: start, to: 267000, rate: 70% }
                - { from: 267000, rate: 99% }
        """;

    /// <summary>
    /// A person pays 500 a case at a third-level hospital, 200 elsewhere, from the second case on half of it.
    /// </summary>
    const string FixedPerCase = """
        format: settlementgrid-plan/1
        id: fixed-per-case
        name: { zh: 按次定额, en: fixed per case }
        kind: LARGE
        order: 1
        region: "340100"
        effective: { from: 2020-01-01, clause: "1" }
        layers:
          - id: case
            name: { zh: 按次定额, en: fixed per case }
            clause: "1"
            payer: the pool
            fund_code: "330101"
            care_types: [INPATIENT]
            measure: ELIGIBLE
            per_case:
              - { when: { facility_levels: [3], from_case: 2 }, amount: 250, clause: "2" }
              - { when: { facility_levels: [3] }, amount: 500, clause: "2" }
              - { when: { from_case: 2 }, amount: 100, clause: "2" }
              - { amount: 200, clause: "2" }
            rates:
              clause: "3"
              bands: [{ from: start, rate: 100% }]
        shared_caps:
          - layers: [case]
            cap: { amount: 3000, clause: "4" }
        """;

    [Fact]
    public void A_monthly_ceiling_begins_anew_each_month() => Histories.Check(Read(MonthlyCeiling), """
        discharged eligible => ceiling position
        2025-03-01 267000   => 186900  267000
        2025-03-31 100000   => 99000   367000
        2025-04-01 100000   => 70000   100000
        2025-03-15 100      => 99      367100
        2026-03-15 100      => 70      100
        """);

    [Fact]
    public void A_monthly_layer_keeps_its_accumulators_by_month()
    {
        var person = new Person(Read(MonthlyCeiling));
        person.Settle(Bills.Of(100m, 50m), Facilities.In("340100"));
        Assert.Equal("2025-03", Assert.Single(person.Accumulators).Key.Period.ToString());
    }

    [Fact]
    public void Fixed_amounts_per_case_go_by_level_and_by_which_case_of_the_year_it_is()
    {
        var person = new Person(Read(FixedPerCase));
        var third = new FacilityProfile("f", "", "340102", 3, true, true, true, Registered: true);
        Assert.Equal("500.00", Paid(1_000m));
        Assert.Equal("750.00", Paid(1_000m));
        Assert.Equal("0.00", Paid(249.99m));
        Assert.Equal("1,750.00", Paid(9_999m));

        string Paid(decimal eligible) => person.Settle(Bills.Of(eligible), third).Outcome!.PlansPaid.ToString();
    }

    [Fact]
    public void Caps_over_several_layers_are_shared()
    {
        var plan = PlanFile.Read(SoundFile.Text
            .Replace("entitled: { when: { identities: [poor] }, clause: 十一 }", "", StringComparison.Ordinal)
            .Replace("amount: 400000", "amount: 30000", StringComparison.Ordinal)).Plan!;
        Histories.Check(plan, """
            discharged care                    eligible over  => ward  drug  left
            2026-03-01 OutpatientHighValueDrug 30000    25000 => -     20000 10000
            2026-03-01 Inpatient               31000    -     => 6000  -     4000   // (31,000 − 21,000) × 60 %
            2026-03-01 OutpatientHighValueDrug 30000    25000 => -     4000  0
            2026-03-01 Inpatient               31000    -     => 0     -     0
            """, new FacilityProfile("f", "", "340102", 3, true, true, true, Registered: true));
    }

    [Fact]
    public void Where_designation_is_required_an_unregistered_facility_is_not_paid() =>
        Histories.Check(PlanFile.Read(SoundFile.Text).Plan!, """
            discharged eligible => ward note
            2026-03-01 100000   => 0    FacilityNotDesignated
            """);
}
