using SettlementGrid.Simulation.Checking;

namespace SettlementGrid.Simulation.World;

/// <summary>
/// One thread, virtual time, one seed: tasks that are ready run one by one in an order drawn from the seed; when none
/// is ready, time jumps to the next event. Nothing else moves, so a seed gives the same run every time, told or not.
/// </summary>
sealed class SimulatedThread(int seed) : TaskScheduler
{
    const string Left = "Something left the simulated thread; the run is not repeatable.";

    readonly int _thread = Environment.CurrentManagedThreadId;
    readonly List<Task> _ready = [];
    readonly PriorityQueue<Action, (long At, long Order)> _events = new();
    readonly int[] _counts = new int[Enum.GetValues<Happening>().Length];
    volatile bool _left;
    long _milliseconds;
    long _order;

    public Random Random { get; } = new(seed);

    public TimeProvider Clock => field ??= new VirtualClock(this);

    /// <summary>Of virtual time since the start.</summary>
    public long Milliseconds => _milliseconds;

    public long Steps { get; private set; }

    public IReadOnlyList<int> Counts => _counts;

    /// <summary>Takes the lines of the history; null: nobody listens, and nothing is put into words.</summary>
    public Action<string>? Teller { get; init; }

    public bool IsTold => Teller is not null;

    public void Say(string what) =>
        Teller?.Invoke($"{_milliseconds / 1000,5}.{_milliseconds % 1000:000}  {what}");

    public void Count(Happening happening) => _counts[(int)happening]++;

    public bool Chance(double probability) => Random.NextDouble() < probability;

    public T Pick<T>(IReadOnlyList<T> from) => from[Random.Next(from.Count)];

    public Task Delay(long milliseconds)
    {
        var done = new TaskCompletionSource();
        At(milliseconds, done.SetResult);
        return done.Task;
    }

    public void At(long inMilliseconds, Action action)
    {
        StayHere();
        _events.Enqueue(action, (_milliseconds + Math.Max(0, inMilliseconds), _order++));
    }

    /// <summary>Runs until the work is done; a run that goes on too long has hung or spins.</summary>
    public void RunUntilDone(Func<Task> work, long stepsMax)
    {
        // The test framework's own context would carry continuations off this thread.
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            var task = Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.None, this).Unwrap();
            Loop(task, stepsMax);
            task.GetAwaiter().GetResult();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    void Loop(Task task, long stepsMax)
    {
        while (!task.IsCompleted)
        {
            if (_left)
                throw new InvalidOperationException(Left);
            if (++Steps > stepsMax)
                throw new InvariantBroken("I10", $"no end after {stepsMax} steps, {_milliseconds} ms of virtual time");
            if (_ready.Count > 0)
            {
                var at = Random.Next(_ready.Count);
                var next = _ready[at];
                _ready[at] = _ready[^1];
                _ready.RemoveAt(_ready.Count - 1);
                TryExecuteTask(next);
            }
            else if (_events.TryDequeue(out var action, out var when))
            {
                _milliseconds = when.At;
                action();
            }
            else
            {
                throw new InvariantBroken("I10", "everybody waits and nothing will ever happen");
            }
        }
    }

    protected override void QueueTask(Task task)
    {
        StayHere();
        _ready.Add(task);
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => _ready;

    void StayHere()
    {
        if (Environment.CurrentManagedThreadId == _thread)
            return;
        _left = true;
        throw new InvalidOperationException(Left);
    }

    sealed class VirtualClock(SimulatedThread thread) : TimeProvider
    {
        // Every third run crosses the end of a year, Beijing's or Greenwich's.
        static readonly DateTimeOffset[] Starts =
        [
            new(2026, 3, 2, 1, 0, 0, TimeSpan.Zero), new(2026, 3, 2, 1, 0, 0, TimeSpan.Zero),
            new(2026, 3, 2, 1, 0, 0, TimeSpan.Zero), new(2025, 8, 31, 15, 59, 50, TimeSpan.Zero),
            new(2025, 12, 31, 15, 59, 55, TimeSpan.Zero), new(2025, 12, 31, 23, 59, 55, TimeSpan.Zero),
        ];

        readonly DateTimeOffset _start = Starts[thread.Random.Next(Starts.Length)];

        public override DateTimeOffset GetUtcNow() => _start.AddMilliseconds(thread._milliseconds);

        public override long TimestampFrequency => 1_000;

        public override long GetTimestamp() => thread._milliseconds;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new VirtualTimer(thread, () => callback(state));
            timer.Change(dueTime, period);
            return timer;
        }
    }

    sealed class VirtualTimer(SimulatedThread thread, Action fire) : ITimer
    {
        int _set;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var set = ++_set;
            if (dueTime != Timeout.InfiniteTimeSpan)
                thread.At((long)dueTime.TotalMilliseconds, () =>
                {
                    if (_set == set)
                        fire();
                });
            return true;
        }

        public void Dispose() => _set++;

        public ValueTask DisposeAsync()
        {
            _set++;
            return default;
        }
    }
}
