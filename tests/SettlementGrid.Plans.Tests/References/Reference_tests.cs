using FsCheck.Fluent;

namespace SettlementGrid.Plans.Tests;

/// <summary>
/// The engine against the policies as they are written, over random histories of identities, places, dates, refusals
/// and reversals of both kinds: equal to the fen, settlement by settlement and in the accumulators.
/// </summary>
public class Reference_tests
{
    const int Histories = 10_000;

    [Fact]
    public void Puyang_pays_as_written() => Compare(new PuyangAsWritten());

    [Fact]
    public void Tongliao_pays_as_written() => Compare(new TongliaoAsWritten());

    [Fact]
    public void Fujian_pays_as_written() => Compare(new FujianAsWritten());

    [Fact]
    public void Dalian_pays_as_written() => Compare(new DalianAsWritten());

    [Fact]
    public void Sanming_pays_as_written() => Compare(new SanmingAsWritten());

    static void Compare(Policy policy)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        Generators.Law(Gen.Choose(0, int.MaxValue - 1), seed => new Comparison(policy, seed, seen).Run(), Histories);
        if (!CaseCount.InFull)
            return;
        // A comparison that never saw a payment, a refusal or a reversal would prove nothing.
        foreach (var what in (string[])["settled", "refused", "taken back", "rated again", .. policy.Plans[0].Layers
            .Select(layer => layer.Id + " paid")])
            Assert.True(seen.GetValueOrDefault(what) > 100, $"{what}: only {seen.GetValueOrDefault(what)} times");
    }

    sealed class Comparison(Policy policy, int seed, Dictionary<string, int> seen)
    {
        readonly Dice _dice = new(seed);
        readonly List<Rated> _rated = [];

        public void Run()
        {
            var plan = policy.Plans[_dice.Below(policy.Plans.Count)];
            var history = new History(plan);
            for (var steps = 2 + _dice.Below(10); steps > 0; steps--)
            {
                var choice = _dice.Below(8);
                var moved = _rated.Count;
                if (choice > 1 || _rated.Count == 0)
                    Settle(plan, history);
                else if (choice == 0)
                    TakeBackLatest(history);
                else
                    Remove(plan, history, moved = _dice.Below(_rated.Count));
                SameStays(history, moved);
                SameAccumulators(history, plan);
            }
        }

        void Settle(Plan plan, History history)
        {
            var stay = policy.Draw(_dice, plan, _rated);
            var before = OfYear(stay.Bill.DischargedOn.Year, _rated.Count);
            var parts = policy.Rate(plan, before, stay, null);
            var reason = policy.Refused(before, stay, parts);
            var refusal = history.Settle(stay);
            if (reason != refusal?.Code)
                Assert.Fail($"wanted {reason ?? "-"}, was {refusal?.MessageEn ?? "-"}: {stay}");
            Count(reason is null ? "settled" : "refused");
            if (reason is not null)
                return;
            _rated.Add(new Rated(stay, parts, parts));
            foreach (var (layer, part) in parts)
                if (part.Paid > 0)
                    Count(layer + " paid");
        }

        void TakeBackLatest(History history)
        {
            Count("taken back");
            _rated.RemoveAt(_rated.Count - 1);
            history.TakeBackLatest();
        }

        void Remove(Plan plan, History history, int index)
        {
            var year = _rated[index].Stay.Bill.DischargedOn.Year;
            _rated.RemoveAt(index);
            history.Remove(index);
            for (var i = index; i < _rated.Count; i++)
            {
                var rated = _rated[i];
                if (rated.Stay.Bill.DischargedOn.Year != year)
                    continue;
                var again = policy.Rate(plan, OfYear(year, i), rated.Stay, rated.First);
                if (!Policy.MoreThanTotal(rated.Stay, again))
                    _rated[i] = rated with { Parts = again };
                Count("rated again");
            }
        }

        List<Rated> OfYear(int year, int count) =>
            [.. _rated.Take(count).Where(rated => rated.Stay.Bill.DischargedOn.Year == year)];

        void SameStays(History history, int from)
        {
            Assert.Equal(_rated.Count, history.Stays.Count);
            for (var i = from; i < _rated.Count; i++)
            {
                var wanted = _rated[i].Parts.OrderBy(part => part.Key).Select(part => (part.Key, part.Value));
                var found = history.Stays[i].Outcome.Layers.OrderBy(layer => layer.LayerId).Select(layer =>
                    (layer.LayerId, new Part((layer.PositionAfter - layer.PositionBefore).Fen, layer.Paid.Fen)));
                if (!wanted.SequenceEqual(found))
                    Assert.Fail($"stay {i}: wanted {string.Join(' ', wanted)}, was {string.Join(' ', found)}: "
                        + _rated[i].Stay);
            }
        }

        void SameAccumulators(History history, Plan plan)
        {
            for (var year = 2025; year <= 2026; year++)
            {
                var stays = OfYear(year, _rated.Count);
                foreach (var layer in plan.Layers)
                {
                    var key = new AccumulatorKey(plan.Id, layer.Id, new Period(year));
                    var found = history.Accumulators.GetValueOrDefault(key);
                    var wanted = (stays.Sum(s => s.Parts.GetValueOrDefault(layer.Id).Counted),
                        stays.Sum(s => s.Parts.GetValueOrDefault(layer.Id).Paid));
                    if (wanted != (found.Position.Fen, found.Paid.Fen))
                        Assert.Fail($"{key}: wanted {wanted}, was {found}");
                }
            }
        }

        void Count(string what) => seen[what] = seen.GetValueOrDefault(what) + 1;
    }
}
