using System.Runtime.CompilerServices;
using SettlementGrid.Enrollees;
using SettlementGrid.Plans;

namespace SettlementGrid.Regions.Following;

/// <summary>
/// The funds of all regions as this process knows them: one fold over the ledger, kept at its head, and what may be
/// asked of it. Whatever it gives stands at the mark it states: whoever adds the ledger up to that mark gets the same
/// sums. Several on one ledger give equal sums at equal marks. One per process. Thread-safe.
/// </summary>
public sealed class Funds : IAsyncDisposable
{
    readonly ILedgerTail _tail;
    readonly TimeProvider _clock;
    readonly FundFigures _figures;
    readonly PastFolds _past;
    readonly CheckpointKeeping _checkpoints;
    readonly LiveFold _live;
    readonly CancellationTokenSource _stop = new();
    readonly Task _following;
    readonly FundBounds _bounds;
    int _watchers;

    /// <summary>Begins to fold at once; whoever asks before it has caught up waits.</summary>
    /// <param name="readPlan">The reader of plan files; throws on a text it cannot read.</param>
    /// <param name="warn">Told what an operator should know: the ledger out of reach, a checkpoint passed over.</param>
    public Funds(
        ILedgerTail tail, ICheckpoints checkpoints, Func<string, Plan> readPlan, TimeProvider clock,
        Action<string> warn, FundBounds? bounds = null)
    {
        _bounds = bounds ?? new FundBounds();
        (_tail, _clock) = (tail, clock);
        _figures = new FundFigures(() => Volatile.Read(ref _watchers));
        var rebuilding = new Rebuilding(tail, checkpoints, readPlan, warn);
        _past = new PastFolds(rebuilding, checkpoints, clock);
        _checkpoints = new CheckpointKeeping(tail, checkpoints, _figures, _bounds, clock, warn);
        _live = new LiveFold(tail, rebuilding, _checkpoints, _figures, clock, warn);
        _following = Task.Run(() => _live.Run(_stop.Token));
    }

    /// <summary>The position the funds stand at.</summary>
    public long Mark => _figures.Mark;

    /// <summary>Completes once the ledger's head, as it stood then, was reached for the first time.</summary>
    public Task CaughtUp => _live.CaughtUp;

    /// <summary>
    /// The funds now, or at a mark. Now: at or after everything that was acknowledged to anybody before the call. Waits
    /// for that, after a start as long as the caller does, later a few seconds (UNAVAILABLE).
    /// </summary>
    /// <param name="asOf">POSITION_UNKNOWN unless the ledger has it; 0 is the empty ledger.</param>
    public async ValueTask<FundReading> Read(FundQuery query, long? asOf, CancellationToken cancellation)
    {
        try
        {
            var head = (await _tail.ReadHead(cancellation)).Position;
            if (asOf < 0 || asOf > head)
                return FundReading.PositionUnknown(asOf.Value, head);
            if (asOf is { } mark)
                return await ReadPast(query, mark, cancellation);
            return await _live.Reach(head, cancellation)
                ? new FundReading.Given(_live.Ask(fold => fold.Positions(query)))
                : FundReading.Unavailable();
        }
        catch (LedgerUnavailableException)
        {
            return FundReading.Unavailable();
        }
    }

    /// <summary>
    /// The funds asked for, then those that changed since they were given last, as they stand then; after a while
    /// without a change none, as a sign of life. Nothing is kept for a watcher but the mark it was given: a slow one
    /// gets the latest. Ends with a refusal, or by cancellation (<see cref="OperationCanceledException"/>).
    /// </summary>
    /// <param name="fromMark">
    /// Begins with what changed after this mark, which the ledger must have (POSITION_UNKNOWN); null: with everything.
    /// </param>
    public async IAsyncEnumerable<FundReading> Watch(
        FundQuery query, long? fromMark, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (Interlocked.Increment(ref _watchers) > _bounds.WatchersMax)
        {
            Interlocked.Decrement(ref _watchers);
            yield return FundReading.Overloaded(
                "基金监视连接过多，请稍后再试", "Too many watch the funds of this server; try again later");
            yield break;
        }
        try
        {
            if (await RefusedWatch(fromMark, cancellation) is { } refused)
            {
                yield return refused;
                yield break;
            }
            await foreach (var reading in _live.Changes(query, fromMark, _bounds.HeartbeatEvery, _clock, cancellation))
                yield return reading;
        }
        finally
        {
            Interlocked.Decrement(ref _watchers);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _following;
        await _checkpoints.Finish();
        _past.Dispose();
        _figures.Dispose();
        _stop.Dispose();
    }

    async ValueTask<FundReading> ReadPast(FundQuery query, long mark, CancellationToken cancellation)
    {
        // The live fold stands there already more often than not: consoles ask at the mark they were just given.
        if (!_live.IsAstray && _live.Ask(fold => fold.Mark == mark ? fold.Positions(query) : null) is { } now)
            return new FundReading.Given(now);
        return await _past.Ask(mark, fold => fold.Positions(query), cancellation) is { } then
            ? new FundReading.Given(then)
            : FundReading.Overloaded(
                "历史时点查询过多，请稍后再试", "Too many ask for funds of the past; try again later");
    }

    async ValueTask<FundReading.Refused?> RefusedWatch(long? fromMark, CancellationToken cancellation)
    {
        try
        {
            var head = (await _tail.ReadHead(cancellation)).Position;
            return fromMark < 0 || fromMark > head ? FundReading.PositionUnknown(fromMark.Value, head)
                : await _live.Reach(head, cancellation) ? null
                : FundReading.Unavailable();
        }
        catch (LedgerUnavailableException)
        {
            return FundReading.Unavailable();
        }
    }
}
