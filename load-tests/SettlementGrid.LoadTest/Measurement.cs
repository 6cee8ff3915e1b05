using System.Diagnostics;
using SettlementGrid.LoadTest.Load;
using SettlementGrid.LoadTest.Measuring;
using SettlementGrid.LoadTest.Wire;

namespace SettlementGrid.LoadTest;

/// <summary>Loads a site for a time and measures what came back and what it cost.</summary>
public static class Measurement
{
    static readonly TimeSpan ProgressEvery = TimeSpan.FromSeconds(5);

    /// <summary>Figures that may be shown once the site's audit has passed, and not before.</summary>
    public static async Task<MeasuredRun> RunAsync(
        LoadSite site, LoadSettings settings, ConnectionSet connections, CancellationToken cancellation)
    {
        site.Say($"{settings.InWords} for {settings.Lasts.TotalSeconds:0} s");
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bounded.CancelAfter(settings.Lasts + LoadLimits.FinishMax);
        var workload = site.WorkloadOf(settings);
        var states = connections.States(settings.Seed);
        if (settings.Day)
            states.ForEach(state => state.Result.SplitInto(Arrivals.DayParts));
        var begin = Stopwatch.GetTimestamp();
        var from = begin + Ticks(settings.WarmUp);
        var time = new MeasuredTime(begin, from, from + Ticks(settings.Measured));
        var costing = site.Own is null ? null : CostAsync(site, time, bounded.Token);
        var progress = ProgressAsync(site, time, states, bounded.Token);
        var callers = Callers(settings, workload, time, states);
        var open = settings.IsOpen
            ? new OpenLoop(time, callers, new Arrivals(settings.Rate, settings.Lasts, settings.Day, settings.Seed))
            : null;
        await (open?.RunAsync(bounded.Token) ?? new ClosedLoop(time, callers).RunAsync(bounded.Token));
        await progress;
        if (time.To <= time.From)
            throw new InvalidOperationException("Everybody was asked for during the warm-up: give more --persons.");
        if (open?.GivenUp > 0)
            site.Say($"{open.GivenUp:n0} arrivals were given up: too many waited");
        var sum = new LoadResult(LoadLimits.ReceiptsMax);
        foreach (var state in states)
        {
            sum.Add(state.Result);
            if (state.Connection.Broken is { } broken)
                site.Say($"a connection broke: {broken.Message}");
        }
        site.Acknowledged.Add(sum);
        return new MeasuredRun(
            settings, sum, Stopwatch.GetElapsedTime(time.From, time.To), costing is null ? null : await costing,
            open?.WaitingMax ?? 0, open?.GivenUp ?? 0);
    }

    static List<LoadCaller> Callers(
        LoadSettings settings, Workload workload, MeasuredTime time, List<ConnectionState> states)
    {
        var callers = new List<LoadCaller>(settings.InFlight);
        for (var i = 0; i < settings.InFlight; i++)
        {
            var of = states[i % states.Count];
            callers.Add(settings.IsMany
                ? new ManyCaller(workload, time, of, settings.Many)
                : new Caller(workload, time, of));
        }
        return callers;
    }

    /// <summary>What the measured time cost, warm-up left out.</summary>
    static async Task<RunCost> CostAsync(LoadSite site, MeasuredTime time, CancellationToken cancellation)
    {
        await UntilAsync(() => time.From, cancellation);
        var before = await ServerFigures.ReadAsync(site.Started, cancellation);
        var first = await BatchSizes.NewestAsync(site.Own!, cancellation);
        await UntilAsync(() => time.To, cancellation);
        var figures = await ServerFigures.ReadAsync(site.Started, cancellation) - before;
        var last = await BatchSizes.NewestAsync(site.Own!, cancellation);
        return new RunCost(figures, await BatchSizes.BetweenAsync(site.Own!, first, last, cancellation));
    }

    /// <summary>Returns at a moment that may still move closer.</summary>
    static async Task UntilAsync(Func<long> moment, CancellationToken cancellation)
    {
        while (Left(moment()) is var left && left > TimeSpan.Zero)
            await Task.Delay(left < LoadLimits.LookEvery ? left : LoadLimits.LookEvery, cancellation);
    }

    static async Task ProgressAsync(
        LoadSite site, MeasuredTime time, List<ConnectionState> states, CancellationToken cancellation)
    {
        for (var last = 0L; Left(time.To) > TimeSpan.Zero;)
        {
            var next = Stopwatch.GetTimestamp() + Ticks(ProgressEvery);
            await UntilAsync(() => Math.Min(next, time.To), cancellation);
            var settled = states.Sum(one =>
            {
                lock (one)
                    return (long)one.Result.Receipts.Count;
            });
            site.Say($"  {settled:n0} settled (+{settled - last:n0})");
            last = settled;
        }
    }

    static TimeSpan Left(long moment) => Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), moment);

    static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);
}

/// <summary>One run's figures.</summary>
/// <param name="Took">How long was measured; shorter than asked for where there was nothing left to ask.</param>
/// <param name="Cost">Null of a server that this program did not start.</param>
/// <param name="WaitingMax">The most arrivals that waited in the generator for a free caller.</param>
/// <param name="GivenUp">Arrivals never sent, because too many waited.</param>
public sealed record MeasuredRun(
    LoadSettings Settings, LoadResult Result, TimeSpan Took, RunCost? Cost, int WaitingMax, long GivenUp)
{
    public double SettledPerSecond => Result.Settled / Took.TotalSeconds;

    /// <summary>What costs are divided by: calls, of SettleMany settlements; never 0.</summary>
    public long Count => Math.Max(1, Settings.IsMany ? Result.Settled : Result.Calls);

    /// <summary>Microseconds of one call, of SettleMany of one settlement.</summary>
    public double Each(double seconds) => seconds * 1_000_000 / Count;

    public string Title => Settings.IsOpen ? "Open loop" : Settings.IsMany ? "SettleMany, closed loop" : "Closed loop";
}

/// <summary>What a run cost on a server that this program started.</summary>
public sealed record RunCost(ServerFigures Figures, BatchSizes Batches);

/// <summary>Connections that several runs may use one after another.</summary>
public sealed class ConnectionSet : IAsyncDisposable
{
    readonly List<Http2Connection> _connections = [];

    public static Task<ConnectionSet> OpenAsync(Uri address, int count, CancellationToken cancellation) =>
        OpenAsync([address], count, cancellation);

    /// <summary>Dealt out to the addresses in turn.</summary>
    public static async Task<ConnectionSet> OpenAsync(
        IReadOnlyList<Uri> addresses, int count, CancellationToken cancellation)
    {
        var set = new ConnectionSet();
        try
        {
            for (var i = 0; i < count; i++)
                set._connections.Add(await Http2Connection.OpenAsync(addresses[i % addresses.Count], cancellation));
            return set;
        }
        catch
        {
            await set.DisposeAsync();
            throw;
        }
    }

    /// <summary>A run's own record of each connection.</summary>
    public List<ConnectionState> States(int seed) =>
        [.. _connections.Select((one, i) => new ConnectionState(
            one, unchecked(seed * 31 + i), LoadLimits.ReceiptsMax / _connections.Count))];

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections)
            await connection.DisposeAsync();
    }
}
