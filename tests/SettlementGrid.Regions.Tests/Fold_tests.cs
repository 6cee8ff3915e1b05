using SettlementGrid.Enrollees;
using SettlementGrid.Regions.Folding;
using SettlementGrid.Regions.Tests.Kit;
using SettlementGrid.Testing;

namespace SettlementGrid.Regions.Tests;

/// <summary>At every mark the fold's figures are those of the facts up to it.</summary>
public sealed class Fold_tests
{
    static readonly string[] Regions =
    [
        "150000", "150500", "150502", "150521", "150600", "150602", "410000", "410900", "410926", "150599", "990000",
    ];

    static readonly string[] Plans =
        [GivenPlans.Tongliao, GivenPlans.Supplement, GivenPlans.Puyang, Workload.OwnPool, "none"];

    static readonly int[] Years = [2024, 2025, 2026, 2027];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Every_figure_is_what_summing_all_facts_gives(int seed)
    {
        var entries = await Workload.Entries(seed, 900);
        var marks = new HashSet<int> { entries.Count / 3, entries.Count * 2 / 3, entries.Count };
        var fold = new FundFold(GivenPlans.Read);
        foreach (var entry in entries)
        {
            fold.Apply(entry);
            if (!marks.Contains((int)fold.Mark))
                continue;
            var soFar = entries.Take((int)fold.Mark).ToList();
            foreach (var region in Regions)
                foreach (var plan in Plans)
                    foreach (var year in Years)
                        Same.Figures(NaiveFunds.Position(soFar, region, plan, year), fold.Position(region, plan, year));
        }
    }

    [Fact]
    public async Task The_random_work_holds_whatever_must_be_summed()
    {
        var facts = new List<Fact>();
        for (var seed = 1; seed <= 6; seed++)
            facts.AddRange((await Workload.Entries(seed, 900)).Select(e => e.Fact));
        Assert.Equal(
            [FactKind.Enrolled, FactKind.RosterChanged, FactKind.Settled, FactKind.Reversed, FactKind.Adjusted,
                FactKind.Barred, FactKind.PlanPublished, FactKind.FundRecorded],
            facts.Select(f => f.Kind).Distinct().Order());
        Assert.Contains(facts.OfType<Fact.Adjusted>(), f => f.Outcome.Layers.Any(l => l.Paid.Fen != 0));
        Assert.Contains(facts, f => f is Fact.Reversed { Outcome.BasicFundCode: "390401" });
        Assert.Contains(facts.OfType<Fact.Money>(), f => f.Outcome.Layers.Any(l => l.LayerId == "pool"));
        Assert.Contains(facts, f => f is Fact.Money { Outcome.Counted.Count: > 1 });
        Assert.Contains(
            facts.OfType<Fact.Money>().GroupBy(f => (f.Request.EnrolleeId, f.Request.Year)),
            person => person.Select(f => f.RegionId).Distinct().Count() > 2);
    }

    [Fact]
    public async Task A_fold_written_away_and_read_back_folds_on_to_the_same()
    {
        var entries = await Workload.Entries(7, 700);
        foreach (var mark in new[] { 0, 1, 50, entries.Count / 2, entries.Count })
        {
            var straight = Folded(entries);
            var restored = FundFold.Restore(Folded(entries.Take(mark)).Checkpoint(), GivenPlans.Read);
            Assert.Equal(mark, restored.Mark);
            foreach (var entry in entries.Skip(mark))
                restored.Apply(entry);
            Assert.Equal(straight.Checkpoint(), restored.Checkpoint());
            Same.Figures(
                straight.Position("150000", GivenPlans.Tongliao, 2025),
                restored.Position("150000", GivenPlans.Tongliao, 2025));
        }
    }

    [Fact]
    public async Task A_damaged_checkpoint_is_refused_wherever_the_damage_is()
    {
        var checkpoint = Folded(await Workload.Entries(8, 60)).Checkpoint();
        for (var at = 0; at < checkpoint.Length; at++)
        {
            var damaged = checkpoint.ToArray();
            damaged[at] ^= (byte)(1 << at % 8);
            Assert.Throws<InvalidDataException>(() => FundFold.Restore(damaged, GivenPlans.Read));
        }
        for (var length = 0; length < checkpoint.Length; length += 7)
            Assert.Throws<InvalidDataException>(() => FundFold.Restore(checkpoint.AsSpan(0, length), GivenPlans.Read));
        Assert.Throws<InvalidDataException>(() => FundFold.Restore([.. checkpoint, 0], GivenPlans.Read));
    }

    [Fact]
    public async Task Reading_only_what_is_needed_gives_what_the_whole_entry_gives()
    {
        var entries = await Workload.Entries(9, 700);
        var lean = new FundFold(GivenPlans.Read);
        foreach (var entry in entries)
            lean.Apply(entry.Position, entry.Entry.Body);
        Assert.Equal(Folded(entries).Checkpoint(), lean.Checkpoint());
    }

    [Fact]
    public async Task Only_the_entry_after_the_mark_is_taken()
    {
        var entries = await Workload.Entries(1, 20);
        var fold = Folded(entries.Take(5));
        Assert.Throws<ArgumentException>(() => fold.Apply(entries[4]));
        Assert.Throws<ArgumentException>(() => fold.Apply(entries[6]));
        Assert.Equal(5, fold.Mark);
        fold.Apply(entries[5]);
        Assert.Equal(6, fold.Mark);
    }

    [Fact]
    public async Task A_list_holds_the_region_and_all_below_that_have_figures()
    {
        var entries = await Workload.Entries(3, 900);
        var fold = Folded(entries);
        foreach (var region in Regions)
        {
            var expected = Regions.Where(r => NaiveFunds.Below(r, region)).Order(StringComparer.Ordinal)
                .Select(r => NaiveFunds.Position(entries, r, GivenPlans.Tongliao, 2025).WithoutFacilities())
                .Where(p => p.RegionId == region || HasFigures(p)).ToList();
            var found = fold.Positions(new FundQuery(region, GivenPlans.Tongliao, 2025, Below: true));
            Assert.Equal(entries.Count, found.Mark);
            Assert.Equal(expected.Select(p => p.RegionId), found.Positions.Select(p => p.RegionId));
            foreach (var (one, other) in expected.Zip(found.Positions))
                Same.Figures(one, other);
        }
    }

    [Fact]
    public async Task A_list_of_every_plan_holds_those_with_figures()
    {
        var entries = await Workload.Entries(3, 900);
        var found = Folded(entries).Positions(new FundQuery("150500", "", 2026, Below: false)).Positions;
        var expected = Plans.Order(StringComparer.Ordinal).Select(p => NaiveFunds.Position(entries, "150500", p, 2026))
            .Where(HasFigures).ToList();
        Assert.Equal(expected.Select(p => p.PlanId), found.Select(p => p.PlanId));
        foreach (var (one, other) in expected.Zip(found))
            Same.Figures(one.WithoutFacilities(), other);
    }

    [Fact]
    public async Task Whoever_takes_only_what_changed_has_the_whole()
    {
        var entries = await Workload.Entries(4, 600);
        var query = new FundQuery("150000", "", 2026, Below: true);
        var fold = new FundFold(GivenPlans.Read);
        var seen = new Dictionary<(string, string), FundPosition>();
        var mark = -1L;
        foreach (var entry in entries)
        {
            fold.Apply(entry);
            if (entry.Position % 13 != 0)
                continue;
            var changed = fold.Positions(query, mark);
            mark = changed.Mark;
            foreach (var position in changed.Positions)
                seen[(position.RegionId, position.PlanId)] = position;
            foreach (var position in fold.Positions(query).Positions)
                Same.Figures(
                    position,
                    seen[(position.RegionId, position.PlanId)] with { Mark = position.Mark, At = position.At });
        }
    }

    [Fact]
    public async Task Nothing_changed_is_nothing_told()
    {
        var fold = Folded(await Workload.Entries(4, 200));
        Assert.Empty(fold.Positions(new FundQuery("150000", "", 2026, Below: true), fold.Mark).Positions);
        Assert.Empty(
            fold.Positions(new FundQuery("150000", GivenPlans.Tongliao, 2026, Below: true), fold.Mark).Positions);
    }

    [Fact]
    public async Task A_plan_is_known_once_it_was_published()
    {
        var entries = await Workload.Entries(1, 1);
        var fold = new FundFold(GivenPlans.Read);
        Assert.False(fold.Knows(GivenPlans.Tongliao));
        fold.Apply(entries[0]);
        Assert.True(fold.Knows(GivenPlans.Tongliao));
        Assert.False(fold.Knows(GivenPlans.Puyang));
        Assert.True(FundFold.Restore(fold.Checkpoint(), GivenPlans.Read).Knows(GivenPlans.Tongliao));
    }

    static bool HasFigures(FundPosition p) => p.Insured > 0 || p.ByMonth.Count > 0 || p.Recorded != FundRecorded.None;

    static FundFold Folded(IEnumerable<Recorded> entries)
    {
        var fold = new FundFold(GivenPlans.Read);
        foreach (var entry in entries)
            fold.Apply(entry);
        return fold;
    }
}
