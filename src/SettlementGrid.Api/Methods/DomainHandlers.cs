using SettlementGrid.Enrollees;
using SettlementGrid.Enrollees.Simulating;
using SettlementGrid.Regions.Following;

namespace SettlementGrid.Api.Methods;

/// <summary>
/// The business methods over the domain's ports: what a program that settles puts into its method table.
/// </summary>
public static class DomainHandlers
{
    /// <param name="audit">Null: the program keeps no audit.</param>
    /// <param name="servers">Null: the program keeps no leases of servers.</param>
    public static Handlers Of(
        IGrid grid, ILedger ledger, CatalogSource catalogs, Funds funds, TimeProvider clock, AuditReading? audit = null,
        ServerReading? servers = null)
    {
        var settlements = new SettlementMethods(grid, ledger, catalogs, clock);
        var enrollees = new EnrolleeMethods(grid, ledger, catalogs, new RosterLoad(ledger, grid, clock));
        var catalog = new CatalogMethods(catalogs, new CatalogWriting(ledger, catalogs, clock));
        var fund = new FundMethods(funds, new FundWriting(ledger, catalogs, clock), catalogs);
        var simulations = new SimulationMethods(new YearSimulation(ledger, catalogs), clock);
        return new Handlers
        {
            Preview = settlements.Preview,
            Settle = settlements.Settle,
            SettleMany = settlements.SettleMany,
            Reverse = settlements.Reverse,
            Cancel = settlements.Cancel,
            GetSettlement = settlements.GetSettlement,
            ListSettlements = settlements.ListSettlements,
            PutEnrollees = enrollees.PutEnrollees,
            PutOpeningBalances = enrollees.PutOpeningBalances,
            GetAccount = enrollees.GetAccount,
            PutFacilities = catalog.PutFacilities,
            GetFacility = catalog.GetFacility,
            ListPlans = catalog.ListPlans,
            GetPlan = catalog.GetPlan,
            ValidatePlan = catalog.ValidatePlan,
            GetPosition = fund.GetPosition,
            ListPositions = fund.ListPositions,
            WatchPositions = fund.WatchPositions,
            RecordPremium = fund.RecordPremium,
            PublishPlan = catalog.PublishPlan,
            Simulate = simulations.Simulate,
            ListAudit = audit is null ? null : new AuditMethods(audit).ListAudit,
            ListServers = servers is null ? null : new OperationsMethods(servers).ListServers,
        };
    }
}
