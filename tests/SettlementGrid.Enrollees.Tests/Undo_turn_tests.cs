using FsCheck;
using FsCheck.Fluent;
using SettlementGrid.Plans;
using SettlementGrid.Testing;

namespace SettlementGrid.Enrollees.Tests;

/// <summary>Turns that undo: reversals, cancels.</summary>
public sealed class Undo_turn_tests
{
    [Fact]
    public async Task A_reversal_is_the_exact_negative_twin_and_restores_the_account()
    {
        var person = await Person.Enrolled();
        await person.Settle("r1");
        var before = await person.Account();
        var settled = await person.Settle("r2", 80_000);
        var reversal = await person.Settled(Person.Reverse("v2", settled));
        Assert.Equal(settled.Fact.Outcome.PlansPaid, -reversal.Fact.Outcome.PlansPaid);
        Assert.Equal(settled.Fact.Request, reversal.Fact.Request);
        Assert.Equal(settled.Fact.RegionId, reversal.Fact.RegionId);
        Assert.Equal(before.Accumulators, await person.Accumulators());
        var again = await person.Settle("r2", 80_000);
        Assert.Equal(settled.Recorded, again.Recorded);
        Assert.Equal(reversal.Fact.Id, again.ReversedBy);
    }

    [Fact]
    public void Whatever_was_settled_reversing_it_all_gives_the_account_before() => Prop.ForAll(
        Gen.Choose(0, 9_000_000).ArrayOf(5).ToArbitrary(),
        Gen.Shuffle(Enumerable.Range(0, 5)).ToArbitrary(),
        (fen, order) => Reversed_in_any_order(fen, order).GetAwaiter().GetResult()).QuickCheckThrowOnFailure();

    [Fact]
    public async Task The_same_reversal_again_gives_the_first_answer_and_another_is_refused()
    {
        var person = await Person.Enrolled();
        var settled = await person.Settle("r1");
        var reversal = await person.Settled(Person.Reverse("v1", settled));
        Assert.Equal(reversal.Recorded, (await person.Settled(Person.Reverse("v1", settled), server: 1)).Recorded);
        var refusal = await person.Refused(RefusalReason.AlreadyReversed, Person.Reverse("v2", settled), server: 1);
        Assert.Equal(reversal.Fact.Id.ToString(), refusal.Numbers["reversal_settlement_id"]);
        var other = Person.Reverse("v1", settled) is var command
            ? command with { Request = command.Request with { Reason = "其他" } } : null!;
        await person.Refused(RefusalReason.RequestIdReused, other);
        Assert.Equal(3, (await person.Account()).Version);
    }

    [Fact]
    public async Task A_reversal_stored_elsewhere_between_the_look_and_the_history_is_the_answer_and_no_refusal()
    {
        var person = await Person.Enrolled();
        var settled = await person.Settle("r1");
        var command = Person.Reverse("v1", settled);
        var reversal = await person.Settled(command);
        var lookedBefore = new Knowledge(2, null, []);
        var decision =
            Decide.Reverse(command, [settled.Recorded, reversal.Recorded], new Catalog(1, [], []), lookedBefore);
        Assert.Equal(reversal.Recorded, Assert.IsType<Decision.Replay>(decision).Stored);
    }

    [Fact]
    public async Task A_reversal_cannot_be_reversed()
    {
        var person = await Person.Enrolled();
        var settled = await person.Settle("r1");
        var reversal = await person.Settled(Person.Reverse("v1", settled));
        await person.Refused(RefusalReason.NotReversible, Person.Reverse("v2", reversal));
    }

    [Fact]
    public async Task A_reversal_and_a_settlement_share_one_namespace_of_ids()
    {
        var person = await Person.Enrolled();
        var settled = await person.Settle("r1");
        await person.Refused(RefusalReason.RequestIdReused, Person.Reverse("r1", settled));
        await person.Settled(Person.Reverse("v1", settled));
        await person.Refused(RefusalReason.RequestIdReused, Given.Settle("v1", "anna"));
    }

    [Fact]
    public async Task An_earlier_settlement_is_reversed_with_adjustments_of_the_later_ones_in_one_append()
    {
        var person = await Person.Enrolled();
        var first = await person.Settle("r1", 30_000);
        var second = await person.Settle("r2", 30_000);
        var reversal = await person.Settled(Person.Reverse("v1", first));
        // The second alone pays what the first did: 16,000 × 60 % and not 20,000 × 70 % + 10,000 × 80 %.
        var adjusted = Assert.IsType<Fact.Adjusted>(Assert.Single(reversal.Adjustments).Fact);
        Assert.Equal(second.Fact.Id, adjusted.Adjusts);
        Assert.Equal(Money.Yuan(9_600 - 22_000), adjusted.Outcome.PlansPaid);
        Assert.Equal(Money.Yuan(30_000), (await person.Accumulators()).Values.Single().Position);
        await person.Refused(RefusalReason.NotReversible, Person.Reverse("v2", reversal.Adjustments[0]));
    }

    [Fact]
    public async Task A_dry_run_shows_the_reversal_and_stores_nothing()
    {
        var person = await Person.Enrolled();
        var settled = await person.Settle("r1");
        var before = await person.Account();
        var shown = await person.Settled(Person.Reverse("v1", settled, dryRun: true));
        Assert.True(shown.IsPreview);
        Assert.Equal(-settled.Fact.Outcome.PlansPaid, shown.Fact.Outcome.PlansPaid);
        Assert.Equal(before, await person.Account());
        await person.Settled(Person.Reverse("v1", settled));
        await person.Refused(RefusalReason.AlreadyReversed, Person.Reverse("v1", settled, dryRun: true));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Cancel_of_an_id_that_never_arrived_bars_it_for_good(int server)
    {
        var person = await Person.Enrolled();
        Assert.Null(Assert.IsType<Answer.Cancelled>(await person.Ask(Person.Cancel("r1"))).Reversal);
        Assert.Null(Assert.IsType<Answer.Cancelled>(await person.Ask(Person.Cancel("r1"), server)).Reversal);
        await person.Refused(RefusalReason.RequestIdBarred, Given.Settle("r1", "anna"), server);
        Assert.Equal(2, (await person.Account()).Version);
        Assert.Empty(await person.Accumulators());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Cancel_of_a_settled_id_reverses_it_and_says_the_same_again(int server)
    {
        var person = await Person.Enrolled();
        var settled = await person.Settle("r1");
        var cancelled = Assert.IsType<Answer.Cancelled>(await person.Ask(Person.Cancel("r1"), server));
        Assert.Equal(settled.Fact.Id, Assert.IsType<Fact.Reversed>(cancelled.Reversal!.Fact).Reversal.Reverses);
        var again = Assert.IsType<Answer.Cancelled>(await person.Ask(Person.Cancel("r1")));
        Assert.Equal(cancelled.Reversal.Recorded, again.Reversal!.Recorded);
        Assert.Equal(3, (await person.Account()).Version);
        Assert.Equal(settled.Recorded, (await person.Settle("r1")).Recorded);
    }

    [Fact]
    public async Task Cancel_of_what_was_reversed_otherwise_answers_that_reversal()
    {
        var person = await Person.Enrolled();
        var settled = await person.Settle("r1");
        var reversal = await person.Settled(Person.Reverse("v1", settled));
        var cancelled = Assert.IsType<Answer.Cancelled>(await person.Ask(Person.Cancel("r1")));
        Assert.Equal(reversal.Recorded, cancelled.Reversal!.Recorded);
    }

    [Fact]
    public async Task Cancel_that_another_server_carried_out_in_between_answers_its_reversal()
    {
        var person = await Person.Enrolled();
        var settled = await person.Settle("r1");
        var reversal = Assert.IsType<Answer.Cancelled>(await person.Ask(Person.Cancel("r1"))).Reversal!.Recorded;
        // Decided before that reversal was there, appended after it: the append met the reversal's own key.
        var known = new Knowledge(2, reversal, []);
        var decision = Decide.Cancel(Person.Cancel("r1"), [settled.Recorded], GivenPlans.Shipped, known);
        Assert.Equal(reversal, Assert.IsType<Decision.Replay>(decision).Stored);
    }

    [Fact]
    public async Task Cancel_under_another_persons_name_is_refused_and_reverses_nothing()
    {
        var person = await Person.Enrolled("anna", "bert");
        await person.Settle("r1");
        await person.Refused(RefusalReason.RequestIdReused, Person.Cancel("r1", "bert"));
        Assert.Equal(2, (await person.Account()).Version);
        Assert.Equal(1, (await person.Account("bert")).Version);
    }

    static async Task<bool> Reversed_in_any_order(int[] fen, int[] order)
    {
        var person = await Person.Enrolled();
        var before = await person.Account();
        var settled = new List<Settlement>();
        for (var i = 0; i < fen.Length; i++)
            settled.Add(await person.Settle("r" + i, fen[i] / 100m, server: i % 2));
        foreach (var i in order)
            await person.Settled(Person.Reverse("v" + i, settled[i]), server: i % 2);
        return (await person.Accumulators()).Equals(before.Accumulators);
    }
}
