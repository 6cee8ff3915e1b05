using SettlementGrid.Enrollees;

namespace SettlementGrid.Ledger.Reading;

/// <summary>
/// Many small questions in one statement. Batching is natural: what comes while a statement runs goes with the next
/// one. Equal questions that wait are asked once. A question never joins a statement that was already sent: its answer
/// could be older than what somebody was told before asking.
/// Everybody is answered: a question that is older than <see cref="LedgerLimits.ReadingPatience"/> when its turn comes is
/// not sent any more, and a statement takes no longer. Where the ledger is out of reach, whoever came meanwhile is told
/// with those who asked.
/// </summary>
/// <param name="ask">Answers in the order of the questions; comes to an end whatever the database does.</param>
sealed class Coalesced<TQuestion, TAnswer>(
    Func<IReadOnlyList<TQuestion>, CancellationToken, Task<IReadOnlyList<TAnswer>>> ask, TimeProvider clock,
    TaskScheduler scheduler)
    where TQuestion : notnull
{
    sealed record Waiting(TQuestion Question, long Since)
    {
        public TaskCompletionSource<TAnswer> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    readonly Lock _lock = new();
    readonly Queue<Waiting> _queue = new();
    readonly Dictionary<TQuestion, Waiting> _byQuestion = [];
    int _lanes;

    /// <summary>Full: <see cref="LedgerUnavailableException"/> at once.</summary>
    public Task<TAnswer> Ask(TQuestion question, CancellationToken cancellation)
    {
        Waiting? waiting;
        var startLane = false;
        lock (_lock)
        {
            if (!_byQuestion.TryGetValue(question, out waiting))
            {
                if (_queue.Count >= LedgerLimits.QueuedLookUpsMax)
                    throw new LedgerUnavailableException("Too many look-ups wait for the ledger's database.");
                waiting = new Waiting(question, clock.GetTimestamp());
                _queue.Enqueue(waiting);
                _byQuestion.Add(question, waiting);
                startLane = _lanes < LedgerLimits.LookUpLanes;
                if (startLane)
                    _lanes++;
            }
        }
        if (startLane)
            _ = Task.Factory.StartNew(
                RunLane, CancellationToken.None, TaskCreationOptions.DenyChildAttach, scheduler);
        return cancellation.CanBeCanceled ? waiting.Answer.Task.WaitAsync(cancellation) : waiting.Answer.Task;
    }

    async Task RunLane()
    {
        while (Take() is { Count: > 0 } batch)
        {
            try
            {
                var answers = await ask(batch.ConvertAll(w => w.Question), CancellationToken.None);
                for (var i = 0; i < batch.Count; i++)
                    batch[i].Answer.SetResult(answers[i]);
            }
            catch (Exception e)
            {
                // They waited for the same database; asked anew, each statement's patience would add to the last one's.
                if (e is LedgerUnavailableException { InnerException: { } cause } && Reach.Of(cause) == Fault.Lost)
                    TakeAll(batch);
                foreach (var waiting in batch)
                    waiting.Answer.TrySetException(e);
            }
        }
    }

    List<Waiting> Take()
    {
        var batch = new List<Waiting>();
        lock (_lock)
        {
            while (batch.Count < LedgerLimits.LookUpMax && _queue.TryDequeue(out var waiting))
            {
                _byQuestion.Remove(waiting.Question);
                if (clock.GetElapsedTime(waiting.Since) > LedgerLimits.ReadingPatience)
                    waiting.Answer.SetException(new LedgerUnavailableException("The ledger's database is too slow."));
                else
                    batch.Add(waiting);
            }
            if (batch.Count == 0)
                _lanes--;
        }
        return batch;
    }

    void TakeAll(List<Waiting> into)
    {
        lock (_lock)
        {
            into.AddRange(_queue);
            _queue.Clear();
            _byQuestion.Clear();
        }
    }
}
