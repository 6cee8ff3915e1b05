using SettlementGrid.PlanFiles;

namespace SettlementGrid.Plans.Tests;

/// <summary>Dalian's measures of 2020, with the invented start of 21,000 of the sample.</summary>
public class Dalian_tests
{
    static void Check(string table) => Histories.Check(ShippedPlans.DalianSample, table);

    static Plan With(string parameter, string values)
    {
        var text = ShippedPlans.Text("dalian-resident-critical.yaml");
        var at = text.IndexOf($"  {parameter}:\n", StringComparison.Ordinal);
        at = text.IndexOf("    clause:", at, StringComparison.Ordinal);
        var reading = PlanFile.Read(text.Insert(at, $"    values: [{values.ReplaceLineEndings(" ")}]\n"));
        Assert.Empty(reading.Findings);
        return reading.Plan!;
    }

    [Fact]
    public void Clauses_10_to_12_worked_figures() => Check("""
        who       filing  eligible => critical position
        ordinary  Filed   100000   => 48850    100000
        ----
        LowIncome Filed   100000   => 62650    100000
        ----
        ordinary  Unfiled 100000   => 42350    90000
        """);

    [Fact]
    public void Bands_stand_on_the_excess_over_the_start_to_the_fen() => Check("""
        eligible => critical position  deductible
        20999.99 => 0        20999.99  0.01
        0.01     => 0        21000     0
        0.01     => 0.01     21000.01  0          // 60 %
        49999.99 => 29999.99 71000     0          // 29,999.994
        0.01     => 0.01     71000.01  0          // 65 %
        49999.99 => 32499.99 121000    0          // 32,499.9935
        0.01     => 0.01     121000.01 0          // 70 %
        1000000  => 700000   1121000.01 0         // no cap
        """);

    [Fact]
    public void An_unfiled_bill_counts_at_nine_tenths_rounded_half_up_before_it_enters_the_position() => Check("""
        filing  eligible => position base
        Unfiled 0.05     => 0.05     0.05   // 0.045
        Unfiled 0.04     => 0.09     0.04   // 0.036
        Unfiled 0.16     => 0.23     0.16   // 0.144
        """);

    [Theory]
    [InlineData("ExtremePoverty")]
    [InlineData("LowIncome")]
    [InlineData("LowIncomeDisabled")]
    public void Persons_in_hardship_have_half_the_start_and_70_percent(string who) => Check($"""
        who   eligible => critical deductible
        {who} 10499.99 => 0        0.01
        {who} 0.02     => 0.01     0         // 0.007
        """);

    [Fact]
    public void Only_inpatient_care_counts_and_drugs_are_apart() => Check("""
        care                     eligible over => critical drug  refused
        AccidentInpatient        21000    -    => 0        -     -
        OutpatientSpecialDisease 5000     -    => -        -     -
        OutpatientHighValueDrug  5000     -    => -        -     MALFORMED_REQUEST
        OutpatientHighValueDrug  5000     1000 => -        700   -
        OutpatientHighValueDrug  5000     5000.01 => -     -     AMOUNT_OUT_OF_RANGE
        Inpatient                1000     -    => 600      -     -
        """);

    [Fact]
    public void Without_a_start_or_an_income_every_inpatient_bill_is_refused() =>
        Histories.Check(ShippedPlans.Read("dalian-resident-critical.yaml"), """
            care                    eligible over => refused
            Inpatient               1        -    => PLAN_PARAMETER_MISSING
            OutpatientHighValueDrug 1        1    => PLAN_PARAMETER_MISSING
            OutpatientHighValueDrug 1        0    => -
            """);

    [Fact]
    public void A_value_holds_from_its_day_until_it_is_replaced_or_expires() =>
        Histories.Check(
            With("start", """
                { from: 2025-03-01, value: 20000, source: a },
                { from: 2025-06-01, to: 2025-08-31, value: 22000, source: b }
                """), """
            discharged eligible => critical refused
            2025-02-28 30000    => -        PLAN_PARAMETER_MISSING
            2025-03-01 30000    => 6000     -
            ----
            2025-05-31 30000    => 6000     -
            ----
            2025-06-01 30000    => 4800     -
            ----
            2025-08-31 30000    => 4800     -
            2025-09-01 30000    => -        PLAN_PARAMETER_MISSING
            """);

    [Fact]
    public void The_start_follows_from_the_income_where_only_that_was_announced() =>
        Histories.Check(With("income", "{ from: 2025-01-01, value: 42000.03, source: a }"), """
            who       eligible => deductible
            ordinary  21000    => 0.02        // 21,000.015 → half up
            ----
            LowIncome 10500    => 0.01        // a quarter of the income: 10,500.0075
            """);

    [Fact]
    public void The_missing_parameter_is_named()
    {
        var refusal = new Person(ShippedPlans.Read("dalian-resident-critical.yaml"))
            .Settle(Bills.Of(100m), Facilities.In("210200")).Refusal!;
        Assert.Equal("start", refusal.Numbers["parameter"]);
        Assert.Contains("大病保险起付标准", refusal.MessageZh);
    }
}
