using SettlementGrid.Plans;

namespace SettlementGrid.Enrollees.Simulating;

/// <summary>
/// The second reading of the ledger: each live settlement of the year and region is rated again under the tried plan,
/// in the ledger's order, on the accumulators that the settlements before it would have left. Pure: the same entries
/// and catalog give the same outcome. It keeps a person's accumulators and sums, never the settlements.
/// <para>
/// Whether a plan is in force on the discharge date is not asked (next year's draft is tried over last year), but its
/// dated parameters and rates are those of that date. What the plans would refuse is counted and kept at what it pays.
/// Settlements where no plan of the kind counted are rated as after a reversal, since a plan behind the tried one pays
/// on what that one left; settlements of the same persons in other regions stay as they are.
/// </para>
/// </summary>
public sealed class Simulation(SimulationScope scope, Plan plan, Catalog catalog)
{
    readonly TriedPlan _tried = new(plan, catalog, scope.Counted);
    readonly Dictionary<string, Person> _persons = new(StringComparer.Ordinal);
    readonly Dictionary<(string PlanId, string LayerId), (LayerSum Actual, LayerSum Simulated)> _layers = [];
    readonly HashSet<(string PlanId, string LayerId)> _basic = [];
    readonly Dictionary<PlanCounted, long> _replaced = [];
    readonly SortedDictionary<RefusalReason, NotRated> _notRated = [];
    long _untouched;

    /// <summary>Settlements of the region taken so far.</summary>
    public long Settlements { get; private set; }

    /// <summary>The next entry in the ledger's order.</summary>
    public void Take(Recorded recorded)
    {
        var id = recorded.Entry.Stream.Id;
        switch (recorded.Fact)
        {
            case Fact.OpeningBalanceSet opening
                when opening.Change.Key.Period.Year == scope.Year && scope.HasPerson(id):
                Of(id).Move(_tried.Carried([opening.Change], null));
                break;
            case Fact.Settled settled when scope.IsLive(settled) && scope.HasPerson(id):
                Take(Of(id), settled, recorded.Entry.After!.Roster!);
                break;
        }
    }

    /// <param name="position">The last position that was taken.</param>
    public SimulationOutcome Outcome(long position)
    {
        var persons = _persons.Where(p => p.Value.Settlements > 0).Select(p => p.Value.Difference(p.Key)).ToList();
        return new SimulationOutcome(
            plan.Id, scope.Year, scope.RegionId, position, Settlements, _untouched, persons.Count,
            persons.Aggregate(Money.Zero, (sum, p) => sum + p.Before),
            persons.Aggregate(Money.Zero, (sum, p) => sum + p.After),
            Layers(),
            DifferenceBand.Of(persons),
            [
                .. persons.Where(p => p.Difference != Money.Zero)
                    .OrderByDescending(p => Math.Abs(p.Difference.Fen))
                    .ThenBy(p => p.EnrolleeId, StringComparer.Ordinal)
                    .Take(Limits.LargestDifferencesMax),
            ],
            [.. _notRated.Values],
            [
                .. _replaced.Select(r => new ReplacedPlan(r.Key, r.Value))
                    .OrderBy(r => r.Plan.PlanId, StringComparer.Ordinal).ThenBy(r => r.Plan.Version),
            ]);
    }

    void Take(Person person, Fact.Settled settled, RosterEntry roster)
    {
        var stands = scope.Stands(settled);
        var discharge = settled.Request.Bill.DischargedOn;
        if (!scope.Holds(settled.RegionId))
        {
            person.Move(_tried.Carried(stands.Changes, discharge));
            return;
        }
        Settlements++;
        var before = Money.Zero;
        foreach (var layer in stands.Layers)
        {
            before += layer.Paid;
            Count(layer, layer.Paid, Money.Zero);
        }
        var (rated, after) = (Rate(person, settled, roster, before), Money.Zero);
        foreach (var layer in rated?.Layers ?? stands.Layers)
        {
            after += layer.Paid;
            Count(layer, Money.Zero, layer.Paid);
        }
        person.Move(rated?.Changes ?? _tried.Carried(stands.Changes, discharge));
        person.Count(before, after);
    }

    /// <summary>Null: the settlement stays as it is.</summary>
    AdjudicationOutcome? Rate(Person person, Fact.Settled settled, RosterEntry roster, Money paid)
    {
        var plans = _tried.InPlace(settled.Outcome.Counted, out var replaced);
        var input = new AdjudicationInput(
            settled.Request.Bill, _tried.Cover(roster, replaced), settled.Facility, person.Standing);
        if (replaced is not { } inWhosePlace)
        {
            _untouched++;
            return Adjudication.RateAgain(input, plans, settled.Outcome);
        }
        _replaced[inWhosePlace] = _replaced.GetValueOrDefault(inWhosePlace) + 1;
        var (outcome, refusal) = Adjudication.SettleAgain(input, plans);
        if (refusal is not null)
        {
            var sum = _notRated.GetValueOrDefault(refusal.Reason) ?? new NotRated(refusal, 0, Money.Zero);
            _notRated[refusal.Reason] = sum with { Settlements = sum.Settlements + 1, Paid = sum.Paid + paid };
        }
        return outcome;
    }

    void Count(LayerResult layer, Money actual, Money simulated)
    {
        var key = _tried.Shown(layer);
        if (layer.IsBasic)
            _basic.Add(key);
        var (was, would) = _layers.GetValueOrDefault(key);
        _layers[key] = (was.Plus(actual), would.Plus(simulated));
    }

    List<LayerUse> Layers()
    {
        var keys = plan.Layers.Select(l => (PlanId: plan.Id, LayerId: l.Id)).ToList();
        keys.AddRange(_layers.Keys.Except(keys)
            .OrderBy(k => k.PlanId, StringComparer.Ordinal).ThenBy(k => k.LayerId, StringComparer.Ordinal).ToList());
        return keys.ConvertAll(key =>
        {
            var (actual, simulated) = _layers.GetValueOrDefault(key);
            return new LayerUse(key.PlanId, key.LayerId, _basic.Contains(key), actual, simulated);
        });
    }

    Person Of(string id)
    {
        if (!_persons.TryGetValue(id, out var person))
            _persons.Add(id, person = new Person());
        return person;
    }

    sealed class Person
    {
        Money _before, _after;

        public AccumulatorSet Standing { get; private set; } = AccumulatorSet.Empty;

        public int Settlements { get; private set; }

        public void Move(IReadOnlyList<AccumulatorChange> changes) => Standing = Standing.Plus(changes);

        public void Count(Money before, Money after) =>
            (_before, _after, Settlements) = (_before + before, _after + after, Settlements + 1);

        public PersonDifference Difference(string id) => new(id, _before, _after, Settlements);
    }
}
