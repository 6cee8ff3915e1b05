using SettlementGrid.Enrollees;
using SettlementGrid.Plans;

namespace SettlementGrid.Import;

/// <summary>
/// Brings batches into the ledger, each all or nothing, several at a time. Told OVERLOADED it waits, longer each time,
/// so that settlements go first; a ledger that is away for a while is waited for. Thread-safe.
/// </summary>
sealed class BatchStore(RosterLoad load, TimeProvider clock)
{
    // A first import meets new persons only, a repeated one known persons only: what the last batch met is assumed of
    // the next. A wrong guess costs one refused append, never a wrong fact.
    volatile bool _assumeNew = true;

    /// <summary>
    /// Gives the batch back with its counts. <see cref="LedgerUnavailableException"/>: the ledger stayed away.
    /// </summary>
    public async Task<Batch> Store(Batch batch, CancellationToken cancellation)
    {
        var pause = Limits.PauseMin;
        long? awaySince = null;
        while (true)
        {
            try
            {
                if (await TryStore(batch, cancellation))
                    return batch;
                awaySince = null;
            }
            catch (LedgerUnavailableException)
            {
                awaySince ??= clock.GetTimestamp();
                if (clock.GetElapsedTime(awaySince.Value) >= Limits.UnavailableMax)
                    throw;
            }
            await Task.Delay(pause, clock, cancellation);
            pause = pause * 2 < Limits.PauseMax ? pause * 2 : Limits.PauseMax;
        }
    }

    /// <summary>False: overloaded, nothing was stored.</summary>
    async ValueTask<bool> TryStore(Batch batch, CancellationToken cancellation)
    {
        var counts = default(RosterCounts);
        Refusal? refusal = null;
        if (batch.Puts.Count > 0)
        {
            (counts, refusal) = await load.Put(batch.Puts, cancellation, _assumeNew);
            if (refusal is null)
                _assumeNew = counts.Enrolled == batch.Puts.Count;
        }
        else if (batch.Balances.Count > 0)
        {
            var refused = new Refusal?[batch.Balances.Count];
            (counts, refusal) = await load.PutOpeningBalances(batch.Balances, cancellation, refused);
            if (refusal is null)
                batch.RejectRefused(refused);
        }
        if (refusal is not null)
            return refusal.Reason == RefusalReason.Overloaded
                ? false : throw new InvalidOperationException($"A batch was refused: {refusal.MessageEn}");
        batch.Counts = new ImportCounts(counts.Enrolled, counts.Changed, counts.Unchanged, batch.Rejects.Count);
        return true;
    }
}
