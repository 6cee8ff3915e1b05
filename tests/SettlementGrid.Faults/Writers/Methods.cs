using SettlementGrid.Api.V1;
using SettlementGrid.Testbed;

namespace SettlementGrid.Faults.Writers;

/// <summary>The methods called here that the testbed has not.</summary>
static class Methods
{
    public static readonly GrpcMethod<FundRecord> RecordPremium =
        new("/settlementgrid.v1.FundService/RecordPremium", FundRecord.Parser);
}
