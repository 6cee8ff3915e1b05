using System.Diagnostics;
using SettlementGrid.LoadTest.Measuring;

namespace SettlementGrid.LoadTest.Overload;

/// <summary>
/// What became of every arrival, by half seconds of its intended start; so a bill that is answered late counts as late
/// where it arrived. Only what was settled is counted where it ended besides: that is goodput. Thread-safe.
/// </summary>
public sealed class Timeline
{
    /// <summary>Half a second at half the knee are thousands of bills: enough for a 99th percentile.</summary>
    public static readonly TimeSpan WindowLasts = TimeSpan.FromSeconds(0.5);

    readonly Lock _lock = new();
    readonly Window[] _windows;
    readonly int[] _firsts;
    readonly Histogram[] _refusals;
    readonly long _began;

    /// <param name="began">When the first phase begins, in ticks.</param>
    public Timeline(IReadOnlyList<Phase> phases, long began)
    {
        Phases = phases;
        _began = began;
        _firsts = new int[phases.Count + 1];
        for (var i = 0; i < phases.Count; i++)
            _firsts[i + 1] = _firsts[i] + (int)Math.Ceiling(phases[i].Lasts / WindowLasts);
        // What arrived last may end in a while that belongs to no phase.
        _windows = [.. Enumerable.Range(0, _firsts[^1] + 1).Select(_ => new Window())];
        _refusals = [.. phases.Select(_ => new Histogram())];
    }

    public IReadOnlyList<Phase> Phases { get; }

    public void Arrive(long since) => Count(since, static window => window.Arrived++);

    public void GiveUp(long since) => Count(since, static window => window.GivenUp++);

    public void Fail(long since) => Count(since, static window => window.Failed++);

    public void Settle(long since, long now)
    {
        lock (_lock)
        {
            At(now).Settled++;
            At(since).Latency.Add((long)Stopwatch.GetElapsedTime(since, now).TotalMicroseconds);
        }
    }

    /// <param name="sent">When the call was sent: how soon the server refused it.</param>
    public void Refuse(long since, long sent, long now)
    {
        lock (_lock)
        {
            At(since).Refused++;
            var phase = Array.FindLastIndex(_firsts, first => first <= IndexOf(since));
            _refusals[Math.Min(phase, _refusals.Length - 1)].Add(
                (long)Stopwatch.GetElapsedTime(sent, now).TotalMicroseconds);
        }
    }

    /// <summary>The windows of a phase; only when nothing is under way any more.</summary>
    public IReadOnlyList<Window> Of(int phase) => _windows[_firsts[phase].._firsts[phase + 1]];

    /// <summary>How soon the server refused in a phase, as its caller saw it.</summary>
    public Histogram RefusalsOf(int phase) => _refusals[phase];

    void Count(long since, Action<Window> count)
    {
        lock (_lock)
            count(At(since));
    }

    Window At(long moment) => _windows[IndexOf(moment)];

    int IndexOf(long moment) =>
        Math.Clamp((int)(Stopwatch.GetElapsedTime(_began, moment) / WindowLasts), 0, _windows.Length - 1);
}

/// <summary>Half a second's arrivals and what became of them; settled ones are those that ended in it.</summary>
public sealed class Window
{
    public long Arrived { get; set; }

    public long Settled { get; set; }

    public long Refused { get; set; }

    public long Failed { get; set; }

    public long GivenUp { get; set; }

    /// <summary>From the intended start to the settlement, of those that arrived in it.</summary>
    public Histogram Latency { get; } = new();
}
