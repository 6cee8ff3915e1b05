namespace SettlementGrid.Plans.Tests;

/// <summary>A settled bill on other accumulators: nothing is refused, nothing is guessed.</summary>
public class Rating_again_tests
{
    static readonly Plan Puyang = ShippedPlans.Puyang with { Effective = default };
    static readonly AccumulatorKey Large = new(Puyang.Id, "large", new Period(2025));

    static PlanVersion[] Versions(params Plan[] plans) => [.. plans.Select(p => new PlanVersion(p, 1, ""))];

    static Dictionary<AccumulatorKey, Accumulator> BasicOf(decimal basic) => new()
    {
        [Large] = new Accumulator(Money.Yuan(500m), default, Money.Yuan(basic), 1),
    };

    static AdjudicationInput Input(Bill bill, decimal basicBefore) =>
        new(bill, new Person(Puyang).Roster, Facilities.Puyang, BasicOf(basicBefore));

    static Money Counted(AdjudicationOutcome? outcome, string layer = "large") => outcome!.Layers
        .Where(l => l.PlanId == Puyang.Id && l.LayerId == layer).Select(l => l.PositionAfter - l.PositionBefore)
            .Single();

    [Fact]
    public void An_over_cap_amount_that_can_no_longer_be_derived_stays_as_first_found()
    {
        var bill = Bills.Of(10_000m);
        var first = Adjudication.SettleAgain(Input(bill, 110_000m), Versions(Puyang)).Outcome!;
        Assert.Equal(Money.Yuan(10_000m), Counted(first));
        // With 1,000 of basic the cap is reached within the bill: only the pool's system could tell.
        var within = bill with { BasicPaid = Money.Yuan(1_000m) };
        Assert.Equal("OVER_CAP_ELIGIBLE_REQUIRED",
            Adjudication.SettleAgain(Input(within, 109_000m), Versions(Puyang)).Refusal?.Code);
        Assert.Equal(Money.Yuan(10_000m), Counted(Again(within, 109_000m, first)));
        // Where the first outcome has no such layer, nothing was over the cap.
        Assert.Equal(Money.Zero, Counted(Again(within, 109_000m, first with { Layers = [] })));
        // Below the cap and above it, it is derived afresh.
        Assert.Equal(Money.Zero, Counted(Again(within, 108_999.99m, first)));
        Assert.Equal(Money.Yuan(9_000m), Counted(Again(within, 110_000m, first)));
    }

    [Fact]
    public void What_was_first_found_is_looked_up_by_plan_and_by_layer()
    {
        var own = new Layer
        {
            Id = "own", NameZh = "own", NameEn = "own", Payer = "p", Clause = "c", Measure = Measure.Eligible,
            Takes = Condition.Always, FundCodes = [],
            Rates = [new(Condition.Always, new([new(null, RateSource.Of(new(1)))]), "")],
        };
        var two = Puyang with { Layers = [own, .. Puyang.Layers] };
        var other = Puyang with { Id = "other", Kind = PlanKind.Puhui, Order = 1 };
        var found = new LayerResult(Puyang.Id, 1, "large", new Period(2025), "", "", CarePlace.InRegion, default,
            Money.Yuan(500m), Money.Yuan(800m), [], default, default, default, null, LayerNote.None, "");
        var first = new AdjudicationOutcome(
            [
                found with { PlanId = "other", PositionAfter = Money.Yuan(700m) },
                found with { LayerId = "own", PositionAfter = Money.Yuan(900m) },
                found,
            ], [], [], "");
        var bill = Bills.Of(10_000m, 1_000m);
        var again = Adjudication.RateAgain(Input(bill, 109_000m), Versions(two, other), first);
        Assert.Equal(Money.Yuan(300m), Counted(again));
    }

    [Theory]
    [InlineData(Measure.OverCapEligible, 300)]
    [InlineData(Measure.BasicPaid, 7_000)]
    public void What_was_first_found_of_a_start_on_it_is_the_starts_own_way(Measure start, decimal found)
    {
        var layer = new Layer
        {
            Id = "large", NameZh = "large", NameEn = "large", Payer = "p", Clause = "c", FundCodes = [],
            Measure = start == Measure.BasicPaid ? Measure.OverCapEligible : Measure.Eligible, StartMeasure = start,
            OverCap = OverCapSource.FromBasicCap, Takes = Condition.Always,
            Rates = [new(Condition.Always, new([new(null, RateSource.Of(new(1)))]), "")],
        };
        var result = new LayerResult(Puyang.Id, 1, "large", new Period(2025), "", "", CarePlace.InRegion, default,
            Money.Yuan(1_000m), Money.Yuan(8_000m), [], default, default, default, null, LayerNote.None, "")
        {
            OtherStart = new StartStanding(Money.Yuan(500m), Money.Yuan(800m)),
        };
        var again = Adjudication.RateAgain(Input(Bills.Of(10_000m, 1_000m), 109_000m),
            Versions(Puyang with { Layers = [layer] }), new AdjudicationOutcome([result], [], [], ""))!.Layers[0];
        var counted = start == Measure.OverCapEligible
            ? again.OtherStart!.Value.After - again.OtherStart.Value.Before
            : again.PositionAfter - again.PositionBefore;
        Assert.Equal(Money.Yuan(found), counted);
    }

    static AdjudicationOutcome? Again(Bill bill, decimal basicBefore, AdjudicationOutcome first) =>
        Adjudication.RateAgain(Input(bill, basicBefore), Versions(Puyang), first);

    [Fact]
    public void What_no_longer_fits_into_the_total_is_not_rated()
    {
        var bill = Bills.Of(10_000m) with { AssistancePaid = Money.Yuan(1_000m) };
        var nothing = new AdjudicationOutcome([], [], [], "");
        Assert.Equal(Money.Yuan(9_000m), Again(bill, 110_000m, nothing)!.PlansPaid);
        Assert.Null(Again(bill with { AssistancePaid = Money.Yuan(1_000.01m) }, 110_000m, nothing));
    }

    [Fact]
    public void Plans_are_rated_in_their_order_whatever_the_order_they_are_given_in()
    {
        var later = Puyang with { Id = "a-later", Kind = PlanKind.Puhui, Order = Puyang.Order + 1 };
        var input = Input(Bills.Of(1_000m), 110_000m);
        input = input with
        {
            Accumulators = new Dictionary<AccumulatorKey, Accumulator>(input.Accumulators)
            {
                [Large with { PlanId = "a-later" }] = input.Accumulators[Large],
            },
        };
        string[] expected = [Puyang.Id + " 900.00", "a-later 100.00"];
        foreach (var outcome in new[]
        {
            Adjudication.SettleAgain(input, Versions(later, Puyang)).Outcome!,
            Adjudication.RateAgain(input, Versions(later, Puyang), new AdjudicationOutcome([], [], [], ""))!,
        })
        {
            Assert.Equal(expected, outcome.Layers.Select(l => $"{l.PlanId} {l.Paid}"));
            Assert.Equal([Puyang.Id, "a-later"], outcome.Counted.Select(c => c.PlanId));
        }
    }
}
