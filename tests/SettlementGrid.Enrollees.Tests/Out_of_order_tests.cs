using SettlementGrid.Plans;
using SettlementGrid.Testing;

namespace SettlementGrid.Enrollees.Tests;

/// <summary>
/// Positions go by the order of settlement; a discharge settled after a later one of its year is accepted and marked.
/// </summary>
public sealed class Out_of_order_tests
{
    static readonly DateOnly May = new(2025, 5, 3);
    static readonly DateOnly March = new(2025, 3, 9);
    static readonly DateOnly July = new(2025, 7, 1);

    [Fact]
    public async Task A_discharge_before_one_already_settled_is_accepted_and_marked_with_that_date()
    {
        var person = await Person.Enrolled();
        Assert.Null(await Mark(person, "r1", May));
        Assert.Equal(May, await Mark(person, "r2", March));
        // The position is by order of settlement: March went on from where May had ended.
        Assert.Equal(Money.Yuan(30_000), (await person.Settled(At("r2", March))).Fact.Outcome.Layers[0].PositionBefore);
    }

    [Fact]
    public async Task The_same_day_and_later_days_are_in_order()
    {
        var person = await Person.Enrolled();
        await Mark(person, "r1", May);
        Assert.Null(await Mark(person, "r2", May));
        Assert.Null(await Mark(person, "r3", May.AddDays(1)));
        Assert.Equal(May.AddDays(1), await Mark(person, "r4", May));
    }

    [Fact]
    public async Task Each_policy_year_has_its_own_order()
    {
        var person = await Person.Enrolled();
        await person.PutRoster("anna", roster => roster with
        {
            Coverages = [.. roster.Coverages, new Coverage(GivenPlans.Puyang, default)],
        });
        Assert.Null(await Mark(person, "r1", new DateOnly(2026, 1, 2)));
        Assert.Null(await Mark(person, "r2", new DateOnly(2025, 12, 31)));
        Assert.Equal(new DateOnly(2025, 12, 31), await Mark(person, "r3", May));
        Assert.Equal([new DateOnly(2025, 12, 31), new DateOnly(2026, 1, 2)], (await person.Account()).Discharges.Days);
    }

    [Fact]
    public async Task A_reversal_takes_no_date_back_since_the_mark_says_what_stood_when_it_was_decided()
    {
        var person = await Person.Enrolled();
        var later = await person.Settled(At("r1", July));
        await person.Settled(At("r2", May));
        await person.Settled(Person.Reverse("v1", later));
        Assert.Equal([July], (await person.Account()).Discharges.Days);
        Assert.Equal(July, await Mark(person, "r3", March));
    }

    [Fact]
    public async Task The_mark_is_the_same_when_the_answer_is_given_again_and_at_another_server()
    {
        var person = await Person.Enrolled();
        await Mark(person, "r1", May);
        Assert.Equal(May, await Mark(person, "r2", March, server: 1));
        await Mark(person, "r3", July);
        Assert.Equal(May, await Mark(person, "r2", March, server: 0));
        Assert.Equal(May, await Mark(person, "r2", March, server: 1));
    }

    [Fact]
    public async Task A_preview_shows_the_mark()
    {
        var person = await Person.Enrolled();
        await Mark(person, "r1", May);
        var shown = await person.Settled(new Command.Preview(Given.Request("r2", "anna", discharged: March)));
        Assert.Equal(May, ((Fact.Settled)shown.Fact).LaterDischarge);
        Assert.Equal([May], (await person.Account()).Discharges.Days);
    }

    [Fact]
    public async Task What_was_settled_in_format_1_has_no_known_date_and_marks_nothing()
    {
        var person = await Person.Enrolled();
        var account = await person.Account();
        var old = new Fact.Settled(
            SettlementId.Of(Given.Hospital, "r0"), Given.Request("r0", "anna", discharged: July), "150502",
            FacilityProfile.Unregistered(Given.Hospital), new AdjudicationOutcome([], [], [], ""), 1);
        var entry = Entry.Next(account, old, Given.Now, format: 1);
        Assert.Equal(1, entry.Format);
        Assert.Empty(entry.After!.Discharges.Days.ToArray());
        Assert.IsType<AppendOutcome.Committed>(
            await person.Ledger.Append(new Append([entry], null, Given.Now), default));
        Assert.Null(await Mark(person, "r1", May));
        Assert.Equal(May, await Mark(person, "r2", March));
    }

    static async Task<DateOnly?> Mark(Person person, string id, DateOnly discharged, int server = 0) =>
        ((Fact.Settled)(await person.Settled(At(id, discharged), server)).Fact).LaterDischarge;

    static Command.Settle At(string id, DateOnly discharged) =>
        new(Given.Request(id, "anna", discharged: discharged), null);
}
