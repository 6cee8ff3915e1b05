using SettlementGrid.Plans;

namespace SettlementGrid.Enrollees.Simulating;

/// <summary>
/// The first reading of the ledger: which settlements of the year are reversed or adjusted later on, who has one in the
/// region, and which plans counted there. Only then can the second reading take them one by one.
/// </summary>
/// <param name="year">The policy year: that of the discharge.</param>
/// <param name="regionId">With all regions under it; as the fact had it when it was settled.</param>
public sealed class SimulationScope(int year, string regionId)
{
    readonly HashSet<string> _persons = new(StringComparer.Ordinal);
    readonly HashSet<SettlementId> _reversed = [];
    readonly Dictionary<SettlementId, Difference> _adjusted = [];
    readonly HashSet<PlanCounted> _counted = [];

    public int Year => year;

    public string RegionId => regionId;

    /// <summary>Live settlements of the year in the region, as far as was read.</summary>
    public long Settlements { get; private set; }

    /// <summary>The versions that counted in settlements of the region.</summary>
    public IReadOnlyCollection<PlanCounted> Counted => _counted;

    /// <summary>How many things are kept in memory; bounded by <see cref="Limits.SimulationKeptMax"/>.</summary>
    public int Kept => _persons.Count + _reversed.Count + _adjusted.Count;

    /// <summary>The next entry in the ledger's order.</summary>
    public void Take(Recorded recorded)
    {
        if (recorded.Fact is not Fact.Money money || money.Request.Year != year)
            return;
        switch (money)
        {
            case Fact.Settled when Holds(money.RegionId):
                Settlements++;
                _persons.Add(recorded.Entry.Stream.Id);
                _counted.UnionWith(money.Outcome.Counted);
                break;
            // A person's settlements elsewhere count for the accumulators, so their reversals are kept too.
            case Fact.Reversed reversed:
                _reversed.Add(reversed.Reversal.Reverses);
                Settlements -= Holds(money.RegionId) ? 1 : 0;
                break;
            case Fact.Adjusted adjusted:
                _adjusted[adjusted.Adjusts] = _adjusted.TryGetValue(adjusted.Adjusts, out var sum)
                    ? sum.Plus([adjusted])
                    : Difference.Sum([adjusted]);
                break;
        }
    }

    internal bool Holds(string region) => Region.IsWithin(region, regionId);

    internal bool HasPerson(string enrolleeId) => _persons.Contains(enrolleeId);

    internal bool IsLive(Fact.Settled settled) => settled.Request.Year == year && !_reversed.Contains(settled.Id);

    /// <summary>What a settlement and its adjustments come to.</summary>
    internal (IReadOnlyList<LayerResult> Layers, IReadOnlyList<AccumulatorChange> Changes) Stands(Fact.Settled settled)
    {
        if (!_adjusted.TryGetValue(settled.Id, out var adjusted))
            return (settled.Outcome.Layers, settled.Outcome.Changes);
        var stands = Difference.Of(settled.Outcome).Plus(adjusted);
        return (stands.Layers, stands.Changes);
    }
}
