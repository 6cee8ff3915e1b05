namespace SettlementGrid.Testbed.Calling;

/// <summary>What hospitals remember of their bills: the model that the ledger is held against. Thread-safe.</summary>
sealed class ReceiptBook
{
    readonly Lock _lock = new();
    readonly List<Receipt> _receipts = [];
    readonly List<(int Number, string Said)> _refusals = [];
    readonly List<(int Count, TaskCompletionSource Reached)> _awaited = [];
    readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    TimeSpan _longest;
    int _mostTries;
    int _sentAgain;

    /// <summary>Never completes but with the first failure.</summary>
    public Task Failed => _failed.Task;

    public int SentAgain => Volatile.Read(ref _sentAgain);

    public int MostTries
    {
        get
        {
            lock (_lock)
                return _mostTries;
        }
    }

    public TimeSpan LongestUnanswered
    {
        get
        {
            lock (_lock)
                return _longest;
        }
    }

    public Receipt? Latest
    {
        get
        {
            lock (_lock)
                return _receipts.Count > 0 ? _receipts[^1] : null;
        }
    }

    public List<Receipt> Receipts()
    {
        lock (_lock)
            return [.. _receipts];
    }

    public List<(int Number, string Said)> Refusals()
    {
        lock (_lock)
            return [.. _refusals];
    }

    public void CountSentAgain() => Interlocked.Increment(ref _sentAgain);

    public void Answered(TimeSpan after, int tries)
    {
        lock (_lock)
        {
            _longest = after > _longest ? after : _longest;
            _mostTries = Math.Max(_mostTries, tries);
        }
    }

    public void Keep(Receipt? receipt)
    {
        if (receipt is not { } kept)
            return;
        lock (_lock)
        {
            _receipts.Add(kept);
            foreach (var (_, reached) in _awaited.Where(one => one.Count <= _receipts.Count))
                reached.TrySetResult();
            _awaited.RemoveAll(one => one.Count <= _receipts.Count);
        }
    }

    public void Refuse(int number, string said)
    {
        lock (_lock)
            _refusals.Add((number, said));
    }

    public void Fail(Exception failure) => _failed.TrySetException(failure);

    /// <summary>Completes when so many more receipts are kept.</summary>
    public Task Reached(int more)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
            _awaited.Add((_receipts.Count + more, reached));
        return reached.Task;
    }
}
