using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace SettlementGrid.Server.Metrics;

/// <summary>
/// Everything measured in this process, kept for /metrics: our own meters (SettlementGrid…), Kestrel's of connections
/// and the runtime's (System.Runtime: processor time, memory, garbage collections, threads), in a silo Orleans' own.
/// Not Npgsql's: its labels are connection strings. Nor what hosting and Kestrel measure at each request: eight labels
/// a time took a twentieth of a settlement's processor time, and calls are counted and timed by method where they end.
/// </summary>
public sealed class MetricCollection : IDisposable
{
    private static readonly string[] Meters =
        ["SettlementGrid", "System.Runtime", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.Orleans"];

    private const string OfEachRequest = "kestrel.queued_requests";

    private readonly ConcurrentDictionary<Instrument, Metric> _metrics = new();
    private readonly MeterListener _listener = new();

    /// <param name="alsoMeter">one more meter, for a test that measures on a meter of its own.</param>
    public MetricCollection(string? alsoMeter = null)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == alsoMeter
                || (instrument.Name != OfEachRequest
                    && Meters.Any(meter => instrument.Meter.Name.StartsWith(meter, StringComparison.Ordinal))))
            {
                listener.EnableMeasurementEvents(instrument, _metrics.GetOrAdd(instrument, one => new Metric(one)));
            }
        };
        _listener.SetMeasurementEventCallback<int>((_, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<long>((_, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<double>((_, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<float>((_, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<short>((_, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<byte>((_, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<decimal>((_, value, tags, state) => Record(state, (double)value, tags));
        _listener.Start();
    }

    /// <summary>Measurements left out by the bound on series, over all metrics.</summary>
    public long Dropped => _metrics.Values.Sum(metric => metric.Dropped);

    /// <summary>What a counter has added up over all its labels; 0 while it has counted nothing.</summary>
    public double TotalOf(string instrument) => _metrics
        .Where(one => one.Key.Name == instrument)
        .Sum(one => one.Value.InOrder().Sum(series => series.Value));

    /// <summary>All metrics as Prometheus text; observable figures are asked now.</summary>
    public string Text()
    {
        _listener.RecordObservableInstruments();
        return PrometheusText.Of(_metrics.Values)
            + "# HELP settlementgrid_metrics_dropped_total Measurements beyond the bound on label combinations\n"
            + "# TYPE settlementgrid_metrics_dropped_total counter\n"
            + $"settlementgrid_metrics_dropped_total {Dropped}\n";
    }

    public void Dispose() => _listener.Dispose();

    private static void Record(object? state, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        ((Metric)state!).Record(value, tags);
}
