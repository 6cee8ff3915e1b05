using SettlementGrid.Enrollees.Simulating;
using SettlementGrid.Plans;
using SettlementGrid.Testing;

namespace SettlementGrid.Enrollees.Tests.Simulating;

/// <summary>Simulations of the year and county that the given requests have.</summary>
static class Tried
{
    public const int Year = 2025;
    public const string City = "150500";

    public static async Task<SimulationOutcome> Try(
        this Person person, Plan plan, string region = City, int year = Year)
    {
        var (outcome, refusal) = await Over(person.Ledger, plan, region, year);
        Assert.Null(refusal);
        return outcome!;
    }

    public static async Task<(SimulationOutcome? Outcome, Refusal? Refusal)> Over(
        ILedger ledger, Plan plan, string region = City, int year = Year, int keptMax = Limits.SimulationKeptMax,
        Action<SimulationProgress>? report = null)
    {
        var catalogs = new CatalogSource(ledger, GivenPlans.Read);
        return await new YearSimulation(ledger, catalogs, keptMax).Run(
            plan, year, region,
            progress =>
            {
                report?.Invoke(progress);
                return ValueTask.CompletedTask;
            },
            CancellationToken.None);
    }
}
