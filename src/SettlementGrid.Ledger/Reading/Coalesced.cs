using SettlementGrid.Enrollees;

namespace SettlementGrid.Ledger.Reading;

/// <summary>
/// Many small questions in one statement. Batching is natural: what comes while a statement runs goes with the next
/// one.
/// Equal questions that wait are asked once. A question never joins a statement that was already sent: its answer could
/// be older than what somebody was told before asking.
/// </summary>
sealed class Coalesced<TQuestion, TAnswer>(
    Func<IReadOnlyList<TQuestion>, CancellationToken, Task<IReadOnlyList<TAnswer>>> ask, TaskScheduler scheduler)
    where TQuestion : notnull
{
    sealed record Waiting(TQuestion Question)
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
                waiting = new Waiting(question);
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
                batch.Add(waiting);
            }
            if (batch.Count == 0)
                _lanes--;
        }
        return batch;
    }
}
