using SettlementGrid.Api.V1;

namespace SettlementGrid.Api;

/// <summary>
/// Answers one request with a response or a refusal. An exception means a fault: the caller sees INTERNAL and an id,
/// the log the rest.
/// </summary>
public delegate ValueTask<Result<TResponse>> Unary<in TRequest, TResponse>(TRequest request, Call call)
    where TRequest : class
    where TResponse : class;

/// <summary>
/// Answers one request with any number of responses, each given to <paramref name="write"/> and awaited (which is the
/// back-pressure: it returns once the connection has taken the response), then ends well (null) or with a refusal.
/// <paramref name="write"/> throws <see cref="OperationCanceledException"/> once the call is cancelled.
/// </summary>
public delegate ValueTask<WireRefusal?> ServerStream<in TRequest, out TResponse>(
    TRequest request, Call call, Func<TResponse, ValueTask> write)
    where TRequest : class
    where TResponse : class;

/// <summary>
/// What the methods of the table do: given by whoever composes the program, over the domain's ports. Health and
/// reflection are the wire's own and not among them.
/// </summary>
public sealed record Handlers
{
#pragma warning disable CS1591 // Each is the method of that name in the .proto files.
    public required Unary<SettleRequest, Settlement> Preview { get; init; }

    public required Unary<SettleRequest, Settlement> Settle { get; init; }

    public required Unary<ReverseRequest, Settlement> Reverse { get; init; }

    public required Unary<CancelRequest, Cancellation> Cancel { get; init; }

    public required Unary<GetSettlementRequest, Settlement> GetSettlement { get; init; }

    public required Unary<ListSettlementsRequest, ListSettlementsResponse> ListSettlements { get; init; }

    public required Unary<SettleManyRequest, SettleManyResponse> SettleMany { get; init; }

    public required Unary<PutEnrolleesRequest, PutEnrolleesResponse> PutEnrollees { get; init; }

    public required Unary<PutOpeningBalancesRequest, PutOpeningBalancesResponse> PutOpeningBalances { get; init; }

    public required Unary<GetAccountRequest, Account> GetAccount { get; init; }

    public required Unary<PutFacilitiesRequest, PutFacilitiesResponse> PutFacilities { get; init; }

    public required Unary<GetFacilityRequest, Facility> GetFacility { get; init; }

    public required Unary<ListPlansRequest, ListPlansResponse> ListPlans { get; init; }

    public required Unary<GetPlanRequest, Plan> GetPlan { get; init; }

    public required Unary<ValidatePlanRequest, ValidatePlanResponse> ValidatePlan { get; init; }

    public required Unary<GetPositionRequest, Position> GetPosition { get; init; }

    public required Unary<ListPositionsRequest, ListPositionsResponse> ListPositions { get; init; }

    public required ServerStream<WatchPositionsRequest, WatchPositionsResponse> WatchPositions { get; init; }

    public required Unary<RecordPremiumRequest, FundRecord> RecordPremium { get; init; }

    public required ServerStream<SimulateRequest, SimulateResponse> Simulate { get; init; }
#pragma warning restore CS1591

    /// <summary>Where a program does not publish, the method is not in its table and answers UNIMPLEMENTED.</summary>
    public Unary<PublishPlanRequest, PublishPlanResponse>? PublishPlan { get; init; }

    /// <summary>Where a program keeps no audit, the method is not in its table and answers UNIMPLEMENTED.</summary>
    public Unary<ListAuditRequest, ListAuditResponse>? ListAudit { get; init; }

    /// <summary>Where a program keeps no leases, the method is not in its table and answers UNIMPLEMENTED.</summary>
    public Unary<ListServersRequest, ListServersResponse>? ListServers { get; init; }
}
