using SettlementGrid.Enrollees;
using SettlementGrid.Regions.Folding;

namespace SettlementGrid.Regions.Following;

/// <summary>
/// Stores the live fold at multiples of <see cref="FundLimits.CheckpointEvery"/>, the same marks on every server, so
/// that the first one stays and nothing is kept twice. The fold is copied by the task that folds, between two facts,
/// and packed and stored beside it: settling and readings go on, only the mark stands still for the copy (some tenths
/// of a second for 2.2 million persons; figures in load-tests/results). A second fold for checkpoints alone was
/// weighed: the mark would never stand still, but it costs as much memory again and, at full load, 3 to 4 % of both
/// cores. What is stored was committed: the fold holds nothing else.
/// </summary>
sealed class CheckpointKeeping(
    ILedgerTail tail, ICheckpoints checkpoints, FundFigures figures, FundBounds bounds, TimeProvider clock,
    Action<string> warn)
{
    long _lastAt = clock.GetTimestamp();
    int _length;
    Task _storing = Task.CompletedTask;

    /// <summary>The mark at which the fold is offered next.</summary>
    public long Next { get; private set; } = bounds.CheckpointEvery;

    /// <summary>The live fold begins at this mark, that of the newest checkpoint.</summary>
    public void Begin(long mark)
    {
        Next = LastDue(mark) + bounds.CheckpointEvery;
        figures.Checkpointed(mark);
    }

    /// <summary>
    /// The fold stands at <see cref="Next"/>. Not every one is stored: while catching up the last one below the head,
    /// and one now and then; later not more than one in a while.
    /// </summary>
    /// <param name="catchingUpTo">The head that the start is catching up to; null: the fold is served.</param>
    public void Offer(FundFold fold, long? catchingUpTo)
    {
        var mark = fold.Mark;
        Next = mark + bounds.CheckpointEvery;
        var pause = catchingUpTo is null ? bounds.CheckpointPause : bounds.CatchUpCheckpointPause;
        var isLast = catchingUpTo is { } head && mark == LastDue(head);
        if (!isLast && (clock.GetElapsedTime(_lastAt) < pause || !_storing.IsCompleted))
            return;
        var copy = new MemoryStream(_length + _length / 8);
        fold.WriteCheckpoint(copy);
        (_length, _lastAt) = ((int)copy.Length, clock.GetTimestamp());
        var (before, at) = (_storing, fold.At);
        _storing = Task.Run(async () =>
        {
            await before;
            await Store(mark, at, copy);
        });
    }

    /// <summary>Waits for what is being stored.</summary>
    public Task Finish() => _storing;

    async Task Store(long mark, long at, MemoryStream copy)
    {
        try
        {
            if (await checkpoints.NewestMark(mark, CancellationToken.None) != mark
                && await tail.CommitOf(mark, CancellationToken.None) is { } commit)
            {
                var packed = StoredCheckpoint.Pack(copy);
                if (packed.Length > FundLimits.CheckpointBytesMax)
                    warn($"The fund checkpoint at {mark} has {packed.Length:N0} bytes, too many; it is not stored.");
                else
                    await checkpoints.Write(StoredCheckpoint.Of(mark, commit, at, packed), CancellationToken.None);
            }
            figures.Checkpointed(mark);
        }
        catch (Exception e)
        {
            // It only saves time: the next one comes, and folding must not end for it.
            warn($"The fund checkpoint at {mark} was not stored: {e.Message}");
        }
    }

    long LastDue(long mark) => mark / bounds.CheckpointEvery * bounds.CheckpointEvery;
}
