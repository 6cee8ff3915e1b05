using SettlementGrid.Enrollees;

namespace SettlementGrid.Ledger.Writing;

/// <summary>
/// After a key refused a batch: everybody in it who is refused, by one look, with what took the key. The order is the
/// port's: the catalog, the request's own answer, a stale state, the encounter.
/// </summary>
/// <param name="look"><see cref="TakenKeys.Look"/>; the simulation, which has no SQL, answers in its place.</param>
sealed class Conflicts(Func<IReadOnlyList<Row>, CancellationToken, Task<IReadOnlyList<Taken>>> look, TimeProvider clock)
{
    /// <summary>Those refused and why; the others were refused only by their company.</summary>
    public async Task<Dictionary<Pending, AppendOutcome>> Find(IReadOnlyList<Pending> batch)
    {
        var rows = batch.SelectMany(a => a.Columns).ToList();
        var taken = await Reach.Repeated(clock, c => look(rows, c), CancellationToken.None);
        var found = new Dictionary<Pending, AppendOutcome>();
        var next = 0;
        foreach (var append in batch)
        {
            IReadOnlyList<EncounterUse>? uses = null;
            for (var i = 0; i < append.Rows; i++)
            {
                var row = taken[next++];
                if (append.Append.CatalogRevision is { } revision && revision != row.Revision)
                    found.TryAdd(append, new AppendOutcome.CatalogMoved());
                else if (row.Stored is { } stored)
                    AddRequest(found, append, stored);
                else if (row.IsStale)
                    found.TryAdd(append, new AppendOutcome.VersionTaken());
                else
                    uses ??= row.Uses;
            }
            if (uses is not null)
                found.TryAdd(append, new AppendOutcome.EncounterTaken(uses));
        }
        return found;
    }

    static void AddRequest(Dictionary<Pending, AppendOutcome> found, Pending append, Recorded stored)
    {
        if (found.GetValueOrDefault(append) is null or AppendOutcome.VersionTaken)
            found[append] = new AppendOutcome.RequestTaken(stored);
    }
}
