using System.Threading.Channels;
using SettlementGrid.Enrollees;
using SettlementGrid.Plans;
using SettlementGrid.Regions.Folding;

namespace SettlementGrid.Regions.Following;

/// <summary>
/// Makes folds out of what is stored: from the newest checkpoint that may be trusted, on through the ledger's bodies.
/// A checkpoint that is damaged, or whose commit is not the ledger's at its mark (the database was taken back to an
/// older state), is passed over with a word and the one before it taken; with none left the fold begins at nothing.
/// Thread-safe.
/// </summary>
sealed class Rebuilding(
    ILedgerTail tail, ICheckpoints checkpoints, Func<string, Plan> readPlan, Action<string> warn)
{
    /// <summary>The newest fold at or before the mark that a checkpoint gives.</summary>
    public async Task<FundFold> Nearest(long mark, CancellationToken cancellation)
    {
        while (mark > 0 && await checkpoints.Newest(mark, cancellation) is { } stored)
        {
            if (!stored.IsSound)
                warn($"The fund checkpoint at {stored.Mark} is damaged; it is passed over.");
            else if (await tail.CommitOf(stored.Mark, cancellation) != stored.Commit)
                warn($"The fund checkpoint at {stored.Mark} is of another ledger; it is passed over.");
            else if (Restored(stored) is { } fold)
                return fold;
            mark = stored.Mark - 1;
        }
        return Empty();
    }

    public FundFold Empty() => new(readPlan);

    /// <summary>
    /// Gives the bodies after the fold's mark up to <paramref name="upTo"/> to <paramref name="apply"/>, run by run,
    /// while the next ones are being read.
    /// </summary>
    public async Task FoldOn(long after, long upTo, Action<BodyRun> apply, CancellationToken cancellation)
    {
        var ahead = System.Threading.Channels.Channel.CreateBounded<BodyRun>(
            new BoundedChannelOptions(FundLimits.RunsAheadMax) { SingleReader = true, SingleWriter = true });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var reading = Task.Run(() => Read(after, upTo, ahead.Writer, stop.Token), CancellationToken.None);
        try
        {
            await foreach (var run in ahead.Reader.ReadAllAsync(cancellation))
                apply(run);
        }
        finally
        {
            await stop.CancelAsync();
            await reading;
        }
    }

    async Task Read(long after, long upTo, ChannelWriter<BodyRun> into, CancellationToken cancellation)
    {
        try
        {
            await foreach (var run in tail.ReadBodies(after, upTo, cancellation))
                await into.WriteAsync(run, cancellation);
            into.Complete();
        }
        catch (Exception e)
        {
            // Whoever folds hears of it where it would have read on.
            into.Complete(e);
        }
    }

    FundFold? Restored(StoredCheckpoint stored)
    {
        try
        {
            return stored.Unpack(readPlan);
        }
        catch (InvalidDataException e)
        {
            warn($"The fund checkpoint at {stored.Mark} cannot be read ({e.Message}); it is passed over.");
            return null;
        }
    }
}
