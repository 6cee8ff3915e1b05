using System.Collections.Frozen;
using System.Collections.Immutable;
using SettlementGrid.Api.V1;

namespace SettlementGrid.Api;

/// <summary>One stable reason: the status it has on every wire and what the caller should do.</summary>
/// <param name="Reason">As callers see it.</param>
/// <param name="Status">The gRPC status; the HTTP status follows from it (<see cref="GrpcStatusRows"/>).</param>
/// <param name="Advice">What helps, unless the refusal itself says otherwise.</param>
public sealed record ReasonRow(string Reason, GrpcStatus Status, Advice Advice);

/// <summary>
/// The one place that maps a reason to a status. A refusal cannot be made with a reason that is not here
/// (<see cref="WireRefusal"/>), so none can reach a caller without a status.
/// </summary>
public static class RefusalReasons
{
    /// <summary>In the order in which they are checked; the last three stand outside that order.</summary>
    public static ImmutableArray<ReasonRow> InOrder { get; } =
    [
        new("MALFORMED_REQUEST", GrpcStatus.InvalidArgument, Advice.FixRequest),
        new("AMOUNT_OUT_OF_RANGE", GrpcStatus.InvalidArgument, Advice.FixRequest),
        new("DATE_OUT_OF_RANGE", GrpcStatus.InvalidArgument, Advice.FixRequest),
        new("NOT_PERMITTED", GrpcStatus.PermissionDenied, Advice.AskAgency),
        new("REQUEST_ID_REUSED", GrpcStatus.AlreadyExists, Advice.FixRequest),
        new("REQUEST_ID_BARRED", GrpcStatus.AlreadyExists, Advice.FixRequest),
        new("ENROLLEE_UNKNOWN", GrpcStatus.NotFound, Advice.AskAgency),
        new("NOT_COVERED", GrpcStatus.FailedPrecondition, Advice.AskAgency),
        new("ENCOUNTER_ALREADY_SETTLED", GrpcStatus.AlreadyExists, Advice.FixRequest),
        new("PLAN_PARAMETER_MISSING", GrpcStatus.FailedPrecondition, Advice.AskAgency),
        new("BASIC_CAP_EXCEEDED", GrpcStatus.FailedPrecondition, Advice.AskAgency),
        new("OVER_CAP_ELIGIBLE_REQUIRED", GrpcStatus.FailedPrecondition, Advice.FixRequest),
        new("ACCOUNT_MOVED", GrpcStatus.Aborted, Advice.FixRequest),
        new("SETTLEMENT_UNKNOWN", GrpcStatus.NotFound, Advice.FixRequest),
        new("ALREADY_REVERSED", GrpcStatus.AlreadyExists, Advice.FixRequest),
        new("NOT_REVERSIBLE", GrpcStatus.FailedPrecondition, Advice.FixRequest),
        new("LATER_SETTLEMENTS_EXIST", GrpcStatus.FailedPrecondition, Advice.AskAgency),
        new("TOO_MANY_ADJUSTMENTS", GrpcStatus.FailedPrecondition, Advice.AskAgency),
        new("PLAN_UNKNOWN", GrpcStatus.NotFound, Advice.FixRequest),
        new("PLAN_INVALID", GrpcStatus.FailedPrecondition, Advice.FixRequest),
        new("FACILITY_UNKNOWN", GrpcStatus.NotFound, Advice.AskAgency),
        new("POSITION_UNKNOWN", GrpcStatus.NotFound, Advice.FixRequest),
        new("PAGE_INVALID", GrpcStatus.InvalidArgument, Advice.FixRequest),
        // A health probe for a service that is not served; no business method gives it.
        new("SERVICE_UNKNOWN", GrpcStatus.NotFound, Advice.FixRequest),
        new("UNAUTHENTICATED", GrpcStatus.Unauthenticated, Advice.AskAgency),
        new("OVERLOADED", GrpcStatus.ResourceExhausted, Advice.RetrySameRequest),
        new("UNAVAILABLE", GrpcStatus.Unavailable, Advice.RetrySameRequest),
    ];

    private static readonly FrozenDictionary<string, ReasonRow> s_byReason =
        InOrder.ToFrozenDictionary(row => row.Reason);

    /// <summary>The row of a reason.</summary>
    /// <exception cref="ArgumentException">The reason is not in the table: our fault, not the caller's.</exception>
    public static ReasonRow Row(string reason) => s_byReason.TryGetValue(reason, out var row)
        ? row
        : throw new ArgumentException($"'{reason}' is no refusal reason of the table.", nameof(reason));
}
