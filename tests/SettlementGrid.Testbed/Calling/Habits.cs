using SettlementGrid.Api;
using SettlementGrid.Api.V1;

namespace SettlementGrid.Testbed.Calling;

/// <summary>How hospitals behave.</summary>
/// <param name="InFlight">Bills on their way at one time; with a rate the most there may be.</param>
/// <param name="AnswerMax">How long one bill may stay unanswered before the run counts as failed.</param>
public sealed record Habits(int InFlight, TimeSpan AnswerMax)
{
    /// <summary>
    /// Null: the next bill goes out when one is answered. Else so many a second set out, answered or not.
    /// </summary>
    public int? PerSecond { get; init; }

    /// <summary>Every n-th bill is sent twice at once; 0: none.</summary>
    public int TwiceEvery { get; init; }

    /// <summary>How long one call may take before the bill is sent again, to the next server if there is one.</summary>
    public TimeSpan Patience { get; init; } = TestbedLimits.CallMax;

    /// <summary>Between two tries while a server is away: without it they would take the cores it starts on.</summary>
    public TimeSpan RetryPause { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// How long a server that gave no answer is left alone while others are there. Infinite: until
    /// <see cref="Hospitals.AllBack"/>.
    /// </summary>
    public TimeSpan AwayFor { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// What may be refused for good; anything else that is neither an answer nor "send again" fails the run.
    /// </summary>
    public Func<GrpcAnswer<Settlement>, bool> MayRefuse { get; init; } = _ => false;

    /// <summary>Whether the interface asks to send the same request again after this; null: no status came.</summary>
    public static bool SendsAgain(GrpcStatus? status) =>
        status is null or GrpcStatus.Unavailable or GrpcStatus.DeadlineExceeded or GrpcStatus.ResourceExhausted;
}
