using System.Diagnostics;
using Grpc.Health.V1;
using SettlementGrid.LoadTest.Load;
using SettlementGrid.LoadTest.Measuring;

namespace SettlementGrid.LoadTest.Controls;

/// <summary>
/// Asks for the server's health at a run's own rate over its own connections: everything but the settling. What this
/// waits for, the machine did.
/// </summary>
static class EchoControl
{
    public static async Task<Histogram> RunAsync(
        ConnectionSet connections, LoadSettings settings, CancellationToken cancellation)
    {
        var lasts = LoadLimits.ControlLasts;
        var from = Stopwatch.GetTimestamp();
        var time = new MeasuredTime(from, from, from + (long)(lasts.TotalSeconds * Stopwatch.Frequency));
        var states = connections.States(settings.Seed);
        var callers = new List<LoadCaller>(settings.InFlight);
        for (var i = 0; i < settings.InFlight; i++)
            callers.Add(new EchoCaller(time, states[i % states.Count]));
        var rate = settings.IsOpen ? settings.Rate : LoadLimits.ControlRate;
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bounded.CancelAfter(lasts + LoadLimits.FinishMax);
        await new OpenLoop(time, callers, new Arrivals(rate, lasts, day: false, settings.Seed)).RunAsync(bounded.Token);
        var sum = new Histogram();
        foreach (var state in states)
            sum.Add(state.Result.Latency);
        return sum;
    }
}

/// <summary>Calls the standard health service.</summary>
sealed class EchoCaller(MeasuredTime time, ConnectionState of) : LoadCaller(of)
{
    static readonly HealthCheckRequest s_request = new();

    long _since;

    public override bool TryBegin(long since)
    {
        lock (Of)
        {
            _since = since;
            return Of.Connection.TryCall("/grpc.health.v1.Health/Check", s_request, this);
        }
    }

    protected override void OnEnded()
    {
        lock (Of)
        {
            var now = Stopwatch.GetTimestamp();
            if (GrpcStatus == 0 && time.Counts(now))
                Of.Result.Latency.Add((long)Stopwatch.GetElapsedTime(_since, now).TotalMicroseconds);
        }
        OnFree(this);
    }
}
