using SettlementGrid.Plans;

namespace SettlementGrid.Enrollees.Simulating;

/// <summary>
/// Tries a plan over a year of a region: reads the ledger twice up to one mark, taken at the start, so that settlements
/// made meanwhile play no part. It writes nothing and asks no enrollee's turn; each wait is for one page.
/// </summary>
/// <param name="keptMax">Persons, reversals and adjustments that it keeps in memory; beyond them it refuses.</param>
public sealed class YearSimulation(
    ILedger ledger, CatalogSource catalogs, int keptMax = Limits.SimulationKeptMax)
{
    /// <param name="plan">Read without errors; a template is refused as publishing refuses it.</param>
    /// <param name="year">Checked by <see cref="RequestChecks.CheckYear"/>.</param>
    /// <param name="regionId">Checked by <see cref="RequestChecks.CheckRegion"/>.</param>
    /// <param name="report">Told after every page, and awaited.</param>
    /// <returns>The outcome, or PLAN_INVALID, or MALFORMED_REQUEST naming a region too large to try at once.</returns>
    public async ValueTask<(SimulationOutcome? Outcome, Refusal? Refusal)> Run(
        Plan plan, int year, string regionId, Func<SimulationProgress, ValueTask> report,
        CancellationToken cancellation)
    {
        if (Publishing.Check(plan) is { } template)
            return (null, template);
        var mark = (await ledger.ReadHead(cancellation)).Position;
        // After the mark: it then knows every version that a settlement up to the mark names.
        var catalog = await catalogs.Refresh(cancellation);
        var entriesAll = 2 * mark;

        var scope = new SimulationScope(year, regionId);
        for (long read = 0; read < mark;)
        {
            await report(new SimulationProgress(0, 0, read, entriesAll));
            foreach (var recorded in await Page(read, mark, cancellation))
                scope.Take(recorded);
            if (scope.Kept > keptMax)
                return (null, Refusals.RegionTooLarge(regionId, keptMax));
            read = Math.Min(mark, read + Limits.ListPageMax);
        }

        var simulation = new Simulation(scope, plan, catalog);
        for (long read = 0; read < mark;)
        {
            await report(new SimulationProgress(
                simulation.Settlements, scope.Settlements, mark + read, entriesAll));
            foreach (var recorded in await Page(read, mark, cancellation))
                simulation.Take(recorded);
            read = Math.Min(mark, read + Limits.ListPageMax);
        }
        await report(new SimulationProgress(simulation.Settlements, scope.Settlements, entriesAll, entriesAll));
        return (simulation.Outcome(mark), null);
    }

    // The sequence is gapless, so a page that is not the last is full and ends where the next begins.
    ValueTask<IReadOnlyList<Recorded>> Page(long after, long mark, CancellationToken cancellation) =>
        ledger.ReadTail(after, (int)Math.Min(Limits.ListPageMax, mark - after), cancellation);
}
