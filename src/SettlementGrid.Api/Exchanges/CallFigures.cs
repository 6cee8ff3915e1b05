using System.Diagnostics.Metrics;

namespace SettlementGrid.Api;

/// <summary>
/// How calls ended, by method and outcome, and how long they took, by method: the only labels, both from fixed lists,
/// so that no caller's word becomes one. One meter for the process, whatever it serves.
/// </summary>
internal static class CallFigures
{
    /// <summary>The outcome of a call whose caller left before the answer.</summary>
    public const string CallerGone = "CANCELLED";

    /// <summary>The outcome of a call that was answered with its response.</summary>
    public const string Ok = "OK";

    private static readonly Meter s_meter = new("SettlementGrid.Api");

    private static readonly Counter<long> s_calls = s_meter.CreateCounter<long>(
        "api.calls", "{call}", "Calls by method and outcome: OK, a refusal's reason or a status.");

    private static readonly Histogram<double> s_duration = s_meter.CreateHistogram<double>(
        "api.duration", "s", "From a call's headers to the end of its answer, by method.");

    public static void Ended(string method, string outcome, TimeSpan took)
    {
        s_calls.Add(1, new KeyValuePair<string, object?>("method", method), new("outcome", outcome));
        s_duration.Record(took.TotalSeconds, new KeyValuePair<string, object?>("method", method));
    }
}
