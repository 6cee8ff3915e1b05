using Microsoft.Extensions.Logging;
using SettlementGrid.Enrollees;
using SettlementGrid.Ledger.Seeing;

namespace SettlementGrid.Ledger.Writing;

/// <summary>
/// Many enrollees' appends in one transaction: while a batch is on its way to the disk the next one gathers. Waits on
/// the given clock and works on the given scheduler alone.
/// </summary>
sealed class GroupCommit : IAsyncDisposable
{
    readonly TimeProvider _clock;
    readonly CancellationTokenSource _stop = new();
    readonly WriterQueue _queue;
    readonly CommitLine[] _lines = new CommitLine[LedgerLimits.Writers];
    readonly Task[] _writers = new Task[LedgerLimits.Writers];

    /// <param name="open">Makes a writer's line; each writer has its own.</param>
    /// <param name="scheduler"><see cref="TaskScheduler.Default"/> in a server.</param>
    public GroupCommit(
        Func<CommitLine> open, Conflicts conflicts, SeenLedger seen, CommitFollowers followers, TimeProvider clock,
        TaskScheduler scheduler, ILogger log, Instruments instruments)
    {
        _clock = clock;
        _queue = new WriterQueue(clock);
        for (var i = 0; i < _writers.Length; i++)
        {
            _lines[i] = open();
            var writer = new BatchWriter(_queue, _lines[i], conflicts, seen, followers, clock, log, _stop.Token);
            _writers[i] = Task.Factory.StartNew(
                writer.Run, CancellationToken.None, TaskCreationOptions.DenyChildAttach, scheduler).Unwrap();
        }
        instruments.Watch(() => _queue.Rows);
    }

    public Task<AppendOutcome> Append(Append append, CancellationToken cancellation)
    {
        if (append.Entries.Count is 0 or > Limits.AppendEntriesMax)
            throw new ArgumentException($"An append has 1 to {Limits.AppendEntriesMax} entries.", nameof(append));
        cancellation.ThrowIfCancellationRequested();
        var pending = new Pending(append, cancellation);
        if (!pending.ContradictsItself && _queue.TryAdd(pending))
            return pending.Outcome;
        // Nobody else will ever hold it: taking it lets go of the caller's token, which may live as long as the server.
        pending.TryTake();
        if (pending.ContradictsItself)
            throw new ArgumentException("Two entries of the append claim the same key.", nameof(append));
        pending.Answer(new AppendOutcome.Overloaded());
        return pending.Outcome;
    }

    /// <summary>
    /// Writes what is queued, then ends. An outcome still unknown after a while is given up, its callers told.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Close();
        var all = Task.WhenAll(_writers);
        await Task.WhenAny(all, Task.Delay(LedgerLimits.StopPatience, _clock));
        // Not CancelAsync: it would go on in the pool, whatever the scheduler.
        _stop.Cancel();
        await all;
        foreach (var line in _lines)
            await line.DisposeAsync();
        _queue.Dispose();
        _stop.Dispose();
    }
}
