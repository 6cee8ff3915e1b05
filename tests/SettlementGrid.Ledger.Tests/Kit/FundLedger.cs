using SettlementGrid.Enrollees;
using SettlementGrid.Plans;
using SettlementGrid.Regions;
using SettlementGrid.Regions.Following;
using SettlementGrid.Regions.Tests.Kit;
using SettlementGrid.Testing;

namespace SettlementGrid.Ledger.Tests.Kit;

/// <summary>
/// The random workload of the fold's own tests, written into a ledger, and what may be asked of its funds.
/// </summary>
static class FundLedger
{
    /// <summary>Of plan, counties with their city, other cities, everywhere: what the workload fills.</summary>
    public static readonly string[] Regions = ["150502", "150521", "150500", "150602", "150600", "150000", "410926"];

    public static readonly string[] Plans =
        [GivenPlans.Tongliao, GivenPlans.Supplement, GivenPlans.Puyang, Workload.OwnPool];

    public static readonly int[] Years = [2024, 2025, 2026, 2027];

    /// <summary>Some hundred settlements with reversals, re-rated adjustments, moves and premiums.</summary>
    public static Task<IReadOnlyList<Recorded>> Facts(int seed = 7, int steps = 700) => Workload.Entries(seed, steps);

    /// <summary>In commits of a few entries, as turns make them.</summary>
    public static async Task Write(ILedger ledger, IEnumerable<Recorded> facts, TimeProvider clock, int aCommit = 7)
    {
        foreach (var chunk in facts.Chunk(aCommit))
        {
            var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
            var append = new Append([.. chunk.Select(f => f.Entry)], null, now);
            Assert.IsType<AppendOutcome.Committed>(await ledger.Append(append, default));
        }
    }

    public static async Task<FundPositions> Given(this SettlementGrid.Regions.Following.Funds funds, FundQuery query,
        long? asOf = null) =>
        Assert.IsType<FundReading.Given>(await funds.Read(query, asOf, default)).Positions;

    /// <summary>Every fund there is at the mark equals the facts up to it, added up one by one.</summary>
    public static async Task RequireExact(
        this SettlementGrid.Regions.Following.Funds funds, IReadOnlyList<Recorded> facts, int mark, bool isNow = false)
    {
        var upTo = facts.Take(mark).ToList();
        foreach (var year in Years)
            foreach (var region in Regions)
                foreach (var plan in Plans)
                {
                    var given = await funds.Given(new FundQuery(region, plan, year, false), isNow ? null : mark);
                    Assert.Equal(mark, given.Mark);
                    Same.Figures(NaiveFunds.Position(upTo, region, plan, year), Assert.Single(given.Positions));
                }
    }
}
