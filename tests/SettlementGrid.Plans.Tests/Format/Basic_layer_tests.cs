using FsCheck.Fluent;
using SettlementGrid.PlanFiles;

namespace SettlementGrid.Plans.Tests;

/// <summary>
/// A city that has its basic pool computed in the same call: a start for each admission by the facility's level and by
/// which admission of the year it is, a share by level and insurance, a yearly cap, and what is cut off by it.
/// </summary>
public class Basic_layer_tests
{
    internal const string Pool = """
        format: settlementgrid-plan/1
        id: seventh-city
        name: { zh: 第七市, en: A seventh city }
        kind: LARGE
        order: 10
        region: "350400"
        effective: { from: 2020-01-01, clause: "1" }
        basic:
          cap: { amount: 10000, clause: "4" }
        layers:
          - id: pool
            name: { zh: 基本医保统筹, en: basic pool }
            clause: "1"
            payer: the pool
            fund_code: "310101"
            basic: true
            care_types: [INPATIENT]
            places: [IN_REGION]
            measure: ELIGIBLE
            per_case:
              - { when: { facility_levels: [3], from_case: 2 }, amount: 400, clause: "2" }
              - { when: { facility_levels: [3] }, amount: 800, clause: "2" }
              - { amount: 300, clause: "2" }
            rates:
              - when: { facility_levels: [3], insurances: [EMPLOYEE] }
                bands: [{ from: start, rate: 85% }]
                clause: "3"
              - { when: { facility_levels: [3] }, bands: [{ from: start, rate: 70% }], clause: "3" }
              - { bands: [{ from: start, rate: 80% }], clause: "3" }
            cap: { amount: 10000, clause: "4" }
          - id: large
            name: { zh: 大额, en: large }
            clause: "5"
            payer: an insurer
            fund_code: "330101"
            care_types: ALL
            measure: OVER_CAP_ELIGIBLE
            over_cap: FROM_BASIC_CAP
            rates:
              clause: "5"
              bands: [{ from: start, rate: 90% }]
        """;

    const string OwnLayer = """

          - id: own
            name: { zh: 个人负担, en: own share }
            clause: "6"
            payer: an insurer
            fund_code: "390201"
            care_types: ALL
            measure: OWN_ELIGIBLE_SHARE
            rates:
              clause: "6"
              bands: [{ from: start, rate: 50% }]
        """;

    static readonly Plan City = Read(Pool + OwnLayer);

    static readonly FacilityProfile Third = new("f", "", "350402", 3, true, true, true, Registered: true);

    static Plan Read(string text)
    {
        var reading = PlanFile.Read(text);
        Assert.Empty(reading.Findings);
        return reading.Plan!;
    }

    [Fact]
    public void The_pool_pays_first_and_the_layers_behind_it_see_what_it_paid() => Histories.Check(City, """
        eligible => pool large   own
        5000     => 2940 0       1030     // (5,000 − 800) × 70 %, half of the other 2,060
        10400    => 7000 0       1700     // from the second admission on 400
        2400     => 60   1722.86 617.14   // 60 are left: they use up 85.71 of 2,000; own share 2,340
        1000     => 0    900     100      // the cap was reached before: all of it is over the cap
        """, Third);

    [Fact]
    public void Level_and_insurance_choose_start_and_share()
    {
        var person = new Person(City);
        person.Roster = person.Roster with { Insurance = Insurance.Employee };
        Assert.Equal(Money.Yuan(3_570m), Paid(person, Third));
        Assert.Equal(Money.Yuan(3_760m), Paid(new Person(City), Facilities.In("350400")));

        static Money Paid(Person person, FacilityProfile at) =>
            person.Settle(Bills.Of(5_000m), at).Outcome!.Layers[0].Paid;
    }

    [Fact]
    public void Where_no_basic_layer_takes_the_bill_the_requests_amount_counts() => Histories.Check(City, """
        at      care               eligible basic => pool own  refused
        fuzhou  Inpatient          1000     400   => -    300  -
        sanming AccidentOutpatient 1000     400   => -    300  -
        fuzhou  Inpatient          10000    9199  => -    400.50 -
        fuzhou  Inpatient          1000     1.01  => -    -    BASIC_CAP_EXCEEDED
        """);

    [Fact]
    public void A_stated_basic_payment_beside_a_computed_one_is_refused()
    {
        var refusal = new Person(City).Settle(Bills.Of(1_000m, 0.01m), Third).Refusal!;
        Assert.Equal("MALFORMED_REQUEST", refusal.Code);
        Assert.Equal(("basic_paid_fen", "pool"), (refusal.Numbers["field"], refusal.Numbers["layer_id"]));
    }

    [Fact]
    public void A_later_plan_of_the_chain_sees_it_too_and_books_it()
    {
        var text = Pool.Replace("seventh-city", "after", StringComparison.Ordinal)
            .Replace("kind: LARGE", "kind: CRITICAL", StringComparison.Ordinal)
            .Replace("order: 10", "order: 20", StringComparison.Ordinal);
        var after = Read(text[..text.IndexOf("  - id: pool", StringComparison.Ordinal)].TrimEnd() + OwnLayer);
        var person = new Person(Read(Pool), after);
        var outcome = person.Settle(Bills.Of(5_000m), Third).Outcome!;
        Assert.Equal(["pool 2,940.00", "large 0.00", "own 1,030.00"],
            outcome.Layers.Select(layer => $"{layer.LayerId} {layer.Paid}"));
        Assert.Equal(Money.Yuan(2_940m),
            person.Accumulators[new AccumulatorKey("after", "own", new Period(2025))].BasicPaid);
        Assert.Equal(Money.Yuan(2_940m),
            person.Accumulators[new AccumulatorKey("seventh-city", "pool", new Period(2025))].BasicPaid);
        person.TakeBack(outcome);
        Assert.Empty(person.Accumulators);
    }

    static readonly Plan SecondCity =
        Read((Pool + OwnLayer).Replace("seventh-city", "second-city", StringComparison.Ordinal)
        .Replace("kind: LARGE", "kind: CRITICAL", StringComparison.Ordinal)
        .Replace("order: 10", "order: 20", StringComparison.Ordinal));

    [Theory]
    [InlineData("INPATIENT", "都计算基本医保支付", "both compute the basic payment")]
    [InlineData("OUTPATIENT_SPECIAL_DISEASE", "须先于", "must be settled before")]
    public void Two_plans_that_compute_the_basic_payment_of_one_bill_are_refused_by_name(
        string firstTakes, string zh, string en)
    {
        var first = Read((Pool + OwnLayer).Replace("[INPATIENT]", $"[{firstTakes}]", StringComparison.Ordinal));
        var refusal = new Person(first, SecondCity).Settle(Bills.Of(5_000m), Third).Refusal!;
        Assert.Equal("NOT_COVERED", refusal.Code);
        Assert.Equal(("seventh-city", "second-city"), (refusal.Numbers["plan_id"], refusal.Numbers["other_plan_id"]));
        Assert.Contains(zh, refusal.MessageZh, StringComparison.Ordinal);
        Assert.Contains(en, refusal.MessageEn, StringComparison.Ordinal);
        Assert.Contains("seventh-city", refusal.MessageEn, StringComparison.Ordinal);
        Assert.Contains("second-city", refusal.MessageEn, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_such_plans_are_no_obstacle_where_only_one_counts_or_only_one_computes()
    {
        // Of one kind only the first counts; outside the region neither pool takes the bill.
        var ofOneKind = new Person(City, SecondCity with { Kind = PlanKind.Large });
        Assert.Equal(["pool", "large", "own"],
            ofOneKind.Settle(Bills.Of(5_000m), Third).Outcome!.Layers.Select(layer => layer.LayerId));
        var outside = new Person(City, SecondCity).Settle(Bills.Of(1_000m, 400m), Facilities.In("350100"));
        Assert.Equal(4, outside.Outcome!.Layers.Count);
    }

    [Fact]
    public void What_the_pool_paid_is_none_of_the_plans_part()
    {
        var outcome = new Person(City).Settle(Bills.Of(5_000m), Third).Outcome!;
        Assert.Equal([true, false, false], outcome.Layers.Select(layer => layer.IsBasic));
        Assert.Equal((Money.Yuan(2_940m), Money.Yuan(1_030m)), (outcome.BasicComputed, outcome.PlansPaid));
    }

    [Fact]
    public void Rated_again_it_is_as_settled_afresh_and_taken_back_nothing_is_left() =>
        Generators.Law(Gen.Choose(0, int.MaxValue - 1), seed =>
        {
            var dice = new Dice(seed);
            var (history, afresh) = (new History(City), new History(City));
            var bills = Enumerable.Range(0, 2 + dice.Below(6)).Select(_ => new Money(dice.Fen(400, 5_000, 10_000)));
            foreach (var eligible in bills)
                Assert.Null(history.Settle(new Stay(
                    Bills.Of(0) with { Total = eligible, Eligible = eligible }, new Person(City).Roster, Third)));
            history.Remove(dice.Below(history.Stays.Count));
            foreach (var settled in history.Stays)
            {
                Assert.Null(afresh.Settle(settled.Stay));
                Assert.Equal(afresh.Stays[^1].Outcome.Layers, settled.Outcome.Layers);
                // The cap bounds the pool, and what it cuts off is never more than what it did not pay.
                var (pool, large) = (settled.Outcome.Layers[0], settled.Outcome.Layers[1]);
                Assert.InRange(large.Base.Fen, 0, settled.Stay.Bill.Eligible.Fen - pool.Paid.Fen);
                Assert.InRange(pool.PaidBefore.Fen + pool.Paid.Fen, 0, 1_000_000);
            }
            while (history.Stays.Count > 0)
                history.Remove(dice.Below(history.Stays.Count));
            Assert.Empty(history.Accumulators);
        });

    [Fact]
    public void The_receipt_says_it_as_basic()
    {
        var person = new Person(City);
        var bill = Bills.Of(5_000m);
        var sentences = Explanation.Sentences(
            bill, person.Settle(bill, Third).Outcome!, Third, person.Catalog, Language.Chinese);
        Assert.Contains(sentences, sentence => sentence.Contains("合规费用 5,000.00 元减基本医保支付 2,940.00 元"));
        Assert.Equal("总费用 5,000.00 元：基本医保 2,940.00 元、各险种 1,030.00 元，个人负担 1,030.00 元。", sentences[^1]);
    }

    [Theory]
    [InlineData("measure: ELIGIBLE\n", "measure: BASIC_PAID\n")]
    [InlineData("cap: { amount: 10000, clause: \"4\" }\n  - id", "cap: { amount: 1, on: COST, clause: \"4\" }\n  - id")]
    [InlineData("    measure: OVER_CAP_ELIGIBLE\n    over_cap: FROM_BASIC_CAP",
        "    basic: true\n    measure: BASIC_PAID")]
    public void A_basic_layer_that_could_not_be_what_it_says_is_a_finding(string sound, string broken)
    {
        Assert.Contains(sound, Pool, StringComparison.Ordinal);
        var reading = PlanFile.Read(Pool.Replace(sound, broken, StringComparison.Ordinal));
        Assert.Contains("a basic layer stands before all others", Assert.Single(reading.Findings).MessageEn);
    }

    [Fact]
    public void A_basic_layer_behind_another_is_a_finding()
    {
        var reading = PlanFile.Read(Pool + OwnLayer.Replace("OWN_ELIGIBLE_SHARE", "ELIGIBLE", StringComparison.Ordinal)
            .Replace("    care_types", "    basic: true\n    care_types", StringComparison.Ordinal));
        Assert.Equal("layers[2].basic", Assert.Single(reading.Findings).Path);
    }
}
