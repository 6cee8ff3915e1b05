using Microsoft.Extensions.Logging;
using SettlementGrid.Plans;
using SettlementGrid.Regions;
using SettlementGrid.Regions.Following;
using SettlementGrid.Silo.Turns;

namespace SettlementGrid.Silo.Funds;

/// <summary>
/// Wakes the grains of all regions that have funds this year or had in the last; from then on their reminders do. A
/// silo looks at its start and every hour, for regions that are new.
/// </summary>
public sealed class FundKeeping(
    IGrainFactory grains, Func<Regions.Following.Funds> funds, TurnGround ground, ILogger<FundKeeping> log)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var pace = new PeriodicTimer(SiloLimits.FundRegionsLookEvery, ground.Clock);
        do
        {
            try
            {
                await Wake(stoppingToken);
            }
            catch (Exception failed) when (failed is OrleansException or TimeoutException or Npgsql.NpgsqlException)
            {
                log.LogWarning("Grains of regions could not be woken: {Reason}", failed.Message);
            }
        }
        while (await pace.WaitForNextTickAsync(stoppingToken));
    }

    async Task Wake(CancellationToken cancellation)
    {
        await funds().CaughtUp.WaitAsync(cancellation);
        var year = BeijingTime.DayOf(ground.Clock.GetUtcNow()).Year;
        var woken = 0;
        foreach (var pool in ground.Catalogs.Current.Versions.Select(v => v.Plan.Region).Distinct().ToList())
            foreach (var of in (int[])[year - 1, year])
            {
                var query = new FundQuery(pool, "", of, Below: true);
                if (await funds().Read(query, asOf: null, cancellation) is not FundReading.Given given)
                    continue;
                foreach (var region in given.Positions.Positions.Select(p => p.RegionId).Distinct())
                    if (++woken <= SiloLimits.FundGrainsMax)
                        await grains.GetGrain<IRegionFundGrain>(RegionFundGrain.KeyOf(region, of)).KeepUp();
            }
    }
}
