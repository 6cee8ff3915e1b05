using System.Collections.Concurrent;
using SettlementGrid.Enrollees;
using SettlementGrid.Simulation.Broken;
using SettlementGrid.Simulation.Checking;
using SettlementGrid.Simulation.World;

namespace SettlementGrid.Simulation.Running;

/// <param name="Fault">What was found: an <see cref="InvariantBroken"/>, or whatever else stopped the run.</param>
sealed record Finding(int Seed, Exception Fault)
{
    public override string ToString() =>
        $"seed {Seed}: {(Fault is InvariantBroken ? Fault.Message : Fault.ToString())}";
}

/// <summary>Many seeds, each on one thread; a found one stops the sweep, the lowest is told.</summary>
sealed class Sweep(Build build, int from, int seeds, int threads)
{
    readonly ConcurrentBag<Finding> _findings = [];
    readonly Lock _lock = new();
    readonly Dictionary<FactKind, long> _kinds = [];
    readonly long[] _counts = new long[Enum.GetValues<Happening>().Length];
    int _next;
    int _done;

    public int Done => Volatile.Read(ref _done);

    public long Calls { get; private set; }

    public long Commits { get; private set; }

    public long Entries { get; private set; }

    public TimeSpan VirtualTime { get; private set; }

    public IReadOnlyDictionary<FactKind, long> Kinds => _kinds;

    public IReadOnlyList<long> Counts => _counts;

    public Finding? Found => _findings.MinBy(f => f.Seed);

    /// <summary>
    /// Returns when all seeds ran, one was found, or it was cancelled; the seeds under way are finished.
    /// </summary>
    public void Run(CancellationToken cancellation)
    {
        var workers = new Thread[threads];
        for (var i = 0; i < threads; i++)
        {
            workers[i] = new Thread(() => Work(cancellation)) { IsBackground = true };
            workers[i].Start();
        }
        foreach (var worker in workers)
            worker.Join();
    }

    void Work(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested && _findings.IsEmpty
            && Interlocked.Increment(ref _next) is var next && next <= seeds)
        {
            var seed = from + next - 1;
            try
            {
                Add(SimulatedRun.Of(seed, build));
            }
            catch (Exception fault)
            {
                _findings.Add(new Finding(seed, fault));
            }
            Interlocked.Increment(ref _done);
        }
    }

    void Add(RunSummary run)
    {
        lock (_lock)
        {
            foreach (var (kind, count) in run.Kinds)
                _kinds[kind] = _kinds.GetValueOrDefault(kind) + count;
            for (var i = 0; i < _counts.Length; i++)
                _counts[i] += run.Counts[i];
            Calls += run.Attempts;
            Commits += run.Head.CommitNumber;
            Entries += run.Head.Position;
            VirtualTime += TimeSpan.FromMilliseconds(run.Milliseconds);
        }
    }
}
