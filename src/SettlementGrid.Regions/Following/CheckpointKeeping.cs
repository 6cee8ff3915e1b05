using SettlementGrid.Enrollees;
using SettlementGrid.Regions.Folding;

namespace SettlementGrid.Regions.Following;

/// <summary>
/// Writes a checkpoint at every multiple of <see cref="FundLimits.CheckpointEvery"/>. While the server serves, it is made from
/// a second fold beside the live one, out of committed facts read from the ledger: so nobody who reads or settles waits
/// for a checkpoint, and it can never be ahead of what is committed. While the live fold catches up after a start nobody
/// is served from it, and it is written itself.
/// </summary>
sealed class CheckpointKeeping(
    ILedgerTail tail, ICheckpoints checkpoints, PastFolds past, FundFigures figures, TimeProvider clock,
    Action<string> warn)
{
    /// <summary>How often is looked whether one is due: nobody waits for it.</summary>
    static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    long _lastMark;
    long _lastAt = clock.GetTimestamp();
    Task _writing = Task.CompletedTask;

    static long Due(long mark) => mark / FundLimits.CheckpointEvery * FundLimits.CheckpointEvery;

    /// <summary>The live fold begins at this checkpoint's mark.</summary>
    public void Stands(long mark)
    {
        _lastMark = Due(mark);
        figures.Checkpointed(mark);
    }

    /// <summary>
    /// Writes the fold where it just came to the last due mark below the head, or to a due one and the last was long ago.
    /// Called by the one task that folds.
    /// </summary>
    public void WhileCatchingUp(FundFold fold, long head)
    {
        var mark = fold.Mark;
        if (mark % FundLimits.CheckpointEvery != 0 || mark <= _lastMark || !_writing.IsCompleted && mark != Due(head))
            return;
        if (mark != Due(head) && clock.GetElapsedTime(_lastAt) < FundLimits.CatchUpCheckpointPause)
            return;
        var (packed, at, before) = (StoredCheckpoint.Pack(fold), fold.At, _writing);
        _writing = Task.Run(async () =>
        {
            await before;
            await Store(mark, at, packed, CancellationToken.None);
        });
        (_lastMark, _lastAt) = (mark, clock.GetTimestamp());
    }

    /// <summary>Runs until cancelled. A checkpoint under way is then given up: the next server makes it.</summary>
    public async Task Run(Task caughtUp, CancellationToken stop)
    {
        await caughtUp.WaitAsync(stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        using var timer = new PeriodicTimer(LookEvery, clock);
        while (await Tick(timer, stop))
        {
            var due = Due(figures.Mark);
            if (due <= _lastMark || clock.GetElapsedTime(_lastAt) < FundLimits.CheckpointPause)
                continue;
            try
            {
                await Write(due, stop);
                (_lastMark, _lastAt) = (due, clock.GetTimestamp());
            }
            catch (Exception e) when (e is LedgerUnavailableException or InvalidDataException)
            {
                _lastAt = clock.GetTimestamp();
                warn($"The fund checkpoint at {due} was not written: {e.Message}");
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                break;
            }
        }
        await _writing;
    }

    async Task Write(long due, CancellationToken stop)
    {
        if (await checkpoints.NewestMark(due, stop) == due)
        {
            figures.Checkpointed(due);
            return;
        }
        // Busy with readings of the past: they are many, this can wait.
        if (await past.Ask(due, fold => Tuple.Create(StoredCheckpoint.Pack(fold), fold.At), stop) is var (packed, at))
            await Store(due, at, packed, stop);
        else
            throw new LedgerUnavailableException("readings of the past are in its way");
    }

    async Task Store(long mark, long at, byte[] packed, CancellationToken cancellation)
    {
        try
        {
            if (packed.Length > FundLimits.CheckpointBytesMax)
                warn($"The fund checkpoint at {mark} has {packed.Length:N0} bytes, too many; it is not written.");
            else if (await tail.CommitOf(mark, cancellation) is { } commit)
                await checkpoints.Write(StoredCheckpoint.Of(mark, commit, at, packed), cancellation);
            figures.Checkpointed(mark);
        }
        catch (LedgerUnavailableException e)
        {
            warn($"The fund checkpoint at {mark} was not written: {e.Message}");
        }
    }

    static async Task<bool> Tick(PeriodicTimer timer, CancellationToken stop)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stop);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
