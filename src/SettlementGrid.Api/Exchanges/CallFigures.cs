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

    private static readonly string s_fault = GrpcStatus.Internal.Name();

    /// <summary>Bounds for what takes microseconds and must not take long, in seconds.</summary>
    public static InstrumentAdvice<double> Short { get; } = new()
    {
        HistogramBucketBoundaries =
        [
            0.000_01, 0.000_02, 0.000_05, 0.000_1, 0.000_2, 0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2,
            0.5, 1,
        ],
    };

    private static readonly Meter s_meter = new("SettlementGrid.Api");

    private static readonly Histogram<double> s_refused = s_meter.CreateHistogram(
        "api.refused_after", "s", "Of calls refused at the door as OVERLOADED: from the call's start to its answer.",
        advice: Short);

    private static readonly Counter<long> s_calls = s_meter.CreateCounter<long>(
        "api.calls", "{call}", "Calls by method and outcome: OK, a refusal's reason or a status.");

    private static readonly Histogram<double> s_duration = s_meter.CreateHistogram<double>(
        "api.duration", "s", "From a call's headers to the end of its answer, by method.");

    /// <summary>
    /// Whether the server did what was asked, or found what forbids it: such calls show how fast it is.
    /// </summary>
    public static bool IsAnswer(string outcome) =>
        outcome is not (CallerGone or "DEADLINE_EXCEEDED" or "OVERLOADED" or "UNAVAILABLE" or "INTERNAL");

    /// <summary>Times the refusals of a door that is full.</summary>
    public static void Refused(Failure why, TimeSpan after)
    {
        if (ReferenceEquals(why, Failure.Overloaded))
        {
            s_refused.Record(after.TotalSeconds);
        }
    }

    /// <summary>
    /// Counts no fault of each method, so that the first one is seen: increase() does not know that a series which
    /// begins with 1 was 0 before.
    /// </summary>
    public static void Begin(IEnumerable<Method> methods)
    {
        foreach (var method in methods)
        {
            s_calls.Add(0, new KeyValuePair<string, object?>("method", method.Name), new("outcome", s_fault));
        }
    }

    public static void Ended(string method, string outcome, TimeSpan took)
    {
        s_calls.Add(1, new KeyValuePair<string, object?>("method", method), new("outcome", outcome));
        s_duration.Record(took.TotalSeconds, new KeyValuePair<string, object?>("method", method));
    }
}
