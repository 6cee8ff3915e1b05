using SettlementGrid.Regions.Folding;

namespace SettlementGrid.Regions.Following;

/// <summary>
/// Folds at marks of the past: the nearest checkpoint at or before, folded on to exactly the mark. One at a time, since
/// each is a second fold in memory; the last one is kept for a while and folded on where that is nearer. Thread-safe.
/// </summary>
sealed class PastFolds : IDisposable
{
    readonly Rebuilding _rebuilding;
    readonly ICheckpoints _checkpoints;
    readonly SemaphoreSlim _turn = new(1, 1);
    readonly ITimer _forgetting;
    FundFold? _kept;
    int _waiting;

    public PastFolds(Rebuilding rebuilding, ICheckpoints checkpoints, TimeProvider clock)
    {
        (_rebuilding, _checkpoints) = (rebuilding, checkpoints);
        _forgetting = clock.CreateTimer(_ => Forget(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Runs on the fold at the mark, which the ledger has. Null: too many wait already.</summary>
    public async ValueTask<T?> Ask<T>(long mark, Func<FundFold, T> ask, CancellationToken cancellation)
        where T : class
    {
        if (Interlocked.Increment(ref _waiting) > FundLimits.PastReadingsWaitingMax)
        {
            Interlocked.Decrement(ref _waiting);
            return null;
        }
        try
        {
            await _turn.WaitAsync(cancellation);
            try
            {
                return ask(await FoldTo(mark, cancellation));
            }
            finally
            {
                _turn.Release();
                _forgetting.Change(FundLimits.PastKept, Timeout.InfiniteTimeSpan);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    public void Dispose()
    {
        _forgetting.Dispose();
        _turn.Dispose();
    }

    async Task<FundFold> FoldTo(long mark, CancellationToken cancellation)
    {
        var fold = _kept;
        _kept = null;
        if (fold is null || fold.Mark > mark || fold.Mark < await _checkpoints.NewestMark(mark, cancellation))
            fold = await _rebuilding.Nearest(mark, cancellation);
        await _rebuilding.FoldOn(
            fold.Mark,
            mark,
            run =>
            {
                for (var i = 0; i < run.Count; i++)
                    fold.Apply(run.First + i, run[i]);
            },
            cancellation);
        // Only one that came to its mark is kept: what an error left behind is not.
        return _kept = fold;
    }

    void Forget()
    {
        if (!_turn.Wait(0))
            return;
        _kept = null;
        _turn.Release();
    }
}
