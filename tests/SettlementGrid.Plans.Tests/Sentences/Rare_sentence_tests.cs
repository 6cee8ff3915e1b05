using System.Text;
using SettlementGrid.PlanFiles;
using SettlementGrid.Testing;

namespace SettlementGrid.Plans.Tests;

/// <summary>
/// Sentences that no ordinary stay needs: each measure's origin, each bar, each limit, each word. As approved in
/// rare.approved.txt.
/// </summary>
public class Rare_sentence_tests
{
    [Fact]
    public void Rare_sentences_are_those_approved_in_both_languages()
    {
        var text = new StringBuilder();
        foreach (var (title, person, bill, facility) in OfSanming().Concat(OfOtherCities()).Concat(OfRarePlan())
                     .Concat(LeftOut()).Concat(OfStartsElsewhere()))
        {
            var outcome = person.Preview(bill, facility).Outcome!;
            text.Append("## ").Append(title).Append('\n');
            foreach (var language in Enum.GetValues<Language>())
                foreach (var sentence in Explanation.Sentences(bill, outcome, facility, person.Catalog, language))
                    text.Append(sentence).Append('\n');
            text.Append('\n');
        }
        Approved.Check("rare", text.ToString());
    }

    static string[] Sentences(Person person, Bill bill, FacilityProfile at, Catalog? catalog = null)
    {
        var outcome = person.Preview(bill, at).Outcome!;
        return [.. Enum.GetValues<Language>().SelectMany(language =>
            Explanation.Sentences(bill, outcome, at, catalog ?? person.Catalog, language))];
    }

    [Fact]
    public void Of_cases_with_one_clause_the_one_whose_rates_were_paid_names_the_person()
    {
        var plan = Further_city_tests.Read(Rare
            .Replace("""clause: "4" }""", """clause: "3" }""", StringComparison.Ordinal)
            .Replace("""
                clause: "4"
                """, """
                clause: "3"
                """, StringComparison.Ordinal));
        var sentences = Sentences(new Person(plan).As(IdentityKind.Orphan), Bills.Of(2_000m, 1_000m),
            Facilities.In("340100"));
        Assert.Contains(sentences, s => s.Contains("特困人员、孤儿、"));
        Assert.DoesNotContain(sentences, s => s.Contains("困难人员、学生"));
    }

    [Fact]
    public void A_rate_that_is_a_parameter_names_the_person_too()
    {
        var plan = Further_city_tests.Read(Rare
            .Replace("identity_groups:", """
                parameters:
                  p:
                    name: { zh: 甲, en: one }
                    unit: RATE
                    clause: p
                    values: [{ from: 2024-01-01, value: 85%, source: a }]
                identity_groups:
                """, StringComparison.Ordinal)
            .Replace("rate: 90%", "rate: { parameter: p }", StringComparison.Ordinal));
        var sentences = Sentences(new Person(plan).As(IdentityKind.Rescue, IdentityKind.Student),
            Bills.Of(2_000m, 1_000m), Facilities.In("340100"));
        Assert.Contains("按困难人员、学生的标准计算。", sentences);
        Assert.Contains("Above 100.00 yuan: 900.00 × 85% = 765.00 yuan.", sentences);
    }

    [Fact]
    public void A_cap_under_a_plan_that_cannot_be_found_names_no_clause()
    {
        var sentences = Sentences(new Person(ShippedPlans.Tongliao), Bills.Of(500_000m), Facilities.Tongliao,
            Catalog.Empty);
        Assert.Contains("合计 425,600.00 元，超过限额余额，按限额支付。", sentences);
        Assert.Contains("Together 425,600.00 yuan, limited by what the cap leaves.", sentences);
        Assert.Contains("tongliao-resident-critical-2025（critical）：本次计入累计 500,000.00 元，可支付基数 500,000.00 元。",
            sentences);
    }

    [Fact]
    public void A_start_under_a_plan_that_cannot_be_found_is_on_another_measure()
    {
        var (_, person, bill, at) = OfStartsElsewhere().First();
        var sentences = Sentences(person, bill, at, Catalog.Empty);
        Assert.Contains(sentences, s => s.Contains("按另一项费用的累计计算"));
        Assert.Contains(sentences, s => s.Contains("stands on another measure, whose"));
    }

    [Fact]
    public void Where_cap_and_base_leave_the_same_the_base_is_named()
    {
        // Banded 360,000; 300,000 under the cap, and 300,000 that basic left.
        var sentences = Sentences(new Person(ShippedPlans.FujianSample), Bills.Of(500_000m, 200_000m),
            Facilities.In("350400"));
        Assert.Contains("合计 360,000.00 元，不超过先行支付后剩余的 300,000.00 元。", sentences);
    }

    /// <summary>Measures, periods and conditions that none of the shipped plans uses.</summary>
    const string Rare = """
        format: settlementgrid-plan/1
        id: rare
        name: { zh: 少见, en: Rare }
        kind: LARGE
        order: 1
        region: "340100"
        effective: { from: 2020-01-01, clause: "1" }
        identity_groups:
          poor: { name: { zh: 困难人员, en: the poor }, identities: [EXTREME_POVERTY, RESCUE], clause: "1" }
        layers:
          - id: pool
            name: { zh: 少见, en: Rare }
            clause: "2"
            payer: the pool
            fund_code: "330101"
            care_types: ALL
            measure: BASIC_PAID
            period: MONTH
            start: { amount: 100, clause: "2" }
            rates:
              - when: { identities: [poor], identities_all: [STUDENT] }
                bands: [{ from: start, rate: 90% }]
                clause: "3"
              - when:
                  identities: [EXTREME_POVERTY, ORPHAN, LOW_INCOME, LOW_INCOME_DISABLED, RETURNED_TO_POVERTY, RESCUE,
                    STUDENT, PREEXISTING, PREEXISTING_RARE]
                bands: [{ from: start, rate: 80% }]
                clause: "4"
              - { when: { identities_none: [poor] }, bands: [{ from: start, rate: 70% }], clause: "5" }
              - { bands: [{ from: start, rate: 60% }], clause: "6" }
          - id: burden
            name: { zh: 负担, en: burden }
            clause: "6"
            payer: the pool
            fund_code: "330101"
            care_types: ALL
            measure: BURDEN_AFTER_ALL
            rates: { bands: [{ from: start, to: 500, rate: 10% }, { from: 500, rate: 33.33% }], clause: "6" }
        """;

    static readonly Plan Sanming = ShippedPlans.Sanming with { Effective = default };
    static readonly FacilityProfile Elsewhere = Facilities.In("350100");
    static readonly FacilityProfile Second = new("f-2", "", "350402", 2, true, true, true, Registered: true);

    static IEnumerable<(string Title, Person Person, Bill Bill, FacilityProfile At)> OfSanming()
    {
        var bill = Bills.Of(60_000m, 20_000m) with
        {
            Total = Money.Yuan(90_000m), Unreasonable = Money.Yuan(5_000m), PriorPlansPaid = Money.Yuan(3_000m),
            AssistancePaid = Money.Yuan(2_000m),
        };
        yield return ("every payer before, at a facility without an entry, under a backstop without a start",
            new Person(Sanming), bill, Facilities.Named("sanming"));
        yield return ("the same at a registered hospital", new Person(Sanming), bill, Second);
        yield return ("a hospital of the first level", new Person(Sanming), bill, Second with { Level = 1 });
        yield return ("elsewhere, with a listed disease and under rescue",
            new Person(Sanming).As(IdentityKind.Preexisting, IdentityKind.Rescue), bill, Elsewhere);
        yield return ("a drug of a class that is not covered", new Person(Sanming).As(IdentityKind.Preexisting),
            bill with { CareType = CareType.SpecificCancerDrug, DrugClass = DrugClass.A }, Second);
    }

    static IEnumerable<(string Title, Person Person, Bill Bill, FacilityProfile At)> OfOtherCities()
    {
        yield return ("Fujian beyond its cap",
            new Person(ShippedPlans.FujianSample), Bills.Of(500_000m), Facilities.In("350400"));
        yield return ("Dalian in hardship",
            new Person(ShippedPlans.DalianSample).As(IdentityKind.LowIncome), Bills.Of(50_000m, 20_000m),
            Facilities.In("210200"));
        var drug = Bills.Of(10_000m) with
        {
            CareType = CareType.OutpatientHighValueDrug, OverCapEligible = Money.Yuan(8_000m),
        };
        yield return ("Dalian's drugs", new Person(ShippedPlans.DalianSample), drug, Facilities.In("210200"));
        yield return ("Dalian has no layer for this kind of care", new Person(ShippedPlans.DalianSample),
            drug with { CareType = CareType.RareDiseaseDrug }, Facilities.In("210200"));
    }

    static IEnumerable<(string Title, Person Person, Bill Bill, FacilityProfile At)> OfRarePlan()
    {
        var plan = PlanFile.Read(Rare) is { Plan: { } read, Findings.Count: 0 } ? read
            : throw new InvalidOperationException(string.Join("; ", PlanFile.Read(Rare).Findings));
        var facility = Facilities.In("340100");
        yield return ("a month, basic payments, a burden", new Person(plan), Bills.Of(2_000m, 1_000m), facility);
        yield return ("every identity by name", new Person(plan).As(IdentityKind.Orphan), Bills.Of(2_000m, 1_000m),
            facility);
        yield return ("a group and an identity together",
            new Person(plan).As(IdentityKind.Rescue, IdentityKind.Student),
            Bills.Of(2_000m, 1_000m), facility);
        var later = new Person(plan);
        later.Settle(Bills.Of(2_000m, 1_000m), facility);
        yield return ("nothing more in the month", later, Bills.Of(0), facility);
        yield return ("exactly at the start", new Person(plan), Bills.Of(200m, 100m), facility);
    }

    /// <summary>A start on each of the measures: not reached, reached with this bill, reached before.</summary>
    static IEnumerable<(string Title, Person Person, Bill Bill, FacilityProfile At)> OfStartsElsewhere()
    {
        var at = Facilities.In("340100");
        string[] measures =
            ["ELIGIBLE", "BASIC_PAID", "BURDEN_AFTER_ALL", "REASONABLE_LESS_PRIOR", "ELIGIBLE_LESS_PRIOR",
            "OVER_CAP_ELIGIBLE"];
        foreach (var measure in measures)
        {
            var over = measure == "OVER_CAP_ELIGIBLE" ? "\n            over_cap: STATED" : "";
            var plan = Further_city_tests.Read(Elsewhere(measure + over));
            var bill = Bills.Of(1_000m, 500m) with { OverCapEligible = Money.Yuan(450m) };
            yield return ("a start on " + measure, new Person(plan), bill, at);
        }
        yield return ("a start on the person's own share",
            new Person(Further_city_tests.Read(Elsewhere("OWN_ELIGIBLE_SHARE")
                .Replace("measure: OWN_ELIGIBLE_SHARE\n    start_m", "measure: ELIGIBLE\n    start_m",
                    StringComparison.Ordinal))),
            Bills.Of(1_000m, 500m), at);
        var eligible = Further_city_tests.Read(Elsewhere("ELIGIBLE"));
        yield return ("a start on eligible cost, not reached", new Person(eligible), Bills.Of(100m), at);
        var person = new Person(eligible);
        person.Settle(Bills.Of(400m), at);
        yield return ("a start on eligible cost, reached exactly before", person, Bills.Of(100m), at);

        static string Elsewhere(string startMeasure) => $$"""
            format: settlementgrid-plan/1
            id: elsewhere
            name: { zh: 另计, en: Elsewhere }
            kind: LARGE
            order: 1
            region: "340100"
            effective: { from: 2020-01-01, clause: "1" }
            layers:
              - id: a
                name: { zh: 另计, en: Elsewhere }
                clause: "2"
                payer: the pool
                fund_code: "330101"
                care_types: ALL
                measure: OWN_ELIGIBLE_SHARE
                start_measure: {{startMeasure.Replace("            over", "    over", StringComparison.Ordinal)}}
                start: { amount: 400, clause: "2" }
                rates: { bands: [{ from: start, rate: 50% }], clause: "3" }
            """;
    }

    static IEnumerable<(string Title, Person Person, Bill Bill, FacilityProfile At)> LeftOut()
    {
        var person = new Person(ShippedPlans.Tongliao, ShippedPlans.Tongliao with { Id = "second", Order = 999 });
        person.Roster = person.Roster with
        {
            Coverages =
                [.. person.Roster.Coverages, new Coverage("ended", new DaySpan(null, new DateOnly(2024, 1, 1)))],
        };
        yield return ("a second plan of the kind and a cover that ended", person, Bills.Of(1_000m),
            Facilities.Tongliao);
    }
}
