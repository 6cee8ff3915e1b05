using Microsoft.Extensions.Logging;
using SettlementGrid.Enrollees;
using SettlementGrid.Ledger.Seeing;

namespace SettlementGrid.Ledger.Writing;

/// <summary>
/// One writer: takes what is queued, stores it in one transaction, answers everybody. Whoever is refused by a key, by
/// the catalog or by a bad value gets that answer alone; the rest of the batch is sent again at once.
/// </summary>
sealed class BatchWriter(
    WriterQueue queue, CommitLine line, Conflicts conflicts, SeenLedger seen, CommitFollowers followers,
    TimeProvider clock, ILogger log, CancellationToken stop)
{
    /// <summary>Runs until the queue is closed and empty. Every append taken is answered, whatever happens.</summary>
    public async Task Run()
    {
        while (await queue.Take() is { Count: > 0 } batch)
        {
            try
            {
                await Store(batch);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                FailAll(batch, new InvalidOperationException(
                    "The ledger was closed while the outcome of a commit was unknown; the request id will tell."));
            }
            catch (LedgerUnavailableException e)
            {
                FailAll(batch, e);
            }
            catch (Exception e)
            {
                log.LogError(e, "A batch of {Rows} rows failed", batch.Sum(a => a.Rows));
                FailAll(batch, new InvalidOperationException("The ledger's writer failed: " + Reach.Describe(e), e));
            }
            queue.Done(batch);
        }
    }

    async Task Store(List<Pending> batch)
    {
        var start = clock.GetTimestamp();
        var (tries, pause) = (0, LedgerLimits.ReachPause);
        for (var left = Fresh(batch); left.Count > 0;)
        {
            var attempt = await line.Store(left, stop);
            if (attempt.FirstPosition is { } first)
            {
                Committed(left, first);
                return;
            }
            switch (attempt.Fault)
            {
                case Fault.CatalogMoved:
                    left = Answered(
                        left, a => a.Append.CatalogRevision is null ? null : new AppendOutcome.CatalogMoved());
                    break;
                case Fault.KeyTaken:
                    var found = await conflicts.Find(left);
                    if (found.Count == 0)
                        goto case Fault.BadValue;
                    foreach (var taken in found.Values.OfType<AppendOutcome.RequestTaken>())
                        seen.Requests.Add(taken.Stored.Entry.RequestKey!.Value);
                    left = Answered(left, a => found.GetValueOrDefault(a));
                    break;
                case Fault.BadValue:
                    await Bisect(left, attempt.Error!);
                    return;
                case Fault.Again when ++tries < LedgerLimits.TriesPerBatchMax:
                    break;
                case Fault.Lost when clock.GetElapsedTime(start) < LedgerLimits.ReachPatience:
                    await Task.Delay(pause, clock, CancellationToken.None);
                    pause = Reach.Longer(pause);
                    break;
                default:
                    Refuse(left, attempt);
                    return;
            }
            left = Fresh(left);
        }
    }

    /// <summary>Halves the batch until the bad entry stands alone; each half is a transaction of its own.</summary>
    async Task Bisect(List<Pending> batch, Exception error)
    {
        if (batch is [var alone])
        {
            log.LogError(
                "An append of {Rows} rows is refused by PostgreSQL: {Error}", alone.Rows, Reach.Describe(error));
            alone.Fail(new EntryRefusedException("PostgreSQL refuses this entry: " + Reach.Describe(error), error));
            return;
        }
        var half = batch.Count / 2;
        await Store(batch[..half]);
        await Store(batch[half..]);
    }

    void Committed(List<Pending> batch, long first)
    {
        // Before anybody is answered: whoever then asks for the funds finds the commit already on its way to them.
        if (followers.Any)
            followers.Tell(
                first, batch is [var alone] ? alone.Append.Entries : [.. batch.SelectMany(a => a.Append.Entries)]);
        foreach (var append in batch)
        {
            var positions = new long[append.Rows];
            for (var i = 0; i < positions.Length; i++)
            {
                positions[i] = first++;
                seen.Saw(append.Append.Entries[i]);
            }
            append.Answer(new AppendOutcome.Committed(positions));
        }
    }

    void Refuse(List<Pending> batch, Try attempt)
    {
        var why = attempt.Fault == Fault.TakenBack
            ? SeenHead.TakenBack
            : "The ledger's database does not store: " + Reach.Describe(attempt.Error!);
        log.LogError("{Rows} rows were not stored. {Why}", batch.Sum(a => a.Rows), why);
        foreach (var append in batch)
            append.Unavailable(why);
    }

    /// <summary>
    /// Without those whose decision is too old and those who stand on a catalog older than another's of the batch.
    /// </summary>
    List<Pending> Fresh(List<Pending> batch)
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var newest = batch.Max(a => a.Append.CatalogRevision);
        return Answered(batch, a =>
            a.IsExpired(now) ? new AppendOutcome.Expired()
            : a.Append.CatalogRevision < newest ? new AppendOutcome.CatalogMoved()
            : null);
    }

    static List<Pending> Answered(List<Pending> batch, Func<Pending, AppendOutcome?> answer)
    {
        var left = new List<Pending>(batch.Count);
        foreach (var append in batch)
        {
            if (answer(append) is { } outcome)
                append.Answer(outcome);
            else
                left.Add(append);
        }
        return left;
    }

    static void FailAll(List<Pending> batch, Exception error)
    {
        foreach (var append in batch)
            append.Fail(error);
    }
}
