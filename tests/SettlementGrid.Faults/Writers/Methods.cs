using SettlementGrid.Api.V1;
using SettlementGrid.Testbed;

namespace SettlementGrid.Faults.Writers;

/// <summary>The methods called here that the testbed has not.</summary>
static class Methods
{
    public static readonly GrpcMethod<Cancellation> Cancel =
        new("/settlementgrid.v1.SettlementService/Cancel", Cancellation.Parser);

    public static readonly GrpcMethod<PublishPlanResponse> PublishPlan =
        new("/settlementgrid.v1.PlanService/PublishPlan", PublishPlanResponse.Parser);

    public static readonly GrpcMethod<FundRecord> RecordPremium =
        new("/settlementgrid.v1.FundService/RecordPremium", FundRecord.Parser);
}
