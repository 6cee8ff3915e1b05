using System.Diagnostics.Metrics;
using SettlementGrid.Enrollees;
using SettlementGrid.Plans;
using SettlementGrid.Regions;
using SettlementGrid.Regions.Following;

namespace SettlementGrid.Server.Composition;

/// <summary>
/// Looks at the funds of this year and the last every few seconds: logs an alert once when it is crossed, and measures
/// the usage of every fund that has a premium. Changes nothing.
/// </summary>
/// <remarks>
/// An alert that goes away (a reversal, a supplement) and comes back is logged again; a projection, which may waver
/// around its line for days, is not.
/// </remarks>
public sealed class FundAlertLook : IDisposable
{
    private readonly Funds _funds;
    private readonly CatalogSource _catalogs;
    private readonly TimeProvider _clock;
    private readonly ILogger<FundAlertLook> _log;
    private readonly Meter _meter = new("SettlementGrid.Server.Funds");
    private HashSet<Raised>? _raised;
    private volatile IReadOnlyList<Measurement<double>> _usage = [];

    public FundAlertLook(Funds funds, CatalogSource catalogs, TimeProvider clock, ILogger<FundAlertLook> log)
    {
        (_funds, _catalogs, _clock, _log) = (funds, catalogs, clock, log);
        _meter.CreateObservableGauge(
            "settlementgrid.fund.usage.ratio", () => _usage, unit: null, "Paid of premium, by region, plan and year");
    }

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var pace = new PeriodicTimer(ServerLimits.FundLookInterval, _clock);
        var mark = -1L;
        try
        {
            do
            {
                var now = _funds.Mark;
                if (now != mark && await LookAsync(cancellation))
                {
                    mark = now;
                }
            }
            while (await pace.WaitForNextTickAsync(cancellation));
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    public void Dispose() => _meter.Dispose();

    /// <summary>One look; false where the funds cannot be read now, and nothing is said.</summary>
    public async Task<bool> LookAsync(CancellationToken cancellation)
    {
        var funds = new List<FundPosition>();
        var today = BeijingTime.DayOf(_clock.GetUtcNow());
        foreach (var region in PoolingRegions())
        {
            foreach (var year in (int[])[today.Year - 1, today.Year])
            {
                var query = new FundQuery(region, "", year, Below: true);
                if (await _funds.Read(query, asOf: null, cancellation) is not FundReading.Given given)
                {
                    return false;
                }

                funds.AddRange(given.Positions.Positions.Where(fund => fund.Premium.IsPositive));
            }
        }

        Measure(funds);
        Tell(funds);
        return true;
    }

    private List<string> PoolingRegions()
    {
        var all = _catalogs.Current.Versions.Select(version => version.Plan.Region).Distinct().ToList();
        return [.. all.Where(one => !all.Exists(other => other != one && Region.IsWithin(one, other)))];
    }

    // Cities before counties: where the bound on series bites, the pools are those that stay.
    private void Measure(List<FundPosition> funds) => _usage =
    [
        .. funds
            .OrderBy(fund => !fund.RegionId.EndsWith("00", StringComparison.Ordinal))
            .ThenBy(fund => fund.RegionId, StringComparer.Ordinal)
            .Take(ServerLimits.FundSeriesMax)
            .Select(fund => new Measurement<double>(
                (double)fund.Paid.Fen / fund.Premium.Fen,
                new("region", fund.RegionId), new("plan", fund.PlanId), new("year", fund.Year))),
    ];

    private void Tell(List<FundPosition> funds)
    {
        var standing = funds
            .SelectMany(fund => FundOutlook.Of(fund).Alerts
                .Select(alert => (Key: new Raised(fund.RegionId, fund.PlanId, fund.Year, alert.Kind), alert.MessageEn)))
            .ToList();
        if (_raised is null)
        {
            _raised = [.. standing.Select(one => one.Key)];
            if (_raised.Count > 0)
            {
                _log.LogInformation(
                    "{Alerts} alerts of funds stand from before this start; `grid funds` shows them", _raised.Count);
            }

            return;
        }

        var crossed = standing.Where(one => !_raised.Contains(one.Key)).ToList();
        foreach (var (key, message) in crossed.Take(ServerLimits.FundAlertLinesMax))
        {
            _log.LogWarning(
                "fund {Region} {Plan} {Year} {Alert}: {Message}",
                key.RegionId, key.PlanId, key.Year, key.Kind, message);
        }

        if (crossed.Count > ServerLimits.FundAlertLinesMax)
        {
            _log.LogWarning(
                "and {Alerts} further alerts of funds; `grid funds` shows them",
                crossed.Count - ServerLimits.FundAlertLinesMax);
        }

        _raised.RemoveWhere(key => key.Kind != FundAlertKind.ProjectedAbovePremium);
        _raised.UnionWith(standing.Select(one => one.Key));
    }

    private readonly record struct Raised(string RegionId, string PlanId, int Year, FundAlertKind Kind);
}
