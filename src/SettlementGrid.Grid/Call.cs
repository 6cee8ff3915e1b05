using System.Threading.Tasks.Sources;
using SettlementGrid.Enrollees;

namespace SettlementGrid.Grid;

/// <summary>
/// One accepted call: its command, its caller's promise, its place in a mailbox's queue. Waiting → begun or dropped,
/// once; a caller's cancellation and the engine's start of the turn race for that one step, so a turn that began is
/// never reported as cancelled and a dropped one never runs. The caller goes on elsewhere, unless whoever answers says
/// that it has nothing else to do: a thread's queue is 5 µs and a wake-up that a settlement can do without.
/// </summary>
sealed class Call(Command command, DateTimeOffset deadline) : IValueTaskSource<Answer>
{
    const int Waiting = 0;
    const int Begun = 1;
    const int Dropped = 2;

    int _state = Waiting;
    CancellationTokenRegistration _registration;
    ManualResetValueTaskSourceCore<Answer> _answer = new() { RunContinuationsAsynchronously = true };

    public Command Command => command;

    /// <summary>What the caller waits for; to be awaited once.</summary>
    public ValueTask<Answer> Answered => new(this, _answer.Version);

    /// <summary>The next in the queue; guarded by the shard's lock.</summary>
    public Call? Next { get; set; }

    public void DropWhenCancelled(CancellationToken cancellation)
    {
        if (cancellation.CanBeCanceled)
            _registration = cancellation.UnsafeRegister(
                static (call, token) => ((Call)call!).Drop(token), this);
    }

    /// <summary>For a call that was never queued: its token forgets it.</summary>
    public void Abandon() => _registration.Unregister();

    /// <summary>
    /// True: its turn is to run now. False: it was cancelled or its deadline has passed; it is answered.
    /// </summary>
    public bool Begin(DateTimeOffset now)
    {
        if (now >= deadline)
        {
            Drop(new CancellationToken(canceled: true));
            return false;
        }
        if (Interlocked.CompareExchange(ref _state, Begun, Waiting) != Waiting)
            return false;
        _registration.Unregister();
        return true;
    }

    /// <summary>
    /// Answers a waiting call without running it; nothing happens where it began or was dropped before.
    /// </summary>
    public void Refuse(Answer answer)
    {
        if (Interlocked.CompareExchange(ref _state, Dropped, Waiting) != Waiting)
            return;
        _registration.Unregister();
        _answer.SetResult(answer);
    }

    /// <summary>Ends a call that began.</summary>
    /// <param name="here">Whether the caller goes on inside this very call, before it returns.</param>
    public void Answer(Answer? answer, Exception? fault, bool here)
    {
        _answer.RunContinuationsAsynchronously = !here;
        if (fault is null)
            _answer.SetResult(answer!);
        else
            _answer.SetException(fault);
    }

    Answer IValueTaskSource<Answer>.GetResult(short token) => _answer.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<Answer>.GetStatus(short token) => _answer.GetStatus(token);

    void IValueTaskSource<Answer>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _answer.OnCompleted(continuation, state, token, flags);

    void Drop(CancellationToken token)
    {
        if (Interlocked.CompareExchange(ref _state, Dropped, Waiting) != Waiting)
            return;
        _registration.Unregister();
        _answer.SetException(new OperationCanceledException(token));
    }
}
