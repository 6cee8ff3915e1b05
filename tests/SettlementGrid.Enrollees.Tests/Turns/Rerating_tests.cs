using SettlementGrid.Plans;
using SettlementGrid.Testing;

namespace SettlementGrid.Enrollees.Tests.Turns;

/// <summary>
/// What a reversal changes for the settlements after it, figure by figure. Tongliao: start 14,000; 60 % to 30,000, 70 %
/// to 50,000, 80 % to 80,000, 90 % above; 380,000 at most.
/// </summary>
public sealed class Rerating_tests
{
    static LayerResult Layer(Settlement settlement) => settlement.Fact.Outcome.Layers.Single();

    static (decimal, decimal, decimal, decimal, decimal) Figures(Settlement settlement)
    {
        var layer = Layer(settlement);
        return (layer.Base.Fen / 100m, layer.PositionBefore.Fen / 100m, layer.PositionAfter.Fen / 100m,
            layer.Paid.Fen / 100m, layer.PaidBefore.Fen / 100m);
    }

    static SettlementId Adjusts(Settlement settlement) => Assert.IsType<Fact.Adjusted>(settlement.Fact).Adjusts;

    [Fact]
    public async Task Adjustments_of_adjusted_settlements_come_to_what_was_never_reversed()
    {
        var person = await Person.Enrolled();
        var first = await person.Settle("r1");
        var second = await person.Settle("r2");
        var third = await person.Settle("r3");
        Assert.Equal((30_000, 60_000, 90_000, 25_000, 31_600), Figures(third));

        var reversal = await person.Settled(Person.Reverse("v1", first));
        Assert.Equal([second.Fact.Id, third.Fact.Id], reversal.Adjustments.Select(Adjusts));
        Assert.Equal((0, -30_000, -30_000, -12_400, -9_600), Figures(reversal.Adjustments[0]));
        Assert.Equal((0, -30_000, -30_000, -3_000, -22_000), Figures(reversal.Adjustments[1]));
        var outcome = reversal.Adjustments[0].Fact.Outcome;
        Assert.Equal(second.Fact.Outcome.Counted, outcome.Counted);
        Assert.Equal(("", 0), (outcome.BasicFundCode, reversal.Adjustments[0].Fact.Sign));
        Assert.Equal((Money.Yuan(370_400), Money.Zero, Money.Yuan(14_000)),
            (Layer(reversal.Adjustments[0]).CapRemaining, Layer(reversal.Adjustments[0]).DeductibleRemaining,
                Layer(reversal.Adjustments[0]).Deductible));

        // The second is taken back with what was adjusted of it; the third now stands alone.
        reversal = await person.Settled(Person.Reverse("v2", second));
        Assert.Equal([second.Fact.Id, third.Fact.Id], reversal.Adjustments.Select(Adjusts));
        Assert.Equal((0, 30_000, 30_000, 12_400, 9_600), Figures(reversal.Adjustments[0]));
        Assert.Equal((0, -30_000, -30_000, -12_400, -9_600), Figures(reversal.Adjustments[1]));
        var (_, accumulated) = (await person.Accumulators()).Single();
        Assert.Equal(new Accumulator(Money.Yuan(30_000), Money.Yuan(9_600), Money.Zero, 1), accumulated);

        reversal = await person.Settled(Person.Reverse("v3", third));
        Assert.Equal(third.Fact.Id, Adjusts(Assert.Single(reversal.Adjustments)));
        Assert.Equal((0, 60_000, 60_000, 15_400, 31_600), Figures(reversal.Adjustments[0]));
        Assert.Empty(await person.Accumulators());
    }

    [Fact]
    public async Task A_reversal_negates_every_amount_and_says_what_is_left_after_it()
    {
        var person = await Person.Enrolled();
        await person.Settle("r1", 10_000);
        var settled = await person.Settle("r2", 30_000);
        Assert.Equal((30_000, 10_000, 40_000, 16_600, 0), Figures(settled));
        var reversal = await person.Settled(Person.Reverse("v2", settled));
        Assert.Equal((-30_000, -10_000, -40_000, -16_600, 0), Figures(reversal));
        var (was, layer) = (Layer(settled), Layer(reversal));
        Assert.Equal((Money.Yuan(4_000), Money.Yuan(380_000)), (layer.DeductibleRemaining, layer.CapRemaining));
        Assert.Equal(was.Bands.Select(b => (b.From, b.To, -b.Amount, b.Rate, -b.Paid)),
            layer.Bands.Select(b => (b.From, b.To, b.Amount, b.Rate, b.Paid)));
        Assert.Equal((was.Deductible, was.FundCode, was.Clause), (layer.Deductible, layer.FundCode, layer.Clause));
        Assert.Empty(reversal.Adjustments);
        Assert.Equal(Assert.IsType<Fact.Settled>(settled.Fact).Attempt,
            Assert.IsType<Fact.Reversed>(reversal.Fact).Attempt);
    }

    [Fact]
    public async Task Above_the_start_nothing_is_left_of_it_after_a_reversal()
    {
        var person = await Person.Enrolled();
        await person.Settle("r1", 20_000);
        var reversal = await person.Settled(Person.Reverse("v2", await person.Settle("r2", 100)));
        Assert.Equal((Money.Zero, Money.Yuan(376_400)),
            (Layer(reversal).DeductibleRemaining, Layer(reversal).CapRemaining));
    }

    [Fact]
    public async Task Below_the_start_a_reversal_moves_nobodys_money_and_adjusts_nothing()
    {
        var person = await Person.Enrolled();
        var first = await person.Settle("r1", 1_000);
        await person.Settle("r2", 2_000);
        Assert.Empty((await person.Settled(Person.Reverse("v1", first))).Adjustments);
        Assert.Equal(Money.Yuan(2_000), (await person.Accumulators()).Single().Value.Position);
    }

    [Fact]
    public async Task Earlier_and_reversed_settlements_stay_as_they_are()
    {
        var person = await Person.Enrolled();
        await person.Settle("r1");
        var second = await person.Settle("r2");
        var third = await person.Settle("r3");
        var fourth = await person.Settle("r4");
        await person.Settled(Person.Reverse("v3", third));
        // The fourth stood at 90,000 → 120,000 (27,000), then 60,000 → 90,000 (25,000), now 30,000 → 60,000 (22,000).
        var reversal = await person.Settled(Person.Reverse("v2", second));
        Assert.Equal(fourth.Fact.Id, Adjusts(Assert.Single(reversal.Adjustments)));
        Assert.Equal((0, -30_000, -30_000, -3_000, -22_000), Figures(reversal.Adjustments[0]));
    }

    [Fact]
    public async Task An_opening_balance_stands_before_what_is_rated_again()
    {
        var person = await Person.Enrolled();
        var key = new AccumulatorKey(GivenPlans.Tongliao, "critical", new Period(2025));
        Assert.Null(await person.PutOpening(
            new OpeningBalance("anna", key, Money.Yuan(20_000), Money.Yuan(3_600), Money.Zero, "旧系统")));
        var first = await person.Settle("r1", 10_000);
        await person.Settle("r2", 10_000);
        // 30,000 → 40,000 paid 7,000, 20,000 → 30,000 pays 6,000.
        var reversal = await person.Settled(Person.Reverse("v1", first));
        Assert.Equal((0, -10_000, -10_000, -1_000, -6_000), Figures(Assert.Single(reversal.Adjustments)));
    }

    [Fact]
    public async Task A_settlement_is_rated_again_with_the_identities_it_was_settled_with()
    {
        var person = await Person.Enrolled();
        var first = await person.Settle("r1", 10_000);
        await person.PutRoster("anna", r => r with { Identities = [new Identity(IdentityKind.LowIncome, default)] });
        await person.Settle("r2", 10_000);
        await person.PutRoster("anna", r => r with { Identities = [] });
        // With a start of 7,000: 10,000 → 20,000 paid 6,500; 0 → 10,000 pays 1,950.
        var reversal = await person.Settled(Person.Reverse("v1", first));
        Assert.Equal((0, -10_000, -10_000, -4_550, 0), Figures(Assert.Single(reversal.Adjustments)));
    }

    [Fact]
    public async Task What_cannot_be_rated_within_its_total_stays_as_it_is()
    {
        var person = await Person.Enrolled();
        var first = await person.Settle("r1", 500_000);
        Assert.Equal(Money.Yuan(380_000), Layer(first).Paid);
        // Nothing is left under the cap; assistance bears all of it.
        var second = Given.Request("r2", "anna");
        await person.Settled(new Command.Settle(second with
        {
            Bill = second.Bill with { AssistancePaid = second.Bill.Total },
        }, null));
        var third = await person.Settle("r3", 10_000);
        Assert.Equal(Money.Zero, Layer(third).Paid);
        var reversal = await person.Settled(Person.Reverse("v1", first));
        // The third follows on the second as it stands: 30,000 → 40,000.
        Assert.Equal(third.Fact.Id, Adjusts(Assert.Single(reversal.Adjustments)));
        Assert.Equal((0, -500_000, -500_000, 7_000, -380_000), Figures(reversal.Adjustments[0]));
    }

    [Fact]
    public async Task Each_layer_of_a_chain_is_adjusted_by_its_own_difference()
    {
        var person = await Person.Enrolled();
        await person.PutRoster("anna", r => r with
        {
            Coverages = [new Coverage(GivenPlans.Tongliao, default), new Coverage(GivenPlans.Supplement, default)],
        });
        var first = await person.Settle("r1");
        await person.Settle("r2");
        var shown = await person.Settled(Person.Reverse("v1", first, dryRun: true));
        Assert.Null(shown.Token);
        var reversal = await person.Settled(Person.Reverse("v1", first));
        var layers = Assert.Single(reversal.Adjustments).Fact.Outcome.Layers;
        Assert.Equal(layers, Assert.Single(shown.Adjustments).Fact.Outcome.Layers);
        // Tongliao paid 9,600 and 22,000 and left 20,400 and 8,000; of that the supplement pays half above 1,000.
        Assert.Equal(
            [(GivenPlans.Tongliao, 0, -12_400), (GivenPlans.Supplement, 12_400, 5_700)],
            layers.Select(l => (l.PlanId, l.Base.Fen / 100, l.Paid.Fen / 100)));
    }

    [Fact]
    public async Task Another_policy_year_is_not_touched()
    {
        var person = await Person.Enrolled();
        var text = GivenPlans.SupplementText.Replace(", to: 2025-12-31", "", StringComparison.Ordinal)
            .Replace("id: " + GivenPlans.Supplement, "id: long", StringComparison.Ordinal);
        await GivenPlans.Publish(person.Ledger, text, person.Clock.GetUtcNow());
        await person.PutRoster("anna", r => r with { Coverages = [new Coverage("long", default)] });
        var first = await person.Settled(On("r1", new DateOnly(2026, 1, 1)));
        await person.Settled(On("r2", new DateOnly(2025, 12, 31)));
        var third = await person.Settled(On("r3", new DateOnly(2026, 1, 2)));
        // 1,500 → 3,000 paid 750; 0 → 1,500 pays 250.
        var reversal = await person.Settled(Person.Reverse("v1", first));
        Assert.Equal(third.Fact.Id, Adjusts(Assert.Single(reversal.Adjustments)));
        Assert.Equal((0, -1_500, -1_500, -500, -250), Figures(reversal.Adjustments[0]));

        static Command.Settle On(string id, DateOnly day) =>
            new(Given.Request(id, "anna", 1_500, discharged: day), null);
    }

    [Fact]
    public async Task A_reversal_adjusts_at_most_two_hundred_settlements()
    {
        var person = await Person.Enrolled();
        var first = await person.Settle("first", 14_000);
        var second = await person.Settle("second", 1);
        for (var i = 0; i < Limits.AdjustmentsMax; i++)
            await person.Settle("r" + i, 1);
        var refusal = await person.Refused(RefusalReason.TooManyAdjustments, Person.Reverse("v1", first));
        Assert.Contains("(201, at most 200)", refusal.MessageEn);
        Assert.Equal(first.Fact.Id.ToString(), refusal.Numbers["settlement_id"]);
        Assert.Empty((await person.Settled(Person.Reverse("v2", second))).Adjustments);
        Assert.Equal(200, (await person.Settled(Person.Reverse("v1", first))).Adjustments.Count);
        // Asked again, all of them are read again.
        Assert.Equal(200, (await person.Settled(Person.Reverse("v1", first), server: 1)).Adjustments.Count);
    }

    [Fact]
    public async Task A_history_beyond_five_thousand_facts_is_not_rated_again()
    {
        var person = await Person.Enrolled();
        var settled = await person.Settle("r1");
        var history = Enumerable.Repeat(settled.Recorded, Limits.HistoryFactsMax).ToList();
        var command = Person.Reverse("v1", settled);
        Assert.IsType<Decision.Facts>(
            Decide.Reversal(command.Request.Id, command.Request, settled.Recorded, history, GivenPlans.Shipped));
        history.Add(settled.Recorded);
        var refused = Assert.IsType<Decision.Refused>(
            Decide.Reversal(command.Request.Id, command.Request, settled.Recorded, history, GivenPlans.Shipped));
        Assert.Equal(RefusalReason.TooManyAdjustments, refused.Refusal.Reason);
    }

    [Fact]
    public async Task A_plan_that_the_catalog_lacks_is_an_error_and_no_guess()
    {
        var person = await Person.Enrolled();
        var first = await person.Settle("r1");
        var second = await person.Settle("r2");
        var request = Person.Reverse("v1", first).Request;
        var error = Assert.Throws<InvalidOperationException>(() => Decide.Reversal(
            request.Id, request, first.Recorded, [first.Recorded, second.Recorded], Catalog.Empty));
        Assert.Contains(GivenPlans.Tongliao, error.Message);
    }
}
