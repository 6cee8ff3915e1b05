namespace SettlementGrid.Plans.Tests;

/// <summary>
/// One person's settlements under the engine, as an account keeps them: accumulators that only move by changes, the
/// latest taken back by its exact negative, or any one removed and those behind it rated again.
/// </summary>
sealed class History(Plan plan)
{
    readonly PlanVersion[] _versions = [new PlanVersion(plan, 1, "")];
    readonly Catalog _catalog = ShippedPlans.Catalog(plan);
    readonly Dictionary<AccumulatorKey, Accumulator> _accumulators = [];

    public List<Settled> Stays { get; } = [];

    public IReadOnlyDictionary<AccumulatorKey, Accumulator> Accumulators => _accumulators;

    public Refusal? Settle(Stay stay)
    {
        var (outcome, refusal) = Adjudication.Settle(Input(stay), _catalog);
        if (outcome is not null)
            Add(new Settled(stay, outcome, outcome));
        return refusal;
    }

    public void TakeBackLatest()
    {
        Move(Stays[^1].Outcome, -1);
        Stays.RemoveAt(Stays.Count - 1);
    }

    /// <summary>As a reversal does it: the later stays of the same year are rated again where they stand.</summary>
    public void Remove(int index)
    {
        var year = Stays[index].Stay.Bill.DischargedOn.Year;
        var later = Stays.Skip(index + 1).ToList();
        while (Stays.Count > index)
            TakeBackLatest();
        foreach (var settled in later)
        {
            var again = settled.Stay.Bill.DischargedOn.Year == year
                ? Adjudication.RateAgain(Input(settled.Stay), _versions, settled.First)
                : null;
            Add(settled with { Outcome = again ?? settled.Outcome });
        }
    }

    void Add(Settled settled)
    {
        Stays.Add(settled);
        Move(settled.Outcome, 1);
    }

    void Move(AdjudicationOutcome outcome, int sign)
    {
        foreach (var (key, change) in outcome.Changes)
        {
            var before = _accumulators.GetValueOrDefault(key);
            _accumulators[key] = sign > 0 ? before + change : before - change;
            if (_accumulators[key].IsZero)
                _accumulators.Remove(key);
        }
    }

    AdjudicationInput Input(Stay stay) => new(stay.Bill, stay.Roster, stay.At, _accumulators);

    /// <summary>A stay with what it comes to now and what it came to at first.</summary>
    public sealed record Settled(Stay Stay, AdjudicationOutcome Outcome, AdjudicationOutcome First);
}
