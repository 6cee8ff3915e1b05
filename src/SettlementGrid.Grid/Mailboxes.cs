using System.Diagnostics.Metrics;
using SettlementGrid.Enrollees;
using SettlementGrid.Plans;

namespace SettlementGrid.Grid;

/// <summary>
/// The engine of one process: one turn at a time per enrollee, turns of different enrollees side by side. A mailbox
/// exists only while its person is busy; idle accounts stay warm within bounds. Nothing waits without a bound: a full
/// queue refuses at once. It promises order and one turn at a time within this object only; several servers on one
/// ledger are kept right by the ledger's fence. Thread-safe. Turns run on the given scheduler alone, so a simulation
/// may run a whole grid on one thread; the clock is the given one.
/// </summary>
public sealed class Mailboxes : IGrid, IDisposable
{
    static readonly Answer PersonQueueFull = new Answer.Refused(Enrollees.Refusals.Overloaded(
        "该参保人排队的请求过多，本次未办理；请稍后用同一请求重试",
        "Too many requests wait for this enrollee; nothing was done. Retry the same request later"));

    static readonly Answer GridFull = new Answer.Refused(Enrollees.Refusals.Overloaded(
        "系统繁忙，本次未办理；请用同一请求重试", "The server is full; nothing was done. Retry the same request"));

    static readonly Answer Stopping = new Answer.Refused(new Refusal(
        RefusalReason.Unavailable, "服务正在停止，本次未办理；请用同一请求重试",
        "The server is stopping; nothing was done. Retry the same request"));

    readonly TimeProvider _clock;
    readonly TaskFactory _turns;
    readonly bool _inPool;
    readonly Shard[] _shards;
    readonly int _callsMax;
    readonly CancellationTokenSource _shutdown = new();
    readonly GridMetrics _metrics;
    int _calls;

    /// <param name="scheduler">Where turns run: <see cref="TaskScheduler.Default"/> in a server.</param>
    public Mailboxes(
        ILedger ledger, CatalogSource catalogs, TimeProvider clock, TaskScheduler scheduler, GridBounds? bounds = null)
    {
        bounds ??= new GridBounds();
        bounds.Check();
        _clock = clock;
        _turns = new TaskFactory(
            CancellationToken.None, TaskCreationOptions.DenyChildAttach, TaskContinuationOptions.None, scheduler);
        _inPool = scheduler == TaskScheduler.Default;
        _callsMax = bounds.CallsMax;
        _shards = new Shard[bounds.Shards];
        for (var i = 0; i < _shards.Length; i++)
            _shards[i] = new Shard(bounds, id => new Enrollee(id, ledger, catalogs, clock));
        _metrics = new GridMetrics(_shards, () => Volatile.Read(ref _calls), bounds.WarmBytesMax);
    }

    /// <summary>Of this engine alone, for whoever reads figures of one among several.</summary>
    public Meter Meter => _metrics.Meter;

    public ValueTask<Answer> Ask(Command command, DateTimeOffset deadline, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
            return ValueTask.FromCanceled<Answer>(cancellation);
        if (_clock.GetUtcNow() >= deadline)
            return ValueTask.FromCanceled<Answer>(new CancellationToken(canceled: true));
        var shard = ShardOf(command.EnrolleeId);
        if (Interlocked.Increment(ref _calls) > _callsMax)
        {
            Interlocked.Decrement(ref _calls);
            shard.CountOverloaded();
            return new(GridFull);
        }
        var call = new Call(command, deadline);
        call.DropWhenCancelled(cancellation);
        switch (shard.Admit(command.EnrolleeId, call, out var mailbox))
        {
            case Admission.Queued:
                return call.Answered;
            case Admission.QueuedFirst:
                Start(shard, mailbox!);
                return call.Answered;
            case Admission.PersonQueueFull:
                return NotAdmitted(call, PersonQueueFull);
            default:
                return NotAdmitted(call, Stopping);
        }
    }

    public void Forget(IReadOnlyCollection<string> enrolleeIds)
    {
        foreach (var id in enrolleeIds)
            ShardOf(id).Forget(id);
    }

    /// <summary>
    /// Graceful stop: new calls are refused with UNAVAILABLE from now on, accepted ones get their turns. Whatever still
    /// waits after <paramref name="atMost"/> (on the engine's clock) is refused likewise, and running turns are told to
    /// stop where that leaves nothing in doubt. True: every accepted call had its turn.
    /// </summary>
    public async Task<bool> Drain(TimeSpan atMost)
    {
        var idle = Task.WhenAll(Array.ConvertAll(_shards, s => s.Close()));
        try
        {
            await idle.WaitAsync(atMost, _clock);
            return true;
        }
        catch (TimeoutException)
        {
            foreach (var shard in _shards)
                shard.RefuseWaiting(Stopping);
            _shutdown.Cancel();
            return false;
        }
    }

    public void Dispose()
    {
        _metrics.Dispose();
        _shutdown.Dispose();
    }

    ValueTask<Answer> NotAdmitted(Call call, Answer answer)
    {
        call.Abandon();
        Interlocked.Decrement(ref _calls);
        return new(answer);
    }

    void Start(Shard shard, Mailbox mailbox)
    {
        var loop = new Loop(this, shard, mailbox);
        // The loop serves many callers: the first one's log scope and trace must not stick to the turns of others.
        if (ExecutionContext.IsFlowSuppressed())
        {
            Start(loop);
            return;
        }
        using (ExecutionContext.SuppressFlow())
            Start(loop);
    }

    /// <summary>
    /// In the pool the first turn begins right here, up to where it waits: a caller's thread is one of the pool.
    /// </summary>
    void Start(Loop loop) =>
        _ = _inPool ? loop.Run() : _turns.StartNew(static state => ((Loop)state!).Run(), loop);

    Shard ShardOf(string enrolleeId) =>
        _shards[ShardNumber(string.GetHashCode(enrolleeId, StringComparison.Ordinal), _shards.Length)];

    /// <summary>
    /// By the hash's upper bits: a shard's table of warm accounts chains by the lower ones, and among persons chosen by
    /// these its chains were as long as there are shards.
    /// </summary>
    internal static int ShardNumber(int hash, int shards) => (int)((ulong)(uint)hash * (uint)shards >> 32);

    /// <summary>
    /// The only place where turns run. One loop per mailbox, from the first call to the last: that is what makes it one
    /// turn at a time.
    /// </summary>
    sealed class Loop(Mailboxes grid, Shard shard, Mailbox mailbox)
    {
        public async Task Run()
        {
            for (var call = shard.TakeNext(mailbox); call is not null;)
            {
                if (!call.Begin(grid._clock.GetUtcNow()))
                {
                    Interlocked.Decrement(ref grid._calls);
                    call = shard.TakeNext(mailbox);
                    continue;
                }
                var (answer, fault) = await Turn(call.Command);
                Interlocked.Decrement(ref grid._calls);
                var next = shard.TakeNext(mailbox);
                // The last of them has nobody behind it: its caller goes on right here.
                call.Answer(answer, fault, here: next is null && grid._inPool);
                call = next;
            }
        }

        async ValueTask<(Answer? Answer, Exception? Fault)> Turn(Command command)
        {
            try
            {
                return (await shard.Begin(mailbox).Turn(command, grid._shutdown.Token), null);
            }
            catch (OperationCanceledException) when (grid._shutdown.IsCancellationRequested)
            {
                // Only an append that was still queued is cancelled: nothing was stored.
                return (Stopping, null);
            }
            catch (Exception fault)
            {
                // A broken invariant ends this turn alone; the caller hears of it, the person's next turn reloads.
                return (null, fault);
            }
        }
    }
}
