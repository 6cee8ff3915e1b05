namespace SettlementGrid.Api;

/// <summary>
/// Which calls of a method the audit keeps: a column of the method table, so that every row states it.
/// </summary>
public enum Audited
{
    /// <summary>NOT_PERMITTED and UNAUTHENTICATED, which are kept of every method.</summary>
    IfRefused,

    /// <summary>Every call, whatever came of it: it shows an account or changes what settlements stand on.</summary>
    Always,
}

/// <summary>One call as the audit keeps it. Carries no full person id.</summary>
/// <param name="Caller">
/// Who called. Of UNAUTHENTICATED: who was claimed to call, without roles, if the host knows the claim
/// (<see cref="ClaimedCaller"/>).
/// </param>
/// <param name="Method">Service and method, such as <c>EnrolleeService/GetAccount</c>.</param>
/// <param name="Outcome">OK, a refusal's reason, or the name of the status where there is none.</param>
/// <param name="Subject">What it was about, person ids masked; where no request was read, where it came from.</param>
/// <param name="At">When the call arrived, UTC.</param>
public sealed record AuditedCall(Caller Caller, string Method, string Outcome, string Subject, DateTimeOffset At);

/// <summary>What the program does with audited calls. Both are asked on the call's thread and must not wait.</summary>
/// <param name="HasRoom">
/// Whether a call can be kept. A method that is <see cref="Audited.Always"/> is not carried out (OVERLOADED) without.
/// </param>
/// <param name="Note">Keeps it.</param>
public sealed record AuditHook(Func<bool> HasRoom, Action<AuditedCall> Note)
{
    /// <summary>For programs without an audit.</summary>
    public static AuditHook None { get; } = new(() => true, _ => { });
}

/// <summary>
/// Who a refused caller claimed to be: set among the request's features by the host's identifying hook where it knows
/// the key or certificate that it does not believe.
/// </summary>
public sealed record ClaimedCaller(Caller Caller);
