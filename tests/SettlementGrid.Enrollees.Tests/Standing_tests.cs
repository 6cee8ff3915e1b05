using System.Globalization;
using SettlementGrid.Plans;
using SettlementGrid.Testing;

namespace SettlementGrid.Enrollees.Tests;

/// <summary>What is left of deductible and cap, also of layers that take no ordinary bill of the region.</summary>
public sealed class Standing_tests
{
    static readonly DateOnly Day = new(2025, 8, 20);

    [Theory]
    [InlineData("", "r1 5000 1500000", "r2 20000 1500000", "r3 5000 30000", "r4a 20000 1000000", "r4b 20000 500000")]
    [InlineData("Preexisting", "r1 5000 1500000", "r2 20000 1500000", "r3 0 -", "r4a 20000 4500", "r4b 20000 500000")]
    [InlineData("PreexistingRare", "r1 5000 1500000", "r2 20000 1500000", "r3 5000 30000", "r4a 20000 1000000",
        "r4b 0 -")]
    public void Sanming_shows_every_responsibility_with_its_start_and_cap(string identity, params string[] rows)
    {
        var catalog = GivenPlans.Catalog(GivenPlans.SanmingSampleText);
        var account = Given.Enrolled("anna", GivenPlans.SanmingSample);
        if (identity.Length > 0)
            account = With(account, Enum.Parse<IdentityKind>(identity));
        Assert.Equal([.. rows, "backstop 120000 -"], Rows(account, catalog));
    }

    [Fact]
    public void It_moves_with_what_was_settled_outside_the_region_and_of_class_B()
    {
        var catalog = GivenPlans.Catalog(GivenPlans.SanmingSampleText);
        var account = With(Given.Enrolled("anna", GivenPlans.SanmingSample), IdentityKind.Preexisting);
        account = Settled(account, catalog, "r1", "H35010200001", CareType.Inpatient, 15_000);
        account = Settled(account, catalog, "r2", "H35040200001", CareType.SpecificCancerDrug, 22_000, DrugClass.B);
        Assert.Equal(
            ["r1 5000 1500000", "r2 5000 1500000", "r3 0 -", "r4a 0 3500", "r4b 20000 500000", "backstop 99000 -"],
            Rows(account, catalog));
    }

    [Theory]
    [InlineData("places: [OUT_OF_PROVINCE]")]
    [InlineData("places: [IN_PROVINCE]\n    facility: { level_min: 2, designation: REQUIRED, clause: 测试 }")]
    [InlineData("facility: { special_disease: true, designation: REQUIRED, clause: 测试 }")]
    public void A_layer_that_takes_little_stands_all_the_same(string condition)
    {
        var text = GivenPlans.SupplementText.Replace(
            "care_types: [INPATIENT]", "care_types: [RARE_DISEASE_DRUG]\n    " + condition, StringComparison.Ordinal);
        Assert.Equal(
            ["rest 1000 200000"], Rows(Given.Enrolled("anna", GivenPlans.Supplement), GivenPlans.Catalog(text)));
    }

    [Fact]
    public void A_parameter_without_a_value_hides_its_layer_and_no_other()
    {
        var text = GivenPlans.SupplementText + """

              - id: other
                name: { zh: 另一层, en: another }
                payer: 测试承办机构
                fund_code: "999901"
                clause: 测试
                care_types: [INPATIENT]
                measure: ELIGIBLE
                start: { amount: 700, clause: 测试 }
                rates: { clause: 测试, bands: [{ from: start, rate: 10% }] }
            """.Replace("            ", "    ", StringComparison.Ordinal);
        var (account, catalog) = (Given.Enrolled("anna", GivenPlans.Supplement), GivenPlans.Catalog(text));
        Assert.Equal(["rest 1000 200000", "other 700 -"], Rows(account, catalog));
        Assert.Equal(["other 700 -"], Rows(account, catalog, new DateOnly(2026, 2, 1)));
    }

    static IEnumerable<string> Rows(Account account, Catalog catalog, DateOnly? day = null) =>
        Standing.Of(account, catalog, day ?? Day).Select(layer => string.Create(
            CultureInfo.InvariantCulture,
            $"{layer.LayerId} {layer.DeductibleRemaining.Fen / 100} "
                + $"{(layer.CapRemaining is { } cap ? cap.Fen / 100 : "-")}"));

    static Account With(Account account, IdentityKind kind) => Entry.Next(
        account,
        new Fact.RosterChanged(
            account.Roster! with { Identities = [new Identity(kind, default)] }, RosterAspects.Identity),
        Given.Now).After!;

    static Account Settled(
        Account account, Catalog catalog, string id, string facility, CareType careType, decimal eligible,
        DrugClass? drugClass = null)
    {
        var request = Given.Request(id, "anna", eligible, facility: facility);
        request = request with { Bill = request.Bill with { CareType = careType, DrugClass = drugClass } };
        var facts = Assert.IsType<Decision.Facts>(Decide.Settle(account, request, null, catalog, null, null));
        return Entry.Next(account, facts.All[0], Given.Now).After!;
    }
}
