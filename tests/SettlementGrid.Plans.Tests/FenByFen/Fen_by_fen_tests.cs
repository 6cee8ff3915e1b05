using FsCheck.Fluent;

namespace SettlementGrid.Plans.Tests;

/// <summary>
/// Each of the five plans, a thousand times smaller, against a walk through every single fen: random histories of two
/// years with identities, places, dates and reversals of any settlement, equal to the fen, layer by layer.
/// </summary>
public class Fen_by_fen_tests
{
    const int Histories = 10_000;

    static readonly FenWalk[] Walks =
    [
        new PuyangWalk(), new TongliaoWalk(), new FujianWalk(onCost: false), new FujianWalk(onCost: true),
        new DalianWalk(),
        new SanmingWalk(),
    ];

    public static TheoryData<string> Names() => [.. Walks.Select(walk => walk.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_engine_pays_what_each_fen_pays(string name)
    {
        var walk = Walks.Single(w => w.Name == name);
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        Generators.Law(Gen.Choose(0, int.MaxValue - 1), seed => new Comparison(walk, seed, seen).Run(), Histories);
        if (CaseCount.InFull)
            foreach (var what in (string[])["removed", .. walk.Plan.Layers.Select(layer => layer.Id + " paid")])
                Assert.True(seen.GetValueOrDefault(what) > 100, $"{what}: only {seen.GetValueOrDefault(what)} times");
    }

    [Fact]
    public void The_small_plan_is_the_shipped_one_but_for_its_amounts()
    {
        var (small, shipped) = (ScaledPlan.Text("tongliao-resident-critical-2025.yaml"),
            ShippedPlans.Text("tongliao-resident-critical-2025.yaml"));
        Assert.Contains("- { from: 30.00, to: 50.00, rate: 70% }", small, StringComparison.Ordinal);
        Assert.Contains("amount: 14.00\n", small, StringComparison.Ordinal);
        Assert.Contains("discharged: { to: 2025-06-30 }", small, StringComparison.Ordinal);
        Assert.Equal(
            shipped.Split('\n').Length,
            small.Split('\n').Zip(shipped.Split('\n')).Count(pair =>
                pair.First == pair.Second || pair.Second.Contains("000", StringComparison.Ordinal)));
    }

    sealed class Comparison(FenWalk walk, int seed, Dictionary<string, int> seen)
    {
        readonly Dice _dice = new(seed);
        readonly List<Stay> _stays = [];
        readonly History _history = new(walk.Plan);
        Dictionary<int, WalkedYear> _years = NewYears();

        public void Run()
        {
            for (var bills = 2 + _dice.Below(9); bills > 0; bills--)
                if (_stays.Count > 0 && _dice.OneIn(5))
                    Remove(_dice.Below(_stays.Count));
                else
                    Settle();
        }

        void Settle()
        {
            var day = _dice.Day(new DateOnly(2025, 1, 1), 730);
            var stay = walk.Draw(_dice, day, _years[day.Year]);
            if (_history.Settle(stay) is { } refusal)
                Assert.Fail($"{refusal.MessageEn}: {stay}");
            _stays.Add(stay);
            WalkOn(_stays.Count - 1);
        }

        /// <summary>Everything again, from the first fen of each year.</summary>
        void Remove(int index)
        {
            seen["removed"] = seen.GetValueOrDefault("removed") + 1;
            _history.Remove(index);
            _stays.RemoveAt(index);
            _years = NewYears();
            for (var i = 0; i < _stays.Count; i++)
                WalkOn(i);
        }

        void WalkOn(int index)
        {
            var stay = _stays[index];
            List<Step> wanted = [.. walk.Settle(_years[stay.Bill.DischargedOn.Year], stay)];
            var found = _history.Stays[index].Outcome.Layers.Select(layer => new Step(
                layer.LayerId, layer.PositionAfter.Fen - layer.PositionBefore.Fen, layer.Paid.Fen));
            if (!wanted.SequenceEqual(found))
                Assert.Fail($"stay {index}: wanted {string.Join(' ', wanted)}, was {string.Join(' ', found)}: {stay}");
            foreach (var step in wanted.Where(step => step.Paid > 0))
                seen[step.Layer + " paid"] = seen.GetValueOrDefault(step.Layer + " paid") + 1;
        }

        static Dictionary<int, WalkedYear> NewYears() => new() { [2025] = new(), [2026] = new() };
    }
}
