using SettlementGrid.Api.V1;

namespace SettlementGrid.Api.Tests;

/// <summary>Handlers that answer from their request alone; a test replaces the ones it is about.</summary>
internal sealed class FakeHandlers
{
    public Unary<SettleRequest, Settlement> Settle { get; set; } = (request, _) => new(Echo(request));

    public Unary<SettleManyRequest, SettleManyResponse> SettleMany { get; set; } = (request, _) =>
        new(new SettleManyResponse
        {
            Results = { request.Requests.Select(one => new SettleResult { Settlement = Echo(one) }) },
        });

    public ServerStream<SimulateRequest, SimulateResponse> Simulate { get; set; } = Count;

    public static WireRefusal Reused { get; } = new(
        "REQUEST_ID_REUSED", "请求号已用于其他内容。", "The request id was used with other content.",
        new Dictionary<string, string> { ["settlement_id"] = "ABC", ["total_fen"] = "100" });

    public static Settlement Echo(SettleRequest request) => new()
    {
        RequestId = request.RequestId,
        EnrolleeId = request.EnrolleeId,
        TotalFen = request.TotalFen,
        Channel = request.Channel,
        Kind = SettlementKind.Settlement,
    };

    public Handlers ToHandlers() => new()
    {
        Preview = (request, call) => Settle(request, call),
        Settle = (request, call) => Settle(request, call),
        Reverse = (request, _) => new(new Settlement { ReversesSettlementId = request.SettlementId }),
        Cancel = (_, _) => new(new Cancellation { Outcome = CancelOutcome.Barred }),
        GetSettlement = (request, _) => new(new Settlement { SettlementId = request.SettlementId }),
        ListSettlements = (_, _) => new(new ListSettlementsResponse { Final = true }),
        SettleMany = (request, call) => SettleMany(request, call),
        PutEnrollees = (request, _) => new(new PutEnrolleesResponse { Enrolled = request.Enrollees.Count }),
        PutOpeningBalances = (request, _) =>
            new(new PutOpeningBalancesResponse { Recorded = request.OpeningBalances.Count }),
        GetAccount = (request, _) => new(new Account { Year = request.Year }),
        PutFacilities = (request, _) => new(new PutFacilitiesResponse { Added = request.Facilities.Count }),
        GetFacility = (request, _) => new(new Facility { FacilityId = request.FacilityId }),
        ListPlans = (_, _) => new(new ListPlansResponse()),
        GetPlan = (request, _) => new(new Plan { PlanId = request.PlanId }),
        ValidatePlan = (_, _) => new(new ValidatePlanResponse { Valid = true }),
        PublishPlan = (_, _) => new(new PublishPlanResponse { PlanId = "puyang", Version = 1 }),
        ListAudit = (_, _) => new(new ListAuditResponse()),
        ListServers = (_, _) => new(new ListServersResponse()),
        GetPosition = (request, _) => new(new Position { RegionId = request.RegionId }),
        ListPositions = (_, _) => new(new ListPositionsResponse()),
        WatchPositions = async (request, _, write) =>
        {
            await write(new WatchPositionsResponse { LedgerPosition = request.FromLedgerPosition });
            return null;
        },
        RecordPremium = (request, _) => new(new FundRecord { RequestId = request.RequestId }),
        Simulate = (request, call, write) => Simulate(request, call, write),
    };

    private static async ValueTask<WireRefusal?> Count(
        SimulateRequest request, Call call, Func<SimulateResponse, ValueTask> write)
    {
        for (var done = 1; done <= request.Year; done++)
        {
            await write(new SimulateResponse { Progress = new SimulateProgress { SettlementsDone = done } });
        }

        return null;
    }
}
