using SettlementGrid.Plans;
using SettlementGrid.Testing;

namespace SettlementGrid.Enrollees.Tests;

/// <summary>Turns that settle: repeats, other servers, encounters, previews and their tokens.</summary>
public sealed class Settle_turn_tests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task The_same_request_again_gives_the_first_answer_at_any_server(int server)
    {
        var person = await Person.Enrolled();
        var first = await person.Settle("r1");
        person.Clock.Advance(TimeSpan.FromHours(1));
        var again = await person.Settle("r1", server: server);
        Assert.Equal(first.Recorded, again.Recorded);
        Assert.Equal(first.Recorded.Entry.Body, again.Recorded.Entry.Body);
        Assert.Equal(2, (await person.Account()).Version);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task The_same_id_with_other_content_is_refused_and_changes_nothing(int server)
    {
        var person = await Person.Enrolled("anna", "bert");
        var first = await person.Settle("r1");
        var before = await person.Account();
        var refusal = await person.Refused(RefusalReason.RequestIdReused, Given.Settle("r1", "anna", 30_001), server);
        Assert.Equal(first.Fact.Id.ToString(), refusal.Numbers["settlement_id"]);
        await person.Refused(RefusalReason.RequestIdReused, Given.Settle("r1", "bert"), server);
        Assert.Equal(before, await person.Account());
        Assert.Equal(1, (await person.Account("bert")).Version);
    }

    [Fact]
    public async Task The_same_id_at_another_facility_is_another_request()
    {
        var person = await Person.Enrolled();
        await person.Settle("r1");
        var elsewhere = Given.Request("r1", "anna", facility: Given.OtherHospital, encounter: "other");
        await person.Settled(new Command.Settle(elsewhere, null));
        Assert.Equal(3, (await person.Account()).Version);
    }

    [Fact]
    public async Task A_refused_request_leaves_nothing_and_its_id_may_come_again_with_any_content()
    {
        var person = await Person.Enrolled();
        var outside = new Command.Settle(Given.Request("r1", "anna", discharged: new DateOnly(2024, 12, 31)), null);
        await person.Refused(RefusalReason.NotCovered, outside);
        Assert.Equal(1, (await person.Account()).Version);
        await person.Settle("r1", 20_000);
    }

    [Fact]
    public async Task Two_servers_take_turns_and_each_sees_what_the_other_settled()
    {
        var person = await Person.Enrolled();
        for (var i = 0; i < 10; i++)
        {
            var settled = await person.Settle("r" + i, 5_000, server: i % 2);
            Assert.Equal(i + 2, settled.Recorded.Entry.Version);
            Assert.Equal(Money.Yuan(5_000 * i), settled.Fact.Outcome.Layers[0].PositionBefore);
        }
    }

    [Fact]
    public async Task An_encounter_is_settled_once_a_year_also_by_another_person()
    {
        var person = await Person.Enrolled("anna", "bert");
        var first = await person.Settled(new Command.Settle(Given.Request("r1", "anna", encounter: "e1"), null));
        foreach (var (id, server) in new[] { ("anna", 0), ("anna", 1), ("bert", 0), ("bert", 1) })
        {
            var again = new Command.Settle(Given.Request("r2", id, encounter: "e1"), null);
            var refusal = await person.Refused(RefusalReason.EncounterAlreadySettled, again, server);
            Assert.Equal(first.Fact.Id.ToString(), refusal.Numbers["settlement_id"]);
            await person.Refused(RefusalReason.EncounterAlreadySettled, new Command.Preview(again.Request), server);
        }
        await person.Settled(
            new Command.Settle(Given.Request("r3", "anna", encounter: "e1", facility: Given.OtherHospital), null));
    }

    [Theory]
    [InlineData("anna")]
    [InlineData("bert")]
    public async Task A_reversed_encounter_can_be_settled_again_also_for_another_person(string next)
    {
        var person = await Person.Enrolled("anna", "bert");
        var first = await person.Settled(new Command.Settle(Given.Request("r1", "anna", encounter: "e1"), null));
        await person.Settled(Person.Reverse("v1", first));
        var second =
            await person.Settled(new Command.Settle(Given.Request("r2", next, encounter: "e1"), null), server: 1);
        Assert.Equal(2, Assert.IsType<Fact.Settled>(second.Fact).Attempt);
        await person.Settled(Person.Reverse("v2", second));
        var third = await person.Settled(new Command.Settle(Given.Request("r3", "anna", encounter: "e1"), null));
        Assert.Equal(3, Assert.IsType<Fact.Settled>(third.Fact).Attempt);
        await person.Refused(
            RefusalReason.EncounterAlreadySettled,
                new Command.Settle(Given.Request("r4", "bert", encounter: "e1"), null));
    }

    [Fact]
    public async Task A_preview_shows_what_Settle_would_record_and_changes_nothing()
    {
        var person = await Person.Enrolled();
        await person.Settle("r1");
        var preview = await person.Settled(new Command.Preview(Given.Request("r2", "anna")));
        Assert.True(preview.IsPreview);
        Assert.Equal(2, preview.Token!.Value.Version);
        Assert.Equal(2, (await person.Account()).Version);
        var settled = await person.Settled(new Command.Settle(Given.Request("r2", "anna"), preview.Token));
        Assert.Equal(preview.Fact.Outcome.Layers, settled.Fact.Outcome.Layers);
        Assert.Equal(preview.Recorded.Entry.After!.Accumulators, settled.Recorded.Entry.After!.Accumulators);
    }

    [Fact]
    public async Task A_token_whose_amounts_moved_is_refused_and_names_the_first_later_fact()
    {
        var person = await Person.Enrolled();
        var preview = await person.Settled(new Command.Preview(Given.Request("r1", "anna")));
        var between = await person.Settle("r2", server: 1);
        await person.Settle("r3", server: 1);
        var refusal = await person.Refused(
            RefusalReason.AccountMoved, new Command.Settle(Given.Request("r1", "anna"), preview.Token));
        Assert.Equal("1", refusal.Numbers["preview_version"]);
        Assert.Equal("3", refusal.Numbers["account_version"]);
        Assert.Equal("2", refusal.Numbers["first_later_version"]);
        Assert.Equal("Settled", refusal.Numbers["first_later_kind"]);
        Assert.Equal(between.Fact.Id.ToString(), refusal.Numbers["first_later_settlement_id"]);
        Assert.Equal(3, (await person.Account()).Version);
    }

    [Fact]
    public async Task A_token_of_an_older_version_settles_when_the_amounts_are_still_the_same()
    {
        var person = await Person.Enrolled();
        var preview = await person.Settled(new Command.Preview(Given.Request("r1", "anna", 1_000)));
        await person.Settle("r2", 2_000, server: 1);
        await person.Settled(new Command.Settle(Given.Request("r1", "anna", 1_000), preview.Token));
        Assert.Equal(3, (await person.Account()).Version);
    }

    [Fact]
    public async Task A_token_is_no_part_of_the_content()
    {
        var person = await Person.Enrolled();
        var preview = await person.Settled(new Command.Preview(Given.Request("r1", "anna")));
        var first = await person.Settled(new Command.Settle(Given.Request("r1", "anna"), preview.Token));
        Assert.Equal(first.Recorded, (await person.Settle("r1")).Recorded);
        var madeUp = new Command.Settle(Given.Request("r1", "anna"), new PreviewToken(77, 5));
        Assert.Equal(first.Recorded, (await person.Settled(madeUp, server: 1)).Recorded);
    }

    [Fact]
    public async Task A_plan_published_meanwhile_counts_from_the_next_commit_on_at_every_server()
    {
        var person = await Person.Enrolled();
        await person.PutRoster("anna", r => r with { Coverages = [new Coverage(GivenPlans.Supplement, default)] });
        var before = await person.Settle("r1", 21_000);
        Assert.Equal(Money.Yuan(10_000), before.Fact.Outcome.PlansPaid);
        await GivenPlans.Publish(person.Ledger, GivenPlans.SupplementPaying(40), person.Clock.GetUtcNow());
        foreach (var server in new[] { 0, 1 })
        {
            var after = await person.Settle("s" + server, 10_000, server: server);
            Assert.Equal(2, after.Fact.Outcome.Layers[0].PlanVersion);
            Assert.Equal(Money.Yuan(4_000), after.Fact.Outcome.PlansPaid);
        }
    }

    [Fact]
    public async Task A_plan_published_elsewhere_is_known_before_a_refusal_or_a_preview_is_given()
    {
        var person = await Person.Enrolled();
        await person.PutRoster("anna", r => r with { Coverages = [new Coverage("sixth-city", default)] });
        await person.Refused(RefusalReason.NotCovered, Given.Settle("r1", "anna"));
        var text = GivenPlans.SupplementText.Replace(GivenPlans.Supplement, "sixth-city", StringComparison.Ordinal);
        await GivenPlans.Publish(person.Ledger, text, person.Clock.GetUtcNow());
        Assert.True(
            (await person.Settled(new Command.Preview(Given.Request("r1", "anna")),
                server: 1)).Fact.Outcome.PlansPaid.IsPositive);
        await person.Settle("r1");
        await GivenPlans.Publish(person.Ledger, text.Replace("rate: 50%", "rate: 10%", StringComparison.Ordinal),
            person.Clock.GetUtcNow());
        var preview = await person.Settled(new Command.Preview(Given.Request("r2", "anna", 10_000)), server: 1);
        Assert.Equal(Money.Yuan(1_000), preview.Fact.Outcome.PlansPaid);
    }

    [Fact]
    public async Task A_roster_change_past_the_actor_is_what_the_next_settlement_stands_on()
    {
        var person = await Person.Enrolled();
        await person.Settle("r1", 10_000);
        await person.PutRoster("anna", r => r with { Identities = [new Identity(IdentityKind.LowIncome, default)] });
        // 10,000 as an ordinary person, then 5,000 as a special one: (15,000 − 10,000) × 65 %.
        Assert.Equal(Money.Yuan(3_250), (await person.Settle("r2", 5_000)).Fact.Outcome.PlansPaid);
    }

    [Fact]
    public async Task A_refusal_is_never_given_on_a_roster_that_was_replaced()
    {
        var person = await Person.Enrolled();
        await person.Settle("r1", 1_000);
        await person.PutRoster("anna", r => r with { Coverages = [] });
        await person.Refused(RefusalReason.NotCovered, Given.Settle("r2", "anna"));
        await person.PutRoster("anna", r => r with { Coverages = [new Coverage(GivenPlans.Tongliao, default)] });
        await person.Settle("r2");
    }

    [Fact]
    public async Task Nobody_unknown_is_settled_and_a_person_may_be_enrolled_later()
    {
        var person = await Person.Enrolled();
        await person.Refused(RefusalReason.EnrolleeUnknown, Given.Settle("r1", "zoe"));
        await person.Refused(RefusalReason.EnrolleeUnknown, new Command.Preview(Given.Request("r1", "zoe")));
        await Given.Enrol(person.Ledger, person.Clock, "zoe");
        await person.Settle("r1", id: "zoe");
    }
}
