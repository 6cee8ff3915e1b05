using SettlementGrid.Plans;
using SettlementGrid.Testing;

namespace SettlementGrid.Enrollees.Tests;

/// <summary>The discharge date decides year, rates, identities and cover, whenever the bill is settled.</summary>
public sealed class Time_tests
{
    static readonly DateOnly NewYearsEve = new(2025, 12, 31);
    static readonly DateOnly January = new(2026, 1, 10);

    /// <summary>Puyang 13(3): settled at the year's end into the old year, and the rest at discharge.</summary>
    [Fact]
    public async Task A_stay_over_New_Year_may_be_settled_on_12_31_into_the_old_year_and_the_rest_at_discharge()
    {
        var person = await OfTwoYears();
        var old = await person.Settled(Part("r1", NewYearsEve));
        var rest = await person.Settled(Part("r2", January));
        Assert.Equal((2025, 1), (old.Fact.Request.Year, Version(old)));
        Assert.Equal((2026, 2), (rest.Fact.Request.Year, Version(rest)));
        // Each year begins at its own start of 14,000, at its own first rate.
        Assert.Equal(Money.Yuan(6_000m * 0.6m), old.Fact.Outcome.PlansPaid);
        Assert.Equal(Money.Yuan(6_000m * 0.5m), rest.Fact.Outcome.PlansPaid);
        Assert.Equal(
            ["2025 20,000.00", "2026 20,000.00"],
            (await person.Accumulators()).Select(a => $"{a.Key.Period} {a.Value.Position}"));
    }

    [Fact]
    public async Task One_encounter_holds_one_settlement_a_year_and_each_part_is_reversed_by_itself()
    {
        var person = await OfTwoYears();
        var old = await person.Settled(Part("r1", NewYearsEve));
        await person.Settled(Part("r2", January));
        var refusal = await person.Refused(RefusalReason.EncounterAlreadySettled, Part("r3", NewYearsEve));
        Assert.Equal(old.Fact.Id.ToString(), refusal.Numbers["settlement_id"]);
        await person.Refused(RefusalReason.EncounterAlreadySettled, Part("r4", January.AddDays(3)));
        var reversal = await person.Settled(Person.Reverse("v1", old));
        Assert.Empty(reversal.Adjustments);
        Assert.Equal(["2026 20,000.00"],
            (await person.Accumulators()).Select(a => $"{a.Key.Period} {a.Value.Position}"));
        Assert.Equal(2, ((Fact.Settled)(await person.Settled(Part("r3", NewYearsEve))).Fact).Attempt);
    }

    [Fact]
    public async Task A_stay_over_New_Year_without_a_settlement_at_the_years_end_is_wholly_of_the_year_of_discharge()
    {
        var person = await OfTwoYears();
        var whole = Part("r1", January);
        whole = whole with
        {
            Request = whole.Request with { Bill = whole.Request.Bill with { AdmittedOn = new DateOnly(2025, 12, 1) } },
        };
        var settled = await person.Settled(whole);
        Assert.Equal((2026, 2), (settled.Fact.Request.Year, Version(settled)));
        Assert.Equal("2026", Assert.Single(await person.Accumulators()).Key.Period.ToString());
    }

    [Theory]
    [InlineData("2025-12-31", 1, 60)]
    [InlineData("2026-01-01", 2, 50)]
    public async Task The_plan_switches_at_New_Year_by_the_day_of_discharge(string discharged, int version, int percent)
    {
        var person = await OfTwoYears();
        var settled = await person.Settled(Part("r1", DateOnly.Parse(discharged)));
        Assert.Equal(version, Version(settled));
        Assert.Equal(Money.Yuan(6_000m * percent / 100), settled.Fact.Outcome.PlansPaid);
    }

    /// <summary>Tongliao, clause 4: 10,000 as an ordinary person, then 5,000 as a special one: 5,000 × 65 %.</summary>
    [Fact]
    public async Task An_identity_counts_for_discharges_from_its_first_day_on_and_nothing_is_computed_again()
    {
        var person = await Person.Enrolled();
        var since = new DateOnly(2025, 6, 1);
        await person.Settled(At("r1", 10_000, new DateOnly(2025, 3, 1)));
        await person.PutRoster("anna", roster => roster with
        {
            Identities = [new Identity(IdentityKind.LowIncome, new DaySpan(since, null))],
        });
        var special = await person.Settled(At("r2", 5_000, since));
        Assert.Equal(Money.Yuan(3_250), special.Fact.Outcome.PlansPaid);
        // Discharged the day before, settled afterwards: as an ordinary person, from where the position is now.
        var ordinary = await person.Settled(At("r3", 5_000, since.AddDays(-1)));
        Assert.Equal(Money.Yuan(3_000), ordinary.Fact.Outcome.PlansPaid);
        var facts = await person.Ledger.ReadStream(StreamKey.Person("anna"), 1, 20, default);
        Assert.DoesNotContain(facts, recorded => recorded.Fact is Fact.Adjusted);
    }

    [Fact]
    public async Task Suspended_cover_refuses_and_resumed_cover_goes_on_where_it_stood()
    {
        var person = await Person.Enrolled();
        await person.PutRoster("anna", roster => roster with
        {
            Coverages =
            [
                new Coverage(GivenPlans.Tongliao, new DaySpan(null, new DateOnly(2025, 4, 30))),
                new Coverage(GivenPlans.Tongliao, new DaySpan(new DateOnly(2025, 7, 1), null)),
            ],
        });
        await person.Settled(At("r1", 14_000, new DateOnly(2025, 4, 30)));
        foreach (var (id, day) in new[] { ("r2", new DateOnly(2025, 5, 1)), ("r3", new DateOnly(2025, 6, 30)) })
        {
            var refusal = await person.Refused(RefusalReason.NotCovered, At(id, 1_000, day));
            Assert.Equal("COVER_NOT_IN_FORCE", refusal.Numbers[GivenPlans.Tongliao]);
        }
        var resumed = await person.Settled(At("r4", 1_000, new DateOnly(2025, 7, 1)));
        Assert.Equal(Money.Yuan(14_000), resumed.Fact.Outcome.Layers[0].PositionBefore);
        Assert.Equal(Money.Yuan(600), resumed.Fact.Outcome.PlansPaid);
        // A bill of before the suspension still counts when it comes late.
        Assert.Equal(
            Money.Yuan(600), (await person.Settled(At("r5", 1_000, new DateOnly(2025, 4, 1)))).Fact.Outcome.PlansPaid);
    }

    /// <summary>
    /// Puyang 1 and 32, for any plan: what was discharged in the year is settled after its end all the same.
    /// </summary>
    [Fact]
    public async Task A_claim_filed_after_the_years_end_is_settled_into_the_year_of_discharge()
    {
        var person = await OfTwoYears();
        await person.PutRoster("anna", roster => roster with
        {
            Coverages = [new Coverage(GivenPlans.Tongliao, new DaySpan(new DateOnly(2025, 1, 1), NewYearsEve))],
        });
        await person.Settled(At("r1", 14_000, new DateOnly(2025, 2, 1)));
        person.Clock.Advance(TimeSpan.FromDays(400));
        var late = await person.Settled(At("r2", 1_000, NewYearsEve));
        Assert.Equal((2025, 1, Money.Yuan(600)), (late.Fact.Request.Year, Version(late), late.Fact.Outcome.PlansPaid));
        Assert.Equal(2027, DateTimeOffset.FromUnixTimeMilliseconds(late.Recorded.Entry.At).Year);
        await person.Refused(RefusalReason.NotCovered, At("r3", 1_000, NewYearsEve.AddDays(1)));
        Assert.Empty((await person.Settled(Person.Reverse("v2", late))).Adjustments);
        Assert.Equal(Money.Yuan(14_000), Assert.Single(await person.Accumulators()).Value.Position);
    }

    /// <summary>Tongliao of 2025 and, as version 2 of the same plan, of 2026 with a first band of 50 %.</summary>
    static async Task<Person> OfTwoYears()
    {
        var person = await Person.Enrolled();
        var next = GivenPlans.TongliaoText
            .Replace("from: 2025-01-01\n  to: 2025-12-31", "from: 2026-01-01\n  to: 2026-12-31",
                StringComparison.Ordinal)
            .Replace("to: 30000, rate: 60%", "to: 30000, rate: 50%", StringComparison.Ordinal);
        Assert.Equal(2, await GivenPlans.Publish(person.Ledger, next, person.Clock.GetUtcNow()));
        return person;
    }

    /// <summary>A part of one and the same stay.</summary>
    static Command.Settle Part(string id, DateOnly discharged) =>
        new(Given.Request(id, "anna", 20_000, encounter: "over-new-year", discharged: discharged), null);

    static Command.Settle At(string id, decimal eligible, DateOnly discharged) =>
        new(Given.Request(id, "anna", eligible, discharged: discharged), null);

    static int Version(Settlement settlement) => Assert.Single(settlement.Fact.Outcome.Counted).Version;
}
