using SettlementGrid.Enrollees;
using SettlementGrid.Plans;

namespace SettlementGrid.Ledger.Verification;

/// <summary>
/// Computes every fact again, from the state before it and the plans that were published then, and compares canonical
/// bytes: amounts, layers, the state after, time and version at once. Each is computed in the format it was written in.
/// </summary>
/// <param name="readPlan">The reader of plan files; throws on a text it cannot read.</param>
sealed class Figures(Func<string, Plan> readPlan)
{
    readonly SortedList<long, PlanVersion> _plans = [];
    readonly Dictionary<int, Catalog> _catalogs = [];

    public long Settlements { get; private set; }

    /// <summary>A published plan; all are made known before the first settlement is computed.</summary>
    public void Know(Recorded plan)
    {
        if (plan.Fact is Fact.PlanPublished published)
            _plans.Add(
                plan.Position, new PlanVersion(readPlan(published.Text), (int)plan.Entry.Version, published.Text));
    }

    /// <summary>Every version that is known.</summary>
    public IEnumerable<Plan> Plans => _plans.Values.Select(p => p.Plan);

    /// <summary>Says what is wrong with the fact; null: it is what must have been recorded.</summary>
    public string? Differ(StreamSoFar before, Entry entry, long position)
    {
        if (entry.Stream.Kind != StreamKind.Person)
            return SameBytes(
                Entry.Next(entry.Stream, before.Last, entry.Fact, entry.At, entry.Format), entry, "does not follow");
        var account = before.Last?.After ?? Account.Unknown(entry.Stream.Id);
        if (before.IsExpecting && entry.Fact is not Fact.Adjusted)
            return "an adjustment of the reversal before it is missing";
        return entry.Fact switch
        {
            Fact.Settled settled => Settled(account, settled, entry, position),
            Fact.Reversed reversed => Reversed(account, reversed, before, entry, position),
            Fact.Adjusted => before.TakeExpected() is { } adjustment
                ? SameBytes(Entry.Next(account, adjustment, entry.At, entry.Format), entry,
                    "the adjustment, computed again, is another")
                : "no reversal before it causes this adjustment",
            Fact.Enrolled or Fact.RosterChanged when Decide.PutRoster(account, entry.After!.Roster!) != entry.Fact =>
                "the roster's change is not what was recorded",
            _ => SameBytes(
                Entry.Next(account, entry.Fact, entry.At, entry.Format), entry, "the state after it does not follow"),
        };
    }

    string? Settled(Account account, Fact.Settled settled, Entry entry, long position)
    {
        Settlements++;
        if (account.Roster is not { } roster)
            return "a settlement of a person who was not on the roster";
        if (settled.Id != settled.Request.Id || settled.Request.EnrolleeId != account.EnrolleeId)
            return "the settlement's id is not its request's";
        var input = new AdjudicationInput(settled.Request.Bill, roster, settled.Facility, account.Accumulators);
        return Adjudication.Settle(input, CatalogAt(position)).Outcome is { } outcome
            ? SameBytes(
                Entry.Next(account, Again(account, settled, roster, outcome), entry.At, entry.Format), entry,
                "its figures, computed again, are others")
            : "its figures, computed again, are a refusal";
    }

    static Fact.Settled Again(Account account, Fact.Settled settled, RosterEntry roster, AdjudicationOutcome outcome) =>
        settled with
        {
            Outcome = outcome,
            RegionId = roster.RegionId,
            LaterDischarge = account.Discharges.After(settled.Request.Bill.DischargedOn),
        };

    string? Reversed(Account account, Fact.Reversed reversed, StreamSoFar before, Entry entry, long position)
    {
        if (before.Settlement(reversed.Reversal.Reverses) is not { } original)
            return "what it reverses is not there";
        if (reversed.Id != reversed.Reversal.Id
            && reversed.Id != SettlementId.OfCancel(reversed.Reversal.FacilityId, reversed.Reversal.RequestId))
            return "the reversal's id is not its request's";
        if (Decide.Reversal(reversed.Id, reversed.Reversal, original, before.History, CatalogAt(position))
            is not Decision.Facts facts)
            return "what it reverses cannot be reversed";
        before.Expect(facts.All.Skip(1));
        return SameBytes(
            Entry.Next(account, facts.All[0], entry.At, entry.Format), entry, "it is not the twin of what it reverses");
    }

    static string? SameBytes(Entry computed, Entry stored, string otherwise) =>
        computed.Hash == stored.Hash ? null : otherwise;

    /// <summary>The plans as they stood when the entry at the position was committed.</summary>
    Catalog CatalogAt(long position)
    {
        var count = 0;
        while (count < _plans.Count && _plans.Keys[count] < position)
            count++;
        if (!_catalogs.TryGetValue(count, out var catalog))
            _catalogs.Add(count, catalog = new Catalog(count, _plans.Values.Take(count), []));
        return catalog;
    }
}
