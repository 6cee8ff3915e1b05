using FsCheck;
using FsCheck.Fluent;
using SettlementGrid.Plans;
using SettlementGrid.Testing;

namespace SettlementGrid.Enrollees.Tests.Simulating;

/// <summary>What holds for any history: of bills, reversals and the adjustments that they cause.</summary>
public sealed class Simulation_laws
{
    static readonly Arbitrary<int[]> Histories = Gen.Choose(0, 2_000_000_000).ArrayOf(25).ToArbitrary();

    [Fact]
    public void The_plan_itself_makes_no_difference_to_anybody_under_its_own_id_or_another() => Prop.ForAll(
        Histories, dice => Nothing_differs(dice).GetAwaiter().GetResult()).QuickCheckThrowOnFailure();

    [Fact]
    public void It_gives_what_settling_everything_afresh_under_the_plan_gives() => Prop.ForAll(
        Histories, dice => Equals_afresh(dice).GetAwaiter().GetResult()).QuickCheckThrowOnFailure();

    [Fact]
    public void A_lower_start_gives_each_person_what_the_bands_say_of_the_years_sum() => Prop.ForAll(
        Gen.Choose(0, 200).ArrayOf(8).ToArbitrary(),
        hundreds => Follows_from_the_sum(hundreds).GetAwaiter().GetResult()).QuickCheckThrowOnFailure();

    [Fact]
    public async Task Among_such_histories_are_adjustments()
    {
        // Else the laws above would say less than they promise.
        var dice = Enumerable.Range(0, 25).Select(i => i % 5 == 4 ? 9 : 123_456_780 + i * 40_000_010).ToArray();
        var person = await Workload.Done(dice);
        var facts = (await person.Ledger.ReadTail(0, 10_000, default)).Select(r => r.Fact).ToList();
        Assert.NotEmpty(facts.OfType<Fact.Adjusted>());
        Assert.True(facts.OfType<Fact.Settled>().Count() > facts.OfType<Fact.Reversed>().Count());
    }

    static async Task Nothing_differs(int[] dice)
    {
        var person = await Workload.Done(dice);
        foreach (var plan in new[] { Drafts.Same, Drafts.SameNextYear, GivenPlans.Read(GivenPlans.SupplementText) })
        {
            var outcome = await person.Try(plan);
            var paid = Money.Zero;
            foreach (var id in Workload.Persons)
                paid += await Workload.PaidTo(person.Ledger, id);
            Assert.Equal((paid, paid), (outcome.Paid, outcome.SimulatedPaid));
            Assert.Equal(outcome.Persons, outcome.PersonsUnchanged);
            Assert.Empty(outcome.Largest);
            Assert.Empty(outcome.NotRated);
            Assert.All(outcome.Layers, layer => Assert.Equal(layer.Actual, layer.Simulated));
            Assert.Equal(outcome.Settlements, outcome.Untouched + outcome.Replaced.Sum(r => r.Settlements));
        }
    }

    static async Task Equals_afresh(int[] dice)
    {
        var person = await Workload.Done(dice);
        var outcome = await person.Try(Drafts.LowerTop);
        var (ledger, settlements) = await Workload.Afresh(person, Drafts.LowerTopText);
        Assert.Empty(outcome.NotRated);
        Assert.Equal(settlements.Count, outcome.Settlements);
        foreach (var id in Workload.Persons)
        {
            var (before, after) = (await Workload.PaidTo(person.Ledger, id), await Workload.PaidTo(ledger, id));
            var named = outcome.Largest.SingleOrDefault(p => p.EnrolleeId == id);
            Assert.Equal(before == after, named is null);
            if (named is not null)
                Assert.Equal((before, after), (named.Before, named.After));
        }
        var layers = settlements.SelectMany(s => s.Fact.Outcome.Layers).ToLookup(l => (l.PlanId, l.LayerId));
        Assert.Equal(
            outcome.SimulatedPaid, settlements.Aggregate(Money.Zero, (sum, s) => sum + s.Fact.Outcome.PlansPaid));
        foreach (var layer in outcome.Layers)
        {
            var afresh = layers[(layer.PlanId, layer.LayerId)].Where(l => l.Paid != Money.Zero).ToList();
            Assert.Equal(afresh.Count, layer.Simulated.Cases);
            Assert.Equal(afresh.Aggregate(Money.Zero, (sum, l) => sum + l.Paid), layer.Simulated.Paid);
        }
    }

    static async Task Follows_from_the_sum(int[] hundreds)
    {
        var person = await Person.Enrolled("anna", "bert");
        var sums = new Dictionary<string, long> { ["anna"] = 0, ["bert"] = 0 };
        for (var i = 0; i < hundreds.Length; i++)
        {
            var who = i % 3 == 0 ? "bert" : "anna";
            await person.Settle("r" + i, hundreds[i] * 100, who);
            sums[who] += hundreds[i] * 100;
        }
        var outcome = await person.Try(Drafts.LowerStart);
        foreach (var (who, sum) in sums)
        {
            var expected = Pays(sum, 12_000) - Pays(sum, 14_000);
            var named = outcome.Largest.SingleOrDefault(p => p.EnrolleeId == who);
            Assert.Equal(Money.Yuan(expected), named?.Difference ?? Money.Zero);
        }
    }

    /// <summary>Tongliao 4.1 yuan by yuan of a year's sum: exact, since bills are multiples of a hundred.</summary>
    static decimal Pays(long sum, long start)
    {
        var paid = 0m;
        for (var yuan = start + 1; yuan <= sum; yuan++)
            paid += yuan <= 30_000 ? 0.6m : yuan <= 50_000 ? 0.7m : yuan <= 80_000 ? 0.8m : 0.9m;
        return paid;
    }
}
