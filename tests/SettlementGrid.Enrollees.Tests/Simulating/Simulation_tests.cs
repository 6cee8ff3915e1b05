using SettlementGrid.Enrollees.Simulating;
using SettlementGrid.Plans;
using SettlementGrid.Testing;

namespace SettlementGrid.Enrollees.Tests.Simulating;

/// <summary>Small regions, computed by hand from the rates of Tongliao 4.1 (60/70/80/90 %, start 14,000).</summary>
public sealed class Simulation_tests
{
    [Fact]
    public async Task A_small_region_by_hand()
    {
        var person = await Person.Enrolled("anna", "bert", "carl", "dora", "emil");
        await person.Settle("a1", 20_000, "anna");
        await person.Settle("b1", 10_000, "bert");
        await person.Settle("c1", 13_000, "carl");
        await person.Settle("a2", 10_000, "anna");
        await person.Settle("d1", 100_000, "dora");
        var outcome = await person.Try(Drafts.LowerTop);
        // anna: 16,000 × 60 % and 18,000 × 60 %. carl: nothing and 1,000 × 60 %. dora: 65,600 (policies, worked), and
        // 10,800 + 14,000 + 24,000 + 10,000. bert stays below either start, emil never settled.
        Assert.Equal((5, 4), (outcome.Settlements, outcome.Persons));
        Assert.Equal(Money.Yuan(9_600 + 65_600), outcome.Paid);
        Assert.Equal(Money.Yuan(10_800 + 600 + 58_800), outcome.SimulatedPaid);
        Assert.Equal((2, 1, 1), (outcome.PersonsBetter, outcome.PersonsWorse, outcome.PersonsUnchanged));
        Assert.Equal(
            [
                new PersonDifference("dora", Money.Yuan(65_600), Money.Yuan(58_800), 1),
                new PersonDifference("anna", Money.Yuan(9_600), Money.Yuan(10_800), 2),
                new PersonDifference("carl", Money.Zero, Money.Yuan(600), 1),
            ],
            outcome.Largest);
        Assert.Equal(
            [(500, 1, 600, 0, 0), (1_000, 1, 1_200, 0, 0), (5_000, 0, 0, 1, 6_800)],
            outcome.Bands.Where(b => b.Better.Persons + b.Worse.Persons > 0).Select(Yuan));
        Assert.Equal(
            [
                new LayerUse(
                    GivenPlans.Tongliao, "critical", false, new LayerSum(3, Money.Yuan(75_200)),
                    new LayerSum(4, Money.Yuan(70_200))),
                new LayerUse(GivenPlans.Tongliao, "accident", false, default, default),
            ],
            outcome.Layers);
        Assert.Equal([new ReplacedPlan(new PlanCounted(GivenPlans.Tongliao, 1), 5)], outcome.Replaced);
        Assert.Empty(outcome.NotRated);
        Assert.Equal(0, outcome.Untouched);
        Assert.Equal((await person.Ledger.ReadHead(default)).Position, outcome.Position);
    }

    [Fact]
    public async Task Reversed_settlements_count_nowhere_and_adjustments_count_as_paid()
    {
        var person = await Person.Enrolled("anna", "bert");
        var first = await person.Settle("a1", 30_000);
        await person.Settle("a2", 30_000);
        await person.Settled(Person.Reverse("v1", first));
        var only = await person.Settle("b1", 50_000, "bert");
        await person.Settled(Person.Reverse("v2", only));
        var outcome = await person.Try(Drafts.LowerStart);
        // 22,000 were paid for the second, 12,400 of them adjusted away: it stands as the first of the year.
        Assert.Equal((1, 1), (outcome.Settlements, outcome.Persons));
        Assert.Equal((Money.Yuan(9_600), Money.Yuan(10_800)), (outcome.Paid, outcome.SimulatedPaid));
        Assert.Equal(1, outcome.Layers[0].Actual.Cases);
    }

    [Fact]
    public async Task A_plan_behind_the_tried_one_pays_on_what_that_one_leaves()
    {
        var person = await Person.Enrolled();
        await Given.Enrol(person.Ledger, person.Clock, "bert", GivenPlans.Tongliao, GivenPlans.Supplement);
        await person.Settle("b1", 30_000, "bert");
        var outcome = await person.Try(Drafts.LowerStart);
        // (30,000 − 9,600 − 1,000) × 50 % and (30,000 − 10,800 − 1,000) × 50 %.
        Assert.Equal((Money.Yuan(9_600 + 9_700), Money.Yuan(10_800 + 9_100)), (outcome.Paid, outcome.SimulatedPaid));
        var rest = Assert.Single(outcome.Layers, l => l.PlanId == GivenPlans.Supplement);
        Assert.Equal((Money.Yuan(9_700), Money.Yuan(9_100)), (rest.Actual.Paid, rest.Simulated.Paid));
    }

    [Fact]
    public async Task Settlements_without_a_plan_of_the_kind_are_counted_as_untouched()
    {
        var person = await Person.Enrolled();
        await Given.Enrol(person.Ledger, person.Clock, "bert", GivenPlans.Supplement);
        await person.Settle("a1", 30_000);
        await person.Settle("b1", 30_000, "bert");
        var outcome = await person.Try(Drafts.LowerStart);
        Assert.Equal((2, 1), (outcome.Settlements, outcome.Untouched));
        Assert.Equal(Money.Yuan(1_200), outcome.Difference);
    }

    [Fact]
    public async Task An_untouched_settlement_pays_what_the_ones_before_it_would_have_left_of_a_cap()
    {
        var person = await Person.Enrolled();
        await Given.Enrol(person.Ledger, person.Clock, "bert", GivenPlans.Tongliao, GivenPlans.Supplement);
        await person.Settle("b1", 300_000, "bert");
        await person.PutRoster("bert", entry => entry with { Coverages = [entry.Coverages[1]] });
        await person.Settle("b2", 400_000, "bert");
        var outcome = await person.Try(Drafts.LowerStart);
        Assert.Equal(1, outcome.Untouched);
        // Tongliao 245,600 and 246,800. The supplement half of what that leaves above 1,000: 26,700 and 26,100, and for
        // the second bill what is left of 200,000.
        var rest = Assert.Single(outcome.Layers, l => l.PlanId == GivenPlans.Supplement);
        Assert.Equal((Money.Yuan(200_000), Money.Yuan(200_000)), (rest.Actual.Paid, rest.Simulated.Paid));
        Assert.Equal(Money.Yuan(1_200), outcome.Difference);
    }

    [Fact]
    public async Task What_would_be_refused_is_counted_by_reason_and_kept_at_what_it_pays()
    {
        var person = await Person.Enrolled();
        await Given.Enrol(person.Ledger, person.Clock, "bert", GivenPlans.Supplement);
        await person.Settle("b1", 5_000, "bert");
        await person.Settle("b2", 7_000, "bert");
        var outcome = await person.Try(Drafts.WithoutStart);
        var refused = Assert.Single(outcome.NotRated);
        Assert.Equal(RefusalReason.PlanParameterMissing, refused.First.Reason);
        Assert.Equal("start-of-year", refused.First.Numbers["parameter"]);
        // (5,000 − 1,000) × 50 %, then 7,000 × 50 %.
        Assert.Equal((2, Money.Yuan(5_500)), (refused.Settlements, refused.Paid));
        Assert.Equal((Money.Yuan(5_500), Money.Yuan(5_500)), (outcome.Paid, outcome.SimulatedPaid));
        Assert.Equal(1, outcome.PersonsUnchanged);
    }

    [Fact]
    public async Task A_kept_settlement_moves_the_accumulators_as_it_did()
    {
        var person = await Person.Enrolled();
        await Given.Enrol(person.Ledger, person.Clock, "emil", GivenPlans.Puyang);
        var day = new DateOnly(2026, 2, 3);
        (string, int, int)[] bills = [("e1", 80_000, 60_000), ("e2", 60_000, 45_000), ("e3", 10_000, 0)];
        foreach (var (id, eligible, basic) in bills)
            await person.Settled(new Command.Settle(
                Given.Request(id, "emil", eligible, basic, discharged: day), null));
        var outcome = await person.Try(Drafts.LowerBasicCap, year: 2026);
        // The second bill reaches the lower cap, and does not say what lies over it. After it everything eligible does.
        var refused = Assert.Single(outcome.NotRated);
        Assert.Equal((RefusalReason.OverCapEligibleRequired, 1), (refused.First.Reason, refused.Settlements));
        Assert.Equal((Money.Zero, Money.Yuan(9_000)), (outcome.Paid, outcome.SimulatedPaid));
    }

    [Fact]
    public async Task Only_the_region_and_the_year_count_but_the_person_brings_what_was_settled_elsewhere()
    {
        var person = await Person.Enrolled("anna", "bert");
        await person.Settle("a1", 20_000);
        await person.PutRoster("anna", entry => entry with { RegionId = "150523" });
        await person.Settle("a2", 20_000);
        await person.Settle("b1", 20_000, "bert");
        var county = await person.Try(Drafts.LowerStart, "150523");
        // The first 20,000 moved the position to 20,000 in the other county: the start is passed either way.
        Assert.Equal((1, 1), (county.Settlements, county.Persons));
        Assert.Equal((Money.Yuan(13_000), Money.Yuan(13_000)), (county.Paid, county.SimulatedPaid));
        var city = await person.Try(Drafts.LowerStart);
        Assert.Equal((3, 2), (city.Settlements, city.Persons));
        var other = await person.Try(Drafts.LowerStart, "410900");
        Assert.Equal((0, 0, Money.Zero), (other.Settlements, other.Persons, other.Paid));
        Assert.Equal(0, (await person.Try(Drafts.LowerStart, year: 2024)).Settlements);
    }

    [Fact]
    public async Task Opening_balances_of_the_year_count_also_under_another_plan_id()
    {
        var person = await Person.Enrolled();
        Assert.Null(await person.PutOpening(new OpeningBalance(
            "anna", new AccumulatorKey(GivenPlans.Tongliao, "critical", new Period(Tried.Year)), Money.Yuan(13_000),
            Money.Zero, Money.Yuan(5_000), "旧系统")));
        await person.Settle("a1", 10_000);
        Assert.Equal(Money.Yuan(1_200 - 600), (await person.Try(Drafts.LowerStart)).Difference);
        var next = await person.Try(Drafts.SameNextYear);
        Assert.Equal(Money.Zero, next.Difference);
        Assert.Equal(new LayerSum(1, Money.Yuan(5_400)), next.Layers[0].Actual);
        Assert.Equal((Drafts.NextYear, next.Layers[0].Actual), (next.Layers[0].PlanId, next.Layers[0].Simulated));
    }

    [Fact]
    public async Task Cover_under_the_replaced_plan_tells_when_cover_began_under_the_tried_one()
    {
        var person = await Person.Enrolled();
        await GivenPlans.Publish(person.Ledger, Drafts.SanmingText, person.Clock.GetUtcNow());
        var cover = new Coverage("sanming-puhui-2024", new DaySpan(new DateOnly(2024, 3, 1), null));
        // Ill when cover began in March, not in January, nor when discharged.
        var ill = new Identity(
            IdentityKind.Preexisting, new DaySpan(new DateOnly(2024, 2, 1), new DateOnly(2024, 3, 15)));
        var roster = new RosterEntry("350402", Insurance.Resident, [cover], [ill]);
        var entry = Entry.Next(Account.Unknown("finn"), new Fact.Enrolled(roster), Given.Now);
        await person.Ledger.Append(new Append([entry], null, Given.Now), default);
        var catalogs = await Given.Catalogs(person.Ledger);
        var request = Given.Request(
            "f1", "finn", 60_000, 30_000, discharged: new DateOnly(2024, 8, 1), facility: "H35040200001");
        var answer = await new Enrollee("finn", person.Ledger, catalogs, person.Clock)
            .Turn(new Command.Settle(request, null), default);
        // policies, worked: pre-existing, R1, total 60,000, basic 30,000.
        Assert.Equal(Money.Yuan(12_500), Assert.IsType<Answer.Settled>(answer).Settlement.Fact.Outcome.PlansPaid);
        var outcome = await person.Try(Drafts.SanmingNext, "350400", 2024);
        Assert.Equal((Money.Yuan(12_500), Money.Yuan(12_500)), (outcome.Paid, outcome.SimulatedPaid));
    }

    [Fact]
    public async Task What_is_settled_while_it_runs_plays_no_part()
    {
        var person = await Person.Enrolled();
        var first = await person.Settle("a1", 30_000);
        var head = await person.Ledger.ReadHead(default);
        var busy = new BusyLedger(person.Ledger, async () =>
        {
            await person.Settle("a2", 50_000);
            await person.Settled(Person.Reverse("v1", first));
        });
        var (outcome, _) = await Tried.Over(busy, Drafts.LowerStart);
        Assert.Equal((head.Position, 1), (outcome!.Position, outcome.Settlements));
        Assert.Equal((Money.Yuan(9_600), Money.Yuan(10_800)), (outcome.Paid, outcome.SimulatedPaid));
    }

    [Fact]
    public async Task Progress_covers_both_readings_and_ends_at_all()
    {
        var person = await Person.Enrolled("anna", "bert");
        await person.Settle("a1");
        await person.Settle("b1", id: "bert");
        await person.Settled(Person.Reverse("v1", await person.Settle("b2", id: "bert")));
        var seen = new List<SimulationProgress>();
        await Tried.Over(person.Ledger, Drafts.Same, report: seen.Add);
        var head = await person.Ledger.ReadHead(default);
        Assert.Equal(new SimulationProgress(0, 0, 0, 2 * head.Position), seen[0]);
        Assert.Equal(new SimulationProgress(2, 2, 2 * head.Position, 2 * head.Position), seen[^1]);
        Assert.Equal(seen.Select(p => p.EntriesRead).Order(), seen.Select(p => p.EntriesRead));
    }

    [Fact]
    public async Task More_persons_than_it_may_keep_are_refused_naming_the_region()
    {
        var person = await Person.Enrolled("anna", "bert");
        await person.Settle("a1");
        await person.Settle("b1", id: "bert");
        var (outcome, refusal) = await Tried.Over(person.Ledger, Drafts.Same, keptMax: 1);
        Assert.Null(outcome);
        Assert.Equal((RefusalReason.MalformedRequest, "region_id"), (refusal!.Reason, refusal.Numbers["field"]));
        Assert.NotNull((await Tried.Over(person.Ledger, Drafts.Same, keptMax: 2)).Outcome);
    }

    [Fact]
    public async Task A_template_is_refused_as_publishing_refuses_it()
    {
        var person = await Person.Enrolled();
        var (outcome, refusal) = await Tried.Over(person.Ledger, Drafts.Same with { Template = true });
        Assert.Null(outcome);
        Assert.Equal(RefusalReason.PlanInvalid, refusal!.Reason);
    }

    [Fact]
    public async Task An_empty_ledger_gives_an_empty_outcome()
    {
        var (outcome, _) = await Tried.Over(new VolatileLedger(new ManualClock()), Drafts.Same);
        Assert.Equal((0, 0, 0), (outcome!.Position, outcome.Settlements, outcome.Persons));
        Assert.Equal(DifferenceBand.Edges.Count + 1, outcome.Bands.Count);
    }

    [Fact]
    public void A_difference_on_an_edge_belongs_to_the_band_below_it()
    {
        long[] differences = [1, 10_000, 10_001, 50_000, -10_000, -5_000_001, 0];
        var bands = DifferenceBand.Of(differences.Select(d => new PersonDifference("x", Money.Zero, new Money(d), 1)));
        Assert.Equal(
            new DifferenceBand(
                Money.Zero, Money.Yuan(100), new PersonSum(2, new Money(10_001)), new PersonSum(1, Money.Yuan(100))),
            bands[0]);
        Assert.Equal(new PersonSum(2, new Money(60_001)), bands[1].Better);
        Assert.Equal(new PersonSum(1, new Money(5_000_001)), bands[^1].Worse);
        Assert.Null(bands[^1].To);
        Assert.Equal(6, bands.Sum(b => b.Better.Persons + b.Worse.Persons));
    }

    [Fact]
    public async Task Ten_differences_are_named_the_largest_first_and_equal_ones_by_id()
    {
        var ids = Enumerable.Range(1, 12).Select(i => $"p{i:00}").ToArray();
        var person = await Person.Enrolled(ids);
        foreach (var id in ids.Reverse())
            await person.Settle("r-" + id, id == "p07" ? 13_500 : 14_500, id);
        var outcome = await person.Try(Drafts.LowerStart);
        Assert.Equal(12, outcome.PersonsBetter);
        Assert.Equal(
            ["p01", "p02", "p03", "p04", "p05", "p06", "p08", "p09", "p10", "p11"],
            outcome.Largest.Select(p => p.EnrolleeId));
    }

    static (int From, int Better, int Gained, int Worse, int Lost) Yuan(DifferenceBand band) => (
        (int)(band.From.Fen / 100), (int)band.Better.Persons, (int)(band.Better.Amount.Fen / 100),
        (int)band.Worse.Persons, (int)(band.Worse.Amount.Fen / 100));

    /// <summary>Once the head was read, others go on settling.</summary>
    sealed class BusyLedger(ILedger inner, Func<Task> others) : LedgerAround(inner)
    {
        public override async ValueTask<LedgerHead> ReadHead(CancellationToken cancellation)
        {
            var head = await base.ReadHead(cancellation);
            await others();
            return head;
        }
    }
}
