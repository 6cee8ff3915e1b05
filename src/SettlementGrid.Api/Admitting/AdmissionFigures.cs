using System.Diagnostics.Metrics;

namespace SettlementGrid.Api;

/// <summary>What one server's door measures; whom it refused is counted in <c>api.calls</c> as OVERLOADED.</summary>
internal sealed class AdmissionFigures : IDisposable
{
    private readonly Meter _meter = new("SettlementGrid.Api");

    public AdmissionFigures(Admission admission)
    {
        _meter.CreateObservableUpDownCounter(
            "api.calls_under_way", () => admission.UnderWay, "{call}",
            "Unary calls let in and not yet answered, a batch as many as it has requests.");
        _meter.CreateObservableUpDownCounter(
            "api.streams_under_way", () => admission.Streams, "{stream}", "Callers' streams under way.");
        _meter.CreateObservableUpDownCounter(
            "api.probe_streams_under_way", () => admission.ProbeStreams, "{stream}",
            "Streams under way that need no caller: health watches.");
        _meter.CreateObservableUpDownCounter(
            "api.calls_arriving", () => admission.Arriving, "{call}",
            "Unary calls let in whose body is still to come.");
        _meter.CreateObservableGauge(
            "api.predicted_wait", () => admission.PredictedWait.TotalSeconds, "s",
            "How long a call that comes now would wait: calls under way by the pace of the last ones.");
        _meter.CreateObservableGauge(
            "api.processor_room", () => admission.ProcessorRoom, "{call}",
            "Calls that may be under way so that the processors' queue stays short.");
    }

    public void Dispose() => _meter.Dispose();
}
