using SettlementGrid.Enrollees;
using SettlementGrid.Regions.Folding;

namespace SettlementGrid.Regions.Following;

/// <summary>
/// The one fold of the process, kept at the ledger's head. Only <see cref="Run"/> changes it, applying facts by
/// position without a gap: own commits from memory, everything else from the ledger. Sums and mark are read under the
/// lock under which facts are applied, so they always belong together. What it promises is exactness at its mark; how
/// near the mark is to the head is what <see cref="Reach"/> waits for.
/// </summary>
sealed class LiveFold(
    ILedgerTail tail, Rebuilding rebuilding, CheckpointKeeping checkpoints, FundFigures figures, TimeProvider clock,
    Action<string> warn)
{
    readonly Lock _lock = new();
    readonly OwnCommits _own = new();
    readonly Pulse _moved = new();
    readonly Pulse _asked = new();
    readonly TaskCompletionSource _caughtUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    FundFold _fold = rebuilding.Empty();
    long _wanted;
    volatile bool _astray;

    public long Mark => figures.Mark;

    /// <summary>
    /// Whether its sums may not be given any more: the ledger was taken back to before the mark, or a fact cannot be
    /// folded. Only a new start helps.
    /// </summary>
    public bool IsAstray => _astray;

    /// <summary>Completes once the fold has met the head for the first time since the start.</summary>
    public Task CaughtUp => _caughtUp.Task;

    /// <summary>Completes when the mark moves after this was asked for.</summary>
    public Task Moved => _moved.Next;

    /// <summary>Runs on the fold as it stands, alone. Must be short: folding waits meanwhile.</summary>
    public T Ask<T>(Func<FundFold, T> ask)
    {
        lock (_lock)
            return ask(_fold);
    }

    /// <summary>
    /// Waits until everything up to the position is folded; false: astray, or not within the patience.
    /// </summary>
    public async ValueTask<bool> Reach(long position, CancellationToken cancellation)
    {
        if (Mark < position)
        {
            // After a start this takes as long as it takes, and the caller's own deadline bounds the wait.
            await CaughtUp.WaitAsync(cancellation);
            Want(position);
            var since = clock.GetTimestamp();
            for (var moved = Moved; Mark < position && !_astray; moved = Moved)
            {
                var left = FundLimits.ReadPatience - clock.GetElapsedTime(since);
                if (left <= TimeSpan.Zero)
                    return false;
                await Within(moved, left, cancellation);
                cancellation.ThrowIfCancellationRequested();
            }
        }
        return !_astray;
    }

    /// <summary>Runs until cancelled, or until a fact cannot be folded.</summary>
    public async Task Run(CancellationToken stop)
    {
        using var following = tail.Follow(_own.Add);
        var (restored, away) = (false, false);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                restored = restored || await Restore(stop);
                await CatchUp(stop);
                _caughtUp.TrySetResult();
                if (away)
                    warn("The funds follow the ledger again.");
                away = false;
                await FollowOwn(stop);
            }
            catch (LedgerUnavailableException e)
            {
                if (!away)
                    warn("The funds cannot follow the ledger: " + e.Message);
                away = true;
                await Within(Task.Delay(Timeout.InfiniteTimeSpan, clock, stop), FundLimits.RetryEvery, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // A fact that cannot be folded: no sum after it would be true, so none is given any more.
                warn($"The funds stop after position {Mark}: {e.Message}");
                _astray = true;
                _moved.Beat();
                _caughtUp.TrySetResult();
                return;
            }
        }
    }

    async Task<bool> Restore(CancellationToken stop)
    {
        var head = await tail.ReadHead(stop);
        var fold = await rebuilding.Nearest(head.Position, stop);
        lock (_lock)
            _fold = fold;
        checkpoints.Begin(fold.Mark);
        figures.Moved(fold.Mark, 0);
        return true;
    }

    async Task CatchUp(CancellationToken stop)
    {
        var head = await tail.ReadHead(stop);
        figures.Saw(head.Position);
        if (head.Position < Mark)
        {
            _astray = true;
            _moved.Beat();
            throw new LedgerUnavailableException(
                $"It ends at {head.Position}, {Mark} was folded: the database was taken back to an older state. "
                + "Start the server again.");
        }
        if (head.Position == Mark)
            return;
        figures.ReadTail();
        await rebuilding.FoldOn(
            Mark,
            head.Position,
            run => Apply(run.First, run.Count, i => _fold.Apply(run.First + i, run[i]), head.Position),
            stop);
    }

    /// <summary>What of the run is not folded yet; stops where a checkpoint is due.</summary>
    void Apply(long first, int count, Action<int> apply, long head)
    {
        var catchingUpTo = _caughtUp.Task.IsCompleted ? default(long?) : head;
        for (var i = (int)(Mark + 1 - first); i < count;)
        {
            var before = Mark;
            lock (_lock)
            {
                do
                    apply(i++);
                while (i < count && _fold.Mark != checkpoints.Next);
                figures.Moved(_fold.Mark, _fold.Mark - before);
            }
            // Outside the lock: nobody else changes the fold, and whoever reads it may do so meanwhile.
            if (Mark == checkpoints.Next)
                checkpoints.Offer(_fold, catchingUpTo);
        }
        _moved.Beat();
    }

    /// <summary>
    /// Own commits, until there is reason to look into the ledger: nothing came for a while, or what came, or what
    /// somebody waits for, is not the next.
    /// </summary>
    async Task FollowOwn(CancellationToken stop)
    {
        var behindSince = default(long?);
        while (true)
        {
            var (arrival, asked) = (_own.Arrival, _asked.Next);
            // Several commits at once: waking up for each would cost more than folding it.
            if (ApplyOwn() && Volatile.Read(ref _wanted) <= Mark)
                await Within(asked, FundLimits.FoldEvery, stop);
            var isBehind = _own.IsGapAfter(Mark) || Volatile.Read(ref _wanted) > Mark;
            behindSince = isBehind ? behindSince ?? clock.GetTimestamp() : null;
            var patience = behindSince is { } since
                ? FundLimits.GapPatience - clock.GetElapsedTime(since) : FundLimits.PollEvery;
            if (patience <= TimeSpan.Zero || !await Within(Task.WhenAny(arrival, asked), patience, stop))
                return;
        }
    }

    bool ApplyOwn()
    {
        var before = Mark;
        while (_own.TakeAfter(Mark) is var (first, bodies))
        {
            Apply(first, bodies.Length, i => _fold.Apply(first + i, bodies[i]), Mark);
            figures.Saw(Mark);
        }
        return Mark > before;
    }

    void Want(long position)
    {
        for (var wanted = Volatile.Read(ref _wanted); wanted < position;)
        {
            var found = Interlocked.CompareExchange(ref _wanted, position, wanted);
            if (found == wanted)
                break;
            wanted = found;
        }
        _asked.Beat();
    }

    /// <summary>Whether the task completed in time. Throws nothing.</summary>
    async Task<bool> Within(Task task, TimeSpan time, CancellationToken cancellation)
    {
        await task.WaitAsync(time, clock, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return task.IsCompleted;
    }
}
