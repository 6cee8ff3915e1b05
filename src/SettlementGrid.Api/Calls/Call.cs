namespace SettlementGrid.Api;

/// <summary>
/// What a handler knows of the call besides its request. The clock was read once, when the call arrived
/// (<paramref name="At"/>); handlers take their time from here.
/// </summary>
/// <param name="Caller">Already identified, and holding a role the method's row allows.</param>
/// <param name="At">When the call arrived, UTC.</param>
/// <param name="Deadline">When the caller is answered DEADLINE_EXCEEDED whatever the handler does, UTC.</param>
/// <param name="Language">Of explanations and messages.</param>
/// <param name="Cancelled">
/// Cancelled at the deadline, when the caller is gone, and for streams when the server stops. Not to be kept after
/// the handler has returned.
/// </param>
public sealed record Call(
    Caller Caller, DateTimeOffset At, DateTimeOffset Deadline, Language Language, CancellationToken Cancelled);
