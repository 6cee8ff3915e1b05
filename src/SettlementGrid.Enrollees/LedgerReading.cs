namespace SettlementGrid.Enrollees;

/// <summary>Readings that every adapter of the ledger gives through its port's methods.</summary>
public static class LedgerReading
{
    /// <summary>The adjustments that were recorded with a reversal, in order; of other facts none. They follow it in
    /// the person's stream, since all of a turn's facts are one append.</summary>
    public static async ValueTask<IReadOnlyList<Recorded>> AdjustmentsOf(
        this ILedger ledger, Recorded reversal, CancellationToken cancellation)
    {
        if (reversal.Fact is not Fact.Reversed reversed)
            return [];
        var later = await ledger.ReadStream(
            reversal.Entry.Stream, reversal.Entry.Version + 1, Limits.AdjustmentsMax + 1, cancellation);
        return [.. later.TakeWhile(r => r.Fact is Fact.Adjusted adjusted && adjusted.CausedBy == reversed.Id)];
    }

    /// <summary>The newest entry of a plan's, facility's or fund's stream; these are short, so they are read from their
    /// start.</summary>
    public static async ValueTask<Entry?> Newest(
        this ILedger ledger, StreamKey stream, CancellationToken cancellation)
    {
        Entry? newest = null;
        while (true)
        {
            var page = await ledger.ReadStream(stream, (newest?.Version ?? 0) + 1, Limits.ListPageMax, cancellation);
            if (page.Count == 0)
                return newest;
            newest = page[^1].Entry;
            if (page.Count < Limits.ListPageMax)
                return newest;
        }
    }
}
