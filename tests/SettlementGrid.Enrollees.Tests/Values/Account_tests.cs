using SettlementGrid.Plans;
using SettlementGrid.Testing;

namespace SettlementGrid.Enrollees.Tests.Values;

/// <summary>The state: what each fact makes of it, and accumulators that are sorted and free of zeros.</summary>
public sealed class Account_tests
{
    static readonly AccumulatorKey A = new("a", "l", new Period(2025));
    static readonly AccumulatorKey B = new("b", "l", new Period(2025));
    static readonly AccumulatorKey C = new("c", "l", new Period(2025));

    static Accumulator Of(long position, int cases = 0) => new(new Money(position), default, default, cases);

    static AccumulatorSet Set(params (AccumulatorKey Key, Accumulator Value)[] items) =>
        AccumulatorSet.Empty.Plus([.. items.Select(i => new AccumulatorChange(i.Key, i.Value))]);

    [Fact]
    public void Accumulators_are_sorted_whatever_the_order_they_came_in()
    {
        var set = Set((C, Of(3)), (A, Of(1)), (B, Of(2)));
        Assert.Equal([A, B, C], set.Keys);
        Assert.Equal([Of(1), Of(2), Of(3)], set.Values);
        Assert.Equal([(A, Of(1)), (B, Of(2)), (C, Of(3))], set.Select(i => (i.Key, i.Value)));
        Assert.Equal(3, set.Count);
        Assert.Equal(3, set.Items.Length);
    }

    [Fact]
    public void A_change_is_added_to_what_stands_and_a_zero_is_not_kept()
    {
        var set = Set((A, Of(1, 1)), (B, Of(2)));
        Assert.Equal(Of(6, 2), set.Plus([new(A, Of(5, 1))])[A]);
        Assert.Equal(Of(7), Set((A, Of(3)), (A, Of(4)))[A]);
        Assert.Equal([B], set.Plus([new(A, Of(-1, -1))]).Keys);
        Assert.Same(AccumulatorSet.Empty, set.Plus([new(A, Of(-1, -1)), new(B, Of(-2))]));
        Assert.Same(set, set.Plus([]));
        Assert.Same(AccumulatorSet.Empty, AccumulatorSet.OfSorted([]));
    }

    [Fact]
    public void What_is_not_there_is_nothing()
    {
        var set = Set((A, Of(1)));
        Assert.True(set.ContainsKey(A) && set.TryGetValue(A, out _));
        Assert.False(set.ContainsKey(B));
        Assert.False(set.TryGetValue(B, out var nothing));
        Assert.Equal((default, default), (nothing, set[B]));
    }

    [Fact]
    public void Sets_are_equal_by_content()
    {
        var set = Set((A, Of(1)), (B, Of(2)));
        var same = Set((B, Of(2)), (A, Of(1)));
        Assert.True(set.Equals(same) && set.Equals((object)same) && set.GetHashCode() == same.GetHashCode());
        Assert.False(set.Equals(null) || set.Equals((object)"set") || set.Equals(Set((A, Of(1))))
            || set.Equals(Set((A, Of(1)), (B, Of(3)))));
        Assert.Equal(0, AccumulatorSet.Empty.GetHashCode());
    }

    [Fact]
    public void The_latest_discharge_of_each_year_is_remembered()
    {
        DateOnly first = new(2024, 6, 1), second = new(2025, 3, 1), third = new(2026, 1, 1);
        var days = LatestDischarges.None.Plus(second).Plus(third).Plus(first);
        Assert.Equal([first, second, third], days.Days.ToArray());
        Assert.Same(days, days.Plus(second).Plus(second.AddDays(-1)));
        Assert.Equal([first, second.AddDays(1), third], days.Plus(second.AddDays(1)).Days.ToArray());
        Assert.Equal((second, null, null, null), (days.After(second.AddDays(-1)), days.After(second),
            days.After(second.AddDays(1)), days.After(new DateOnly(2023, 1, 1))));
        Assert.Same(LatestDischarges.None, LatestDischarges.OfSorted([]));
        var same = LatestDischarges.OfSorted([first, second, third]);
        Assert.True(days.Equals(same) && days.Equals((object)same) && days.GetHashCode() == same.GetHashCode());
        Assert.False(days.Equals(null) || days.Equals((object)"x") || days.Equals(LatestDischarges.None));
        Assert.Equal(0, LatestDischarges.None.GetHashCode());
    }

    [Fact]
    public void A_bar_changes_nothing_and_what_is_no_fact_of_a_person_is_an_error()
    {
        var account = Given.Enrolled("anna");
        Assert.Equal(account, account.Evolve(new Fact.Barred("f", "r")));
        Assert.Throws<InvalidOperationException>(() => account.Evolve(new Fact.PlanPublished("")));
        var moved = Given.Roster() with { RegionId = "150521" };
        Assert.Equal(moved, account.Evolve(new Fact.RosterChanged(moved, RosterAspects.Region)).Roster);
        var opening = account.Evolve(new Fact.OpeningBalanceSet(new AccumulatorChange(A, Of(9)), ""));
        Assert.Equal(Of(9), opening.Accumulators[A]);
        Assert.Equal(Given.Roster(), Account.Unknown("x").Evolve(new Fact.Enrolled(Given.Roster())).Roster);
    }

    [Fact]
    public void An_opening_balance_counts_cases_of_its_own_plan_and_year_only()
    {
        var account = Given.Enrolled("anna") with
        {
            Accumulators = Set((A, Of(5, 0)), (B, Of(5, 1)), (C with { Period = new Period(2024) }, Of(5, 1)),
                (new AccumulatorKey("m", "l", new Period(2025, 3)), Of(5, 1))),
        };
        Assert.NotNull(Put(A).Fact);
        Assert.NotNull(Put(C).Fact);
        Assert.NotNull(Put(B with { Period = new Period(2024) }).Fact);
        foreach (var key in new[] { B, B with { LayerId = "other" }, new("m", "l", new Period(2025, 4)) })
        {
            var (fact, refusal) = Put(key);
            Assert.Null(fact);
            Assert.Equal((key.PlanId, key.Period.ToString()), (refusal!.Numbers["plan_id"], refusal.Numbers["period"]));
        }

        var change = ((Fact.OpeningBalanceSet)Put(A).Fact!).Change;
        Assert.Equal(new Accumulator(new Money(95), new Money(20), new Money(30), 0), change.Change);

        (Fact? Fact, Refusal? Refusal) Put(AccumulatorKey key) => Decide.PutOpeningBalance(
            account, new OpeningBalance("anna", key, new Money(100), new Money(20), new Money(30), ""));
    }
}
