using FsCheck.Fluent;
using SettlementGrid.PlanFiles;

namespace SettlementGrid.Plans.Tests;

/// <summary>
/// A layer whose bands are measured on one measure while it opens on another: it begins to pay once the eligible cost,
/// or the basic payments, of the year have passed an amount.
/// </summary>
public class Start_measure_tests
{
    static string Text(string startMeasure, string bandsOn) => $$"""
        format: settlementgrid-plan/1
        id: opens-elsewhere
        name: { zh: 另计起付, en: opens elsewhere }
        kind: CRITICAL
        order: 1
        region: "340100"
        effective: { from: 2020-01-01, clause: "1" }
        layers:
          - id: critical
            name: { zh: 大病, en: critical }
            clause: "1"
            payer: an insurer
            fund_code: "390201"
            care_types: [INPATIENT]
            measure: OWN_ELIGIBLE_SHARE
            {{startMeasure}}
            bands_on: {{bandsOn}}
            start:
              - { when: { identities: [LOW_INCOME] }, amount: 5000, clause: "2" }
              - { amount: 10000, clause: "2" }
            rates:
              clause: "3"
              bands:
                - { from: start, to: 5000, rate: 60% }
                - { from: 5000, rate: 80% }
            cap: { amount: 100000, clause: "4" }
        """;

    static Plan Plan(string startMeasure, string bandsOn = "POSITION") =>
        Read(Text($"start_measure: {startMeasure}", bandsOn));

    static Plan Read(string text)
    {
        var reading = PlanFile.Read(text);
        Assert.Empty(reading.Findings);
        return reading.Plan!;
    }

    [Fact]
    public void Eligible_cost_opens_the_layer_and_the_persons_share_is_measured() =>
        Histories.Check(Plan("ELIGIBLE"), """
        eligible basic => critical position deductible left
        9999.99  6000  => 0        3999.99  0.01       100000
        0.01     0     => 0        4000     0          100000     // 10,000 is reached, nothing lies above it
        0.01     0     => 0.01     4000.01  0          99999.99   // a fen at 60 %
        2000     500   => 1000     5500.01  0          98999.99   // 999.99 × 60 % + 500.01 × 80 %
        -------
        11000    4000  => 800      7000     0          99200      // of 7,000 the upper 1,000
        -------
        11000    10500 => 300      500      0          99700      // its own share is less than what lies above
        -------
        10000.01 0     => 0.01     10000.01 0          99999.99   // a fen above the start, at 80 %
        """);

    [Fact]
    public void On_the_excess_the_position_waits_until_it_opens() => Histories.Check(Plan("ELIGIBLE", "EXCESS"), """
        eligible basic => critical position deductible
        9000     3000  => 0        0        1000
        2000     0     => 600      1000     0
        10000    4000  => 4000     7000     0          // 4,000 × 60 % + 2,000 × 80 %
        """);

    [Fact]
    public void Basic_payments_open_it_and_bills_without_any_are_paid_in_full_from_then_on() =>
        Histories.Check(Plan("BASIC_PAID"), """
        eligible basic => critical position deductible
        12000    9999  => 0        2001     1
        5000     2000  => 1199.60  5001     0          // 1,999 above the start: 1,998 at 60 % (to 5,000) and 1 at 80 %
        1000     0     => 800      6001     0
        """);

    [Fact]
    public void Identity_chooses_the_start_and_other_care_moves_nothing() => Histories.Check(Plan("ELIGIBLE"), """
        who       care               eligible basic => critical position deductible
        ordinary  Inpatient          6000     0     => 0        6000     4000
        LowIncome AccidentOutpatient 9000     0     => -        -        -
        LowIncome Inpatient          100      0     => 80       6100     0
        ordinary  Inpatient          100      0     => 0        6200     3800
        """);

    [Fact]
    public void The_start_keeps_its_position_beside_the_layers_and_reversing_takes_it_back()
    {
        var person = new Person(Plan("ELIGIBLE"));
        var outcome = person.Settle(Bills.Of(11_000m, 4_000m), Facilities.In("340100")).Outcome!;
        var key = new AccumulatorKey("opens-elsewhere", "critical:start", new Period(2025));
        Assert.Equal(new Accumulator(Money.Yuan(11_000m), default, default, 1), person.Accumulators[key]);
        Assert.Equal(new StartStanding(Money.Zero, Money.Yuan(11_000m)), outcome.Layers[0].OtherStart);
        person.TakeBack(outcome);
        Assert.Empty(person.Accumulators);
    }

    [Fact]
    public void The_receipt_says_where_the_start_stands()
    {
        var person = new Person(Plan("ELIGIBLE"));
        Assert.Contains(
            "2025 年度累计由 0.00 元增至 5,000.00 元。起付线 10,000.00 元按合规费用的累计计算，该累计由 0.00 元增至 9,000.00 元，还差 1,000.00 元。",
            Said(9_000m, 4_000m, Language.Chinese));
        Assert.Contains(
            "The position of 2025 moves from 5,000.00 to 8,000.00 yuan. The start of 10,000.00 yuan stands on eligible "
            + "cost, whose position moves from 9,000.00 to 12,000.00 yuan: 2,000.00 yuan of it above the start, for "
                + "which "
            + "at most the layer pays.",
            Said(3_000m, 0m, Language.English));
        Assert.Contains(
            "2025 年度累计由 8,000.00 元增至 8,001.00 元。起付线 10,000.00 元按合规费用的累计计算，该累计由 12,000.00 元增至 12,001.00 元，此前已达到起付线。",
            Said(1m, 0m, Language.Chinese));

        IReadOnlyList<string> Said(decimal eligible, decimal basic, Language language)
        {
            var (bill, at) = (Bills.Of(eligible, basic), Facilities.In("340100"));
            return Explanation.Sentences(bill, person.Settle(bill, at).Outcome!, at, person.Catalog, language);
        }
    }

    /// <summary>Where both measures are equal it must be the same as a start on the position.</summary>
    [Theory]
    [InlineData("POSITION")]
    [InlineData("EXCESS")]
    public void Without_basic_payments_a_start_on_eligible_cost_is_a_start_on_the_position(string bandsOn)
    {
        var (elsewhere, plain) = (Plan("ELIGIBLE", bandsOn), Read(Text("# no start_measure", bandsOn)));
        Generators.Law(Gen.Choose(0, int.MaxValue - 1), seed =>
        {
            var dice = new Dice(seed);
            var (one, other) = (new Person(elsewhere), new Person(plain));
            for (var bills = 2 + dice.Below(8); bills > 0; bills--)
            {
                var eligible = new Money(dice.Fen(5_000, 10_000, 15_000));
                var bill = Bills.Of(0) with { Total = eligible, Eligible = eligible };
                var (a, b) = (Layer(one, bill), Layer(other, bill));
                Assert.Equal((b.Paid, b.Deductible, b.DeductibleRemaining),
                    (a.Paid, a.Deductible, a.DeductibleRemaining));
                Assert.Equal(b.Bands.Select(band => band.Paid), a.Bands.Select(band => band.Paid));
            }
        });

        static LayerResult Layer(Person person, Bill bill) =>
            person.Settle(bill, Facilities.In("340100")).Outcome!.Layers[0];
    }

    [Fact]
    public void Rated_again_it_is_as_settled_afresh() => Generators.Law(Gen.Choose(0, int.MaxValue - 1), seed =>
    {
        var dice = new Dice(seed);
        var plan = Plan("BASIC_PAID", dice.Below(2) == 0 ? "POSITION" : "EXCESS");
        var (history, afresh) = (new History(plan), new History(plan));
        for (var bills = 2 + dice.Below(6); bills > 0; bills--)
        {
            var eligible = dice.Fen(5_000, 10_000, 15_000);
            var bill = Bills.Of(0) with
            {
                Total = new Money(eligible), Eligible = new Money(eligible),
                BasicPaid = new Money(eligible * dice.Below(100) / 100),
            };
            Assert.Null(history.Settle(new Stay(bill, new Person(plan).Roster, Facilities.In("340100"))));
        }
        history.Remove(dice.Below(history.Stays.Count));
        foreach (var settled in history.Stays)
        {
            Assert.Null(afresh.Settle(settled.Stay));
            Assert.Equal(afresh.Stays[^1].Outcome.Layers, settled.Outcome.Layers);
        }
        Assert.Equal(afresh.Accumulators, history.Accumulators);
    });

    [Theory]
    [InlineData("start_measure: OWN_ELIGIBLE_SHARE", "", "start_measure: is the layer's own measure")]
    [InlineData("start_measure: ELIGIBLE", "on: COST, ", "start_measure: cannot stand with a cap on COST")]
    [InlineData("start_measure: OVER_CAP_ELIGIBLE", "", "over_cap: 'over_cap' is missing")]
    [InlineData("start_measure: ELIGIBEL", "", "unknown word 'ELIGIBEL'; did you mean 'ELIGIBLE'?")]
    [InlineData("over_cap: STATED", "", "only where measure or start_measure is OVER_CAP_ELIGIBLE")]
    public void What_a_start_measure_cannot_be_is_a_finding(string startMeasure, string cap, string finding)
    {
        var text = Text(startMeasure, "POSITION")
            .Replace("amount: 100000", cap + "amount: 100000", StringComparison.Ordinal);
        Assert.Contains(finding, Assert.Single(PlanFile.Read(text).Findings).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_start_and_under_a_layer_id_of_a_start_it_is_a_finding()
    {
        var text = Text("start_measure: ELIGIBLE", "POSITION");
        var from = text.IndexOf("    start:", StringComparison.Ordinal);
        var without = text.Remove(from, text.IndexOf("    rates:", StringComparison.Ordinal) - from);
        Assert.Contains("only where there is a start", Assert.Single(PlanFile.Read(without).Findings).MessageEn);
        var layer = text[text.IndexOf("  - id:", StringComparison.Ordinal)..];
        var second = layer.Replace("- id: critical", "- id: critical:start", StringComparison.Ordinal);
        Assert.Equal("layers[1].id", Assert.Single(PlanFile.Read($"{text}\n{second}").Findings).Path);
        Assert.Empty(PlanFile.Read(text.Replace(layer, second, StringComparison.Ordinal)).Findings);
    }
}
