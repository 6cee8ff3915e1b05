using SettlementGrid.Api.V1;
using SettlementGrid.Testbed;

namespace SettlementGrid.Servers.Tests;

/// <summary>The methods called here that the testbed has not.</summary>
static class Methods
{
    public static readonly GrpcMethod<ListPlansResponse> ListPlans =
        new("/settlementgrid.v1.PlanService/ListPlans", ListPlansResponse.Parser);

    public static readonly GrpcMethod<PutFacilitiesResponse> PutFacilities =
        new("/settlementgrid.v1.FacilityService/PutFacilities", PutFacilitiesResponse.Parser);

    public static readonly GrpcMethod<Facility> GetFacility =
        new("/settlementgrid.v1.FacilityService/GetFacility", Facility.Parser);

    public static readonly GrpcMethod<ListServersResponse> ListServers =
        new("/settlementgrid.v1.OperationsService/ListServers", ListServersResponse.Parser);

    public static async Task<Account> AccountAsync(this GrpcConnection connection, string enrolleeId) =>
        (await connection.CallAsync(
            GrpcMethods.GetAccount, new GetAccountRequest { EnrolleeId = enrolleeId, Year = Town.Year })).Required;

    public static async Task<Settlement> SettleAsync(this GrpcConnection connection, SettleRequest bill) =>
        (await connection.CallAsync(GrpcMethods.Settle, bill)).Required;
}
