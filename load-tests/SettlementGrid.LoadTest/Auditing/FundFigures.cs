using SettlementGrid.Api.V1;
using SettlementGrid.Testbed;

namespace SettlementGrid.LoadTest.Auditing;

/// <summary>
/// What the funds of every region and plan hold, all at one mark, as FundService says it. Two of them differ by exactly
/// what was settled between: whatever else happens on the server meanwhile would show as a difference.
/// </summary>
public sealed class FundFigures
{
    /// <summary>Regions are six digits, the first two a province's: this lists a province and all under it.</summary>
    const string Province = "150000";

    readonly Dictionary<(string Region, string Plan), Position> _positions;

    /// <param name="positions">Each region and plan once.</param>
    public FundFigures(IEnumerable<Position> positions) =>
        _positions = positions.ToDictionary(one => (one.RegionId, one.PlanId));

    /// <summary>The mark of all figures.</summary>
    public long LedgerPosition { get; private init; }

    public static async Task<FundFigures> ReadAsync(GrpcConnection connection, CancellationToken cancellation)
    {
        var (positions, mark) = (new List<Position>(), 0L);
        var request = new ListPositionsRequest { RegionId = Province, Year = Town.Year };
        do
        {
            var page = (await connection.CallAsync(GrpcMethods.ListPositions, request, cancellation)).Required;
            positions.AddRange(page.Positions);
            mark = page.LedgerPosition;
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        return new FundFigures(positions) { LedgerPosition = mark };
    }

    /// <summary>
    /// Where these figures are not those of <paramref name="before"/> with the listed facts added, in words. Sums by
    /// month, place and layer must each add up to what was paid.
    /// </summary>
    public IEnumerable<string> DifferencesFrom(FundFigures before, FactSums facts)
    {
        foreach (var (key, now) in _positions)
        {
            var then = before._positions.GetValueOrDefault(key) ?? new Position();
            var expected = facts.Of(key.Region, key.Plan);
            var found = new FactSum
            {
                Paid = now.PaidFen - then.PaidFen,
                Cases = now.Cases - then.Cases,
                Reversals = now.Reversals - then.Reversals,
                Adjustments = now.Adjustments - then.Adjustments,
                Adjusted = now.AdjustedFen - then.AdjustedFen,
            };
            if (found != expected)
                yield return $"the fund of {key.Region}, {key.Plan}, moved by {found}, the facts by {expected}";
            foreach (var (breakdown, paid) in Breakdowns(now))
            {
                if (paid != now.PaidFen - (breakdown == "layer" ? now.AccidentBasicFen : 0))
                    yield return $"the fund of {key.Region}, {key.Plan}, by {breakdown} is {paid}, not {now.PaidFen}";
            }
        }
        foreach (var key in facts.Keys.Where(key => !_positions.ContainsKey(key)))
            yield return $"facts were booked on {key.Region}, {key.Plan}, which has no fund";
    }

    static IEnumerable<(string, long)> Breakdowns(Position position) =>
    [
        ("month", position.ByMonth.Sum(one => one.PaidFen)),
        ("care place", position.ByCarePlace.Sum(one => one.PaidFen)),
        ("layer", position.ByLayer.Sum(one => one.PaidFen)),
    ];
}

/// <summary>What facts add to one plan's fund of a region; amounts in fen, reversals net.</summary>
public readonly record struct FactSum(long Paid, long Cases, long Reversals, long Adjustments, long Adjusted)
{
    public static FactSum operator +(FactSum one, FactSum other) => new(
        checked(one.Paid + other.Paid), one.Cases + other.Cases, one.Reversals + other.Reversals,
        one.Adjustments + other.Adjustments, checked(one.Adjusted + other.Adjusted));
}

/// <summary>The sums of facts by region and plan, each region with what lies under it.</summary>
public sealed class FactSums
{
    readonly Dictionary<(string Region, string Plan), FactSum> _sums = [];

    public IEnumerable<(string Region, string Plan)> Keys => _sums.Keys;

    public int Regions => _sums.Keys.Select(key => key.Region).Distinct().Count();

    public FactSum Of(string region, string plan) => _sums.GetValueOrDefault((region, plan));

    /// <summary>A settlement is a case of each plan that has a layer in it; a reversal takes it away again.</summary>
    public void Add(Settlement fact)
    {
        foreach (var plan in fact.Layers.Where(layer => !layer.Basic).GroupBy(layer => layer.PlanId))
        {
            var paid = plan.Sum(layer => layer.PaidFen);
            var sum = fact.Kind switch
            {
                SettlementKind.Reversal => new FactSum(paid, -1, 1, 0, 0),
                SettlementKind.Adjustment => new FactSum(paid, 0, 0, 1, paid),
                _ => new FactSum(paid, 1, 0, 0, 0),
            };
            foreach (var region in WithThoseAbove(fact.RegionId))
                _sums[(region, plan.Key)] = Of(region, plan.Key) + sum;
        }
    }

    static IEnumerable<string> WithThoseAbove(string county) =>
        new[] { county, county[..4] + "00", county[..2] + "0000" }.Distinct();
}
