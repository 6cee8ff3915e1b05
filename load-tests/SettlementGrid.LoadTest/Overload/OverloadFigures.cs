using SettlementGrid.LoadTest.Measuring;

namespace SettlementGrid.LoadTest.Overload;

/// <summary>What one overload run measured; worth nothing before its audit.</summary>
/// <param name="Knee">Settlements a second that the phases were made from.</param>
/// <param name="Door">Of each phase.</param>
/// <param name="Otherwise">Ends of calls that were neither settled nor refused at the door.</param>
/// <param name="Retried">Bills sent again after a refusal.</param>
public sealed record OverloadFigures(
    double Knee, Timeline Timeline, IReadOnlyList<DoorFigures> Door, IReadOnlyDictionary<string, long> Otherwise,
    long Retried)
{
    public const int Before = 0;
    public const int Twice = 1;
    public const int After = 2;

    /// <summary>So long everything must have been normal again before it counts as recovered.</summary>
    static readonly TimeSpan Steady = TimeSpan.FromSeconds(3);

    /// <summary>Null: the knee was given.</summary>
    public MeasuredRun? KneeBefore { get; init; }

    /// <summary>The same after all: how much of a difference is the machine's.</summary>
    public MeasuredRun? KneeAfter { get; init; }

    /// <summary>Settled a second while twice the knee arrived, whenever they had arrived.</summary>
    public double Goodput => SettledPerSecond(Twice);

    /// <summary>
    /// The slowest half second's p99 at half the knee before, in microseconds; the first second is left out.
    /// </summary>
    public long NormalP99 => Timeline.Of(Before).Skip(2).Max(window => window.Latency.At(0.99));

    public double SettledPerSecond(int phase) =>
        Timeline.Of(phase).Sum(window => window.Settled) / Timeline.Phases[phase].Lasts.TotalSeconds;

    public Histogram LatencyOf(int phase)
    {
        var sum = new Histogram();
        foreach (var window in Timeline.Of(phase))
            sum.Add(window.Latency);
        return sum;
    }

    /// <summary>
    /// From the end of twice the knee to the first half second from which on, for three seconds, nobody was refused and
    /// the p99 was no more than the slowest half second's before. Null: not within the phase.
    /// </summary>
    public TimeSpan? Recovery()
    {
        var windows = Timeline.Of(After);
        var steady = (int)(Steady / Timeline.WindowLasts);
        for (var i = 0; i + steady <= windows.Count; i++)
        {
            if (windows.Skip(i).Take(steady).All(IsNormal))
                return i * Timeline.WindowLasts;
        }
        return null;

        bool IsNormal(Window window) =>
            window.Refused + window.Failed + window.GivenUp == 0 && window.Latency.At(0.99) <= NormalP99;
    }
}
