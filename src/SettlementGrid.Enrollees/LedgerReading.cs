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
}
