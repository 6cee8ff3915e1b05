namespace SettlementGrid.Api;

/// <summary>The bounds of one door; by default those of <see cref="ApiLimits"/>. Tests set them small.</summary>
/// <param name="CallsMax">Unary calls under way, whatever is predicted.</param>
/// <param name="CallsFree">Unary calls under way up to which nothing is predicted and nobody refused.</param>
/// <param name="CallsForBatches">Units under way that no predicted wait forbids.</param>
/// <param name="CallsForProcessors">Single calls under way that the processors' queue never forbids.</param>
/// <param name="StreamsMax">Streams under way.</param>
/// <param name="AnswerBytesWaitingMax">Bytes of large answers that their callers have not taken.</param>
/// <param name="ArrivingMax">Unary calls that wait for their bodies.</param>
/// <param name="BytesMax">Bytes of messages that are on their way in.</param>
/// <param name="PaceAtFirst">Calls a second that are counted on before any were measured.</param>
internal sealed record AdmissionBounds(
    int CallsMax = ApiLimits.CallsMax,
    int CallsFree = ApiLimits.CallsFree,
    int CallsForBatches = ApiLimits.CallsForBatches,
    int CallsForProcessors = ApiLimits.CallsForProcessors,
    int StreamsMax = ApiLimits.StreamsMax,
    long BytesMax = ApiLimits.BytesArrivingMax,
    double PaceAtFirst = ApiLimits.PaceAtFirst,
    int ArrivingMax = ApiLimits.ArrivingMax,
    long AnswerBytesWaitingMax = ApiLimits.AnswerBytesWaitingMax)
{
    /// <summary>The longest predicted wait of a peak that passes.</summary>
    public TimeSpan WaitAtPeak { get; init; } = ApiLimits.WaitAtPeak;

    /// <summary>The longest predicted wait of a crowd that stays.</summary>
    public TimeSpan WaitInCrowd { get; init; } = ApiLimits.WaitInCrowd;

    /// <summary>How long batches yield to single calls that were refused.</summary>
    public TimeSpan BatchesYieldFor { get; init; } = ApiLimits.BatchesYieldFor;

    /// <summary>How long calls must have waited longer than that before it is a crowd.</summary>
    public TimeSpan CrowdAfter { get; init; } = ApiLimits.CrowdAfter;
}
