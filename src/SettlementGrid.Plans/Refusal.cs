namespace SettlementGrid.Plans;

/// <summary>
/// Why a request is refused, in order of precedence: the first that applies is given. The numbers are part of no wire
/// and no ledger; the names are stable.
/// </summary>
public enum RefusalReason
{
    MalformedRequest = 1,
    AmountOutOfRange,
    DateOutOfRange,
    NotPermitted,
    RequestIdReused,
    RequestIdBarred,
    EnrolleeUnknown,
    NotCovered,
    EncounterAlreadySettled,
    PlanParameterMissing,
    BasicCapExceeded,
    OverCapEligibleRequired,
    AccountMoved,

    // For their own methods.
    SettlementUnknown = 101,
    AlreadyReversed,
    NotReversible,
    LaterSettlementsExist,
    TooManyAdjustments,
    PlanUnknown,
    PlanInvalid,
    FacilityUnknown,
    PositionUnknown,
    PageInvalid,

    // Outside the order.
    Unauthenticated = 201,
    Overloaded,
    Unavailable,
}

/// <summary>
/// A refusal is a value: stable reason, a sentence in both languages, and the figures that led to it. A refusal leaves
/// no trace in any account.
/// </summary>
public sealed record Refusal(
    RefusalReason Reason, string MessageZh, string MessageEn, IReadOnlyDictionary<string, string> Numbers)
{
    static readonly Dictionary<string, string> NoNumbers = [];

    public Refusal(RefusalReason reason, string messageZh, string messageEn)
        : this(reason, messageZh, messageEn, NoNumbers)
    {
    }

    /// <summary>The reason as callers see it: REQUEST_ID_REUSED.</summary>
    public string Code => CodeOf(Reason);

    public static string CodeOf(RefusalReason reason) => Codes[reason];

    static readonly Dictionary<RefusalReason, string> Codes = Enum.GetValues<RefusalReason>().ToDictionary(
        r => r,
        r => string.Concat(r.ToString()
            .Select((c, i) => i > 0 && char.IsUpper(c) ? "_" + c : char.ToUpperInvariant(c).ToString())));
}
