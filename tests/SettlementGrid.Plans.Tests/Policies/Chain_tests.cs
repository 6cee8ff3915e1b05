namespace SettlementGrid.Plans.Tests;

/// <summary>Which plans count, in which order, and what the later ones see of the earlier.</summary>
public class Chain_tests
{
    static readonly Plan Base = ShippedPlans.Puyang with { Effective = default };

    static Plan Renamed(string id, PlanKind kind, int order) => Base with { Id = id, Kind = kind, Order = order };

    static Person Over(params Plan[] plans)
    {
        var person = new Person(plans);
        foreach (var plan in plans)
            person.Accumulators[new AccumulatorKey(plan.Id, "large", new Period(2025))] =
                new Accumulator(default, default, Money.Yuan(110_000m), 1);
        return person;
    }

    [Fact]
    public void Plans_are_settled_in_order_then_by_id_and_each_sees_what_the_earlier_paid()
    {
        var person = Over(Renamed("b", PlanKind.Puhui, 2), Renamed("c", PlanKind.Large, 1),
            Renamed("a", PlanKind.Critical, 2));
        var outcome = person.Settle(Bills.Of(1_000m), Facilities.Puyang).Outcome!;
        Assert.Equal(["c 1,000.00 900.00", "a 100.00 100.00", "b 0.00 0.00"],
            outcome.Layers.Select(layer => $"{layer.PlanId} {layer.Base} {layer.Paid}"));
        Assert.Equal(LayerNote.LimitedByBase, outcome.Layers[1].Note);
        Assert.Equal(Money.Yuan(1_000m), outcome.PlansPaid);
    }

    [Fact]
    public void The_second_plan_of_a_kind_is_left_out()
    {
        var outcome = Over(Renamed("b", PlanKind.Large, 1), Renamed("a", PlanKind.Large, 1))
            .Settle(Bills.Of(1_000m), Facilities.Puyang).Outcome!;
        Assert.Equal("a", Assert.Single(outcome.Layers).PlanId);
        Assert.Equal([new PlanLeftOut("b", LeftOutReason.KindAlreadyCounted)], outcome.LeftOut);
    }

    [Fact]
    public void A_plan_whose_cover_or_version_does_not_hold_is_left_out_while_another_counts()
    {
        var person = Over(Renamed("a", PlanKind.Large, 1));
        person.Roster = person.Roster with
        {
            Coverages =
            [
                new Coverage("unpublished", default),
                .. person.Roster.Coverages,
                new Coverage("ended", new DaySpan(null, new DateOnly(2025, 3, 9))),
            ],
        };
        Assert.Equal(
            [new PlanLeftOut("unpublished", LeftOutReason.PlanNotInForce),
                new PlanLeftOut("ended", LeftOutReason.CoverNotInForce)],
            person.Settle(Bills.Of(1_000m), Facilities.Puyang).Outcome!.LeftOut);
    }

    [Fact]
    public void Of_a_kind_one_counts_and_all_others_are_left_out()
    {
        var outcome = Over(Renamed("c", PlanKind.Large, 1), Renamed("b", PlanKind.Large, 1),
            Renamed("a", PlanKind.Large, 1), Renamed("d", PlanKind.Puhui, 9))
                .Settle(Bills.Of(1_000m), Facilities.Puyang)
            .Outcome!;
        Assert.Equal(["a", "d"], outcome.Counted.Select(plan => plan.PlanId));
        Assert.Equal(["b", "c"], outcome.LeftOut.Select(plan => plan.PlanId));
    }

    [Fact]
    public void A_plan_with_a_suspension_between_two_entries_counts_once()
    {
        var person = new Person(ShippedPlans.Tongliao);
        var id = ShippedPlans.Tongliao.Id;
        person.Roster = person.Roster with
        {
            Coverages =
            [
                new Coverage(id, new DaySpan(null, new DateOnly(2025, 1, 31))),
                new Coverage("ended", new DaySpan(null, new DateOnly(2025, 1, 31))),
                new Coverage(id, new DaySpan(new DateOnly(2025, 3, 1), null)),
                new Coverage("unpublished", default),
                new Coverage("ended", new DaySpan(new DateOnly(2026, 1, 1), null)),
            ],
        };
        var outcome = person.Settle(Bills.Of(1_000m)).Outcome!;
        Assert.Equal(id, Assert.Single(outcome.Counted).PlanId);
        Assert.Equal(
            [new PlanLeftOut("ended", LeftOutReason.CoverNotInForce),
                new PlanLeftOut("unpublished", LeftOutReason.PlanNotInForce)], outcome.LeftOut);
    }

    [Theory]
    [InlineData("2025-03-09", false)]
    [InlineData("2025-03-10", true)]
    [InlineData("2025-03-20", true)]
    [InlineData("2025-03-21", false)]
    [InlineData("2025-03-31", false)]
    [InlineData("2025-04-01", true)]
    public void Cover_holds_on_both_its_end_days_and_not_while_suspended(string discharged, bool covered)
    {
        var person = new Person(ShippedPlans.Tongliao);
        person.Roster = person.Roster with
        {
            Coverages =
            [
                new Coverage(ShippedPlans.Tongliao.Id,
                    new DaySpan(new DateOnly(2025, 3, 10), new DateOnly(2025, 3, 20))),
                new Coverage(ShippedPlans.Tongliao.Id, new DaySpan(new DateOnly(2025, 4, 1), null)),
            ],
        };
        Assert.Equal(covered ? null : "NOT_COVERED", person.Settle(Bills.Of(100m, 0, discharged)).Refusal?.Code);
    }

    [Theory]
    [InlineData("2025-03-09", 10000)]
    [InlineData("2025-03-10", 10650)]
    [InlineData("2025-03-20", 10650)]
    [InlineData("2025-03-21", 10000)]
    public void Identities_hold_on_both_their_end_days(string discharged, int expected)
    {
        var person = new Person(ShippedPlans.Tongliao);
        person.Roster = person.Roster with
        {
            Identities = [new Identity(IdentityKind.Orphan,
                new DaySpan(new DateOnly(2025, 3, 10), new DateOnly(2025, 3, 20)))],
        };
        // 8,000 yuan are 1,000 above an orphan's start and below everybody else's.
        var paid = person.Settle(Bills.Of(8_000m, 0, discharged)).Outcome!.PlansPaid;
        Assert.Equal(Money.Yuan(expected - 10_000), paid);
    }

    [Fact]
    public void Settling_again_under_the_stored_versions_gives_the_same_outcome_without_asking_for_cover()
    {
        var person = new Person(ShippedPlans.Tongliao);
        var bill = Bills.Of(123_456.78m, 1_000m);
        var input = new AdjudicationInput(bill, person.Roster, Facilities.Hohhot, person.Accumulators);
        var first = Adjudication.Settle(input, person.Catalog).Outcome!;
        var uncovered = input with { Roster = person.Roster with { Coverages = [] } };
        var again = Adjudication.SettleAgain(uncovered, [.. person.Catalog.Versions]).Outcome!;
        Assert.Equal(first.Layers, again.Layers);
        Assert.Equal(first.Changes, again.Changes);
    }

    [Fact]
    public void Basic_payments_are_booked_on_the_first_layer_even_where_it_does_not_take_the_case()
    {
        var bill = Bills.Of(1_000m, 300m) with { CareType = CareType.AccidentOutpatient };
        var changes = new Person(ShippedPlans.Tongliao).As(IdentityKind.Student).Settle(bill).Outcome!.Changes;
        Assert.Equal(
            [("critical", new Accumulator(default, default, Money.Yuan(300m), 1)),
             ("accident", new Accumulator(Money.Yuan(1_000m), Money.Yuan(700m), default, 1))],
            changes.Select(change => (change.Key.LayerId, change.Change)));
    }

    [Fact]
    public void Cumulative_basic_is_summed_over_the_layers_of_the_plan()
    {
        var person = new Person(ShippedPlans.Tongliao);
        person.Accumulators[new AccumulatorKey(ShippedPlans.Tongliao.Id, "accident", new Period(2025))] =
            new Accumulator(default, default, Money.Yuan(120_000m), 0);
        person.Accumulators[new AccumulatorKey(ShippedPlans.Tongliao.Id, "critical", new Period(2024))] =
            new Accumulator(default, default, Money.Yuan(120_000m), 0);
        Assert.Equal("BASIC_CAP_EXCEEDED", person.Settle(Bills.Of(100m, 0.01m)).Refusal?.Code);
        Assert.Null(person.Settle(Bills.Of(100m)).Refusal);
    }
}
