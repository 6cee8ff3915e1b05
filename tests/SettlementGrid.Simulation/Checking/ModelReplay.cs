using SettlementGrid.Enrollees;
using SettlementGrid.Plans;
using SettlementGrid.Simulation.World;

namespace SettlementGrid.Simulation.Checking;

/// <summary>
/// I4 and I5: every stored amount again from what was stored before it, in ledger order: the plans and facilities in
/// force at the position, the person's state before it; and the sums.
/// </summary>
sealed class ModelReplay(IReadOnlyList<Recorded> all)
{
    readonly List<PlanVersion> _published = [];
    readonly Dictionary<string, FacilityProfile> _facilities = new(StringComparer.Ordinal);
    readonly Dictionary<string, Account> _accounts = new(StringComparer.Ordinal);
    readonly Dictionary<EncounterKey, SettlementId> _live = [];
    readonly Dictionary<SettlementId, Fact.Settled> _settled = [];
    readonly Dictionary<(string, int), (Money Rows, Money Balance)> _regions = [];
    readonly Dictionary<SettlementId, Money> _standing = [];
    readonly HashSet<SettlementId> _reversals = [];
    readonly Dictionary<string, Entry[]> _entries = new(StringComparer.Ordinal);
    Catalog? _catalog;

    public void Check()
    {
        foreach (var recorded in all)
            Next(recorded.Entry);
        foreach (var enrollee in _entries.Keys)
            StandsWhereTheLiveOnesLead(enrollee);
        foreach (var (region, (rows, balance)) in _regions)
            Invariants.Require("I5", rows == balance, $"{region}: rows give {rows}, live settlements {balance}");
    }

    void Next(Entry entry)
    {
        switch (entry.Fact)
        {
            case Fact.PlanPublished published:
                _published.Add(new PlanVersion(PlanTexts.Read(published.Text), (int)entry.Version, published.Text));
                _catalog = null;
                break;
            case Fact.FacilityPut put:
                _facilities[put.Profile.FacilityId] = put.Profile;
                _catalog = null;
                break;
            case Fact.Settled settled:
                Settled(settled, _accounts[entry.Stream.Id]);
                break;
            case Fact.Reversed reversed:
                Reversed(reversed);
                break;
            case Fact.Adjusted adjusted:
                Invariants.Require("I5", _settled.ContainsKey(adjusted.Adjusts)
                    && _reversals.Contains(adjusted.CausedBy),
                    $"{adjusted.Id} adjusts or follows what is not there");
                _standing[adjusted.Adjusts] += adjusted.Outcome.PlansPaid;
                Book(adjusted, adjusted.Outcome.PlansPaid, live: adjusted.Outcome.PlansPaid);
                break;
        }
        if (entry.After is { } after)
            _accounts[entry.Stream.Id] = after;
        if (entry.Stream.Kind == StreamKind.Person)
            _entries[entry.Stream.Id] = [.. _entries.GetValueOrDefault(entry.Stream.Id, []), entry];
    }

    /// <summary>
    /// Whatever was reversed in whatever order: a person stands where the live settlements alone, each rated in its
    /// order from its stored request, plan versions and roster, would have brought them, and each has been paid just
    /// that.
    /// </summary>
    void StandsWhereTheLiveOnesLead(string enrollee)
    {
        var accumulators = AccumulatorSet.Empty;
        foreach (var entry in _entries[enrollee])
        {
            if (entry.Fact is Fact.OpeningBalanceSet opening)
                accumulators = accumulators.Plus([opening.Change]);
            if (entry.Fact is not Fact.Settled settled || !_live.ContainsValue(settled.Id))
                continue;
            var input =
                new AdjudicationInput(settled.Request.Bill, entry.After!.Roster!, settled.Facility, accumulators);
            var rated = Adjudication.RateAgain(input, VersionsOf(settled), settled.Outcome);
            Invariants.Require("I4", rated is not null && rated.PlansPaid == _standing[settled.Id],
                $"{settled.Id} stands at {_standing[settled.Id]}, the model says {rated?.PlansPaid}");
            accumulators = accumulators.Plus(rated!.Changes);
        }
        Invariants.Require("I4", accumulators.Equals(_accounts[enrollee].Accumulators),
            $"{enrollee} stands elsewhere than the model");
    }

    List<PlanVersion> VersionsOf(Fact.Settled fact)
    {
        _catalog ??= new Catalog(_published.Count, _published, _facilities.Values);
        return [.. fact.Outcome.Counted.Select(c => _catalog.Find(c.PlanId, c.Version)!)];
    }

    void Settled(Fact.Settled fact, Account before)
    {
        var versions = VersionsOf(fact);
        var input = new AdjudicationInput(fact.Request.Bill, before.Roster!, fact.Facility, before.Accumulators);
        var stored = fact.Outcome;
        var again = Adjudication.SettleAgain(input, versions).Outcome;
        Invariants.Require("I4", again is not null && Same(again, stored),
            $"{fact.Id} gives other amounts when computed again");

        // The fence on the catalog: nothing is settled under what was already replaced at its position.
        var anew = Adjudication.Settle(input, _catalog!).Outcome;
        Invariants.Require("I4 catalog", anew is not null && Same(anew, stored)
            && anew.LeftOut.SequenceEqual(stored.LeftOut),
            $"{fact.Id} was not settled under the plans in force at its position");
        Invariants.Require("I4 catalog",
            fact.Facility == _catalog!.Facility(fact.Request.FacilityId) with { Name = "" },
            $"{fact.Id} was not settled with the facility as registered at its position");

        var bill = fact.Request.Bill;
        var own = bill.Total - bill.BasicPaid - bill.PriorPlansPaid - bill.AssistancePaid - stored.PlansPaid;
        Invariants.Require("I5", own >= Money.Zero, $"{fact.Id} pays more than the bill");
        Invariants.Require("I5", _live.TryAdd(fact.Request.EncounterKey, fact.Id),
            $"{fact.Request.EncounterId} is settled twice");
        _settled.Add(fact.Id, fact);
        _standing.Add(fact.Id, stored.PlansPaid);
        Book(fact, fact.Outcome.PlansPaid, live: fact.Outcome.PlansPaid);
    }

    void Reversed(Fact.Reversed fact)
    {
        var original = _settled[fact.Reversal.Reverses];
        Invariants.Require("I5", _live.Remove(fact.Request.EncounterKey, out var live) && live == original.Id,
            $"{fact.Id} reverses what is not live");
        Invariants.Require("I5", fact.Outcome.PlansPaid == -original.Outcome.PlansPaid
            && fact.Outcome.Changes.Zip(original.Outcome.Changes)
                .All(c => c.First.Key == c.Second.Key && (c.First.Change + c.Second.Change).IsZero),
            $"{fact.Id} is not the exact negative of {original.Id}");
        _reversals.Add(fact.Id);
        Book(fact, fact.Outcome.PlansPaid, live: -original.Outcome.PlansPaid);
    }

    void Book(Fact.Money fact, Money row, Money live)
    {
        var region = (fact.RegionId, fact.Request.Year);
        var (rows, balance) = _regions.GetValueOrDefault(region);
        _regions[region] = (rows + row, balance + live);
    }

    static bool Same(AdjudicationOutcome a, AdjudicationOutcome b) =>
        a.Layers.SequenceEqual(b.Layers) && a.Changes.SequenceEqual(b.Changes) && a.BasicFundCode == b.BasicFundCode
        && a.Counted.SequenceEqual(b.Counted);
}
