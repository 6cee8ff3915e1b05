using SettlementGrid.PlanFiles;

namespace SettlementGrid.Plans.Tests;

/// <summary>Fujian's guidance for large amount supplements: a template, and a plan made from it.</summary>
public class Fujian_tests
{
    static readonly string Template = ShippedPlans.Text("fujian-employee-supplement.yaml");

    [Fact]
    public void Above_the_basic_cap_the_layer_pays_all_but_the_persons_share_up_to_the_insured_amount() =>
        Histories.Check(ShippedPlans.FujianSample, """
            eligible  => large     position left
            99999.99  => 0         99999.99 300000
            0.01      => 0         100000   300000
            0.01      => 0.01      100000.01 299999.99
            ----
            150000    => 45000     150000   255000
            400000    => 255000    550000   0
            1         => 0         550001   0
            ----
            433333.33 => 300000    433333.33 0          // 299,999.997 → half up
            """);

    [Fact]
    public void The_layer_pays_no_more_than_the_basic_pool_left() => Histories.Check(ShippedPlans.FujianSample, """
        eligible basic  => large base  note
        150000   120000 => 30000 30000 LimitedByBase
        """);

    [Fact]
    public void Where_the_insured_amount_limits_cost_the_part_beyond_it_is_not_paid()
    {
        var text = ShippedPlans.Text("samples/fujian-sample.yaml")
            .Replace("on: PAYMENT", "on: COST", StringComparison.Ordinal);
        Histories.Check(PlanFile.Read(text).Plan!, """
            eligible => large  position left
            150000   => 45000  150000   -
            400000   => 225000 550000   -      // (400,000 − 150,000) × 90 %: cost above the start ends at 300,000
            1000     => 0      551000   -
            """);
    }

    [Fact]
    public void The_template_is_read_but_cannot_be_published_and_what_is_missing_is_named()
    {
        var refusal = Publishing.Check(PlanFile.Read(Template).Plan!)!;
        Assert.Equal("PLAN_INVALID", refusal.Code);
        Assert.Equal("basic_cap, person_share, insured_amount, premium, provincial_limit", refusal.Numbers["missing"]);
        Assert.Null(Publishing.Check(ShippedPlans.FujianSample));
    }

    [Fact]
    public void A_plan_made_from_the_template_without_values_is_refused_naming_each()
    {
        var reading = PlanFile.Read(Template.Replace("template: true\n", "", StringComparison.Ordinal));
        Assert.Null(reading.Plan);
        Assert.Equal(
            ["basic_cap", "person_share", "insured_amount", "premium", "provincial_limit"],
            reading.Findings.Select(f => f.Path["parameters.".Length..]));
        Assert.All(reading.Findings, f => Assert.Contains("has no value", f.MessageEn));
    }

    [Fact]
    public void Cap_and_insured_amount_must_reach_the_provincial_limit()
    {
        var text = ShippedPlans.Text("samples/fujian-sample.yaml");
        var reading = PlanFile.Read(text.Replace("value: 300000,", "value: 299999.99,", StringComparison.Ordinal));
        var finding = Assert.Single(reading.Findings);
        Assert.Equal("checks[0]", finding.Path);
        Assert.Contains("basic_cap + insured_amount is 399,999.99 yuan, below provincial_limit, 400,000.00 yuan",
            finding.MessageEn);
    }
}
