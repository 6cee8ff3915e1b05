using SettlementGrid.Api.V1;
using SettlementGrid.LoadTest.Auditing;

namespace SettlementGrid.Crash.Tests;

/// <summary>The load test's look at the funds sees what differs.</summary>
public sealed class Fund_figure_tests
{
    const string Plan = "a-plan";
    const long Start = 40;

    [Fact]
    public void Funds_that_moved_by_the_listed_facts_do_not_differ() =>
        Assert.Empty(After(paid: 70, cases: 0, reversals: 1).DifferencesFrom(Before, Facts));

    [Fact]
    public void A_fen_too_much_a_case_too_many_and_a_reversal_too_few_each_differ()
    {
        Assert.Single(After(paid: 71, cases: 0, reversals: 1).DifferencesFrom(Before, Facts));
        Assert.Single(After(paid: 70, cases: 1, reversals: 1).DifferencesFrom(Before, Facts));
        Assert.Single(After(paid: 70, cases: 0, reversals: 0).DifferencesFrom(Before, Facts));
    }

    [Fact]
    public void A_breakdown_that_does_not_add_up_differs()
    {
        var position = Position(paid: 70, cases: 0, reversals: 1);
        position.ByMonth[0].PaidFen--;

        Assert.Contains("by month", Assert.Single(new FundFigures([position]).DifferencesFrom(Before, Facts)));
    }

    [Fact]
    public void Facts_of_a_region_without_a_fund_differ()
    {
        var facts = Facts;
        facts.Add(Settled("150000", 5, SettlementKind.Settlement));

        Assert.NotEmpty(After(paid: 70, cases: 0, reversals: 1).DifferencesFrom(Before, facts));
    }

    static FundFigures Before => new([Position(Start, cases: 0, reversals: 0)]);

    /// <summary>A settlement, its reversal, and what was rated again: 30 fen in all.</summary>
    static FactSums Facts
    {
        get
        {
            var facts = new FactSums();
            facts.Add(Settled("110000", 100, SettlementKind.Settlement));
            facts.Add(Settled("110000", -100, SettlementKind.Reversal));
            facts.Add(Settled("110000", 30, SettlementKind.Adjustment));
            return facts;
        }
    }

    static FundFigures After(long paid, long cases, long reversals) => new([Position(paid, cases, reversals)]);

    static Settlement Settled(string region, long paid, SettlementKind kind) => new()
    {
        RegionId = region,
        Kind = kind,
        Layers = { new Layer { PlanId = Plan, PaidFen = paid } },
    };

    static Position Position(long paid, long cases, long reversals) => new()
    {
        RegionId = "110000",
        PlanId = Plan,
        PaidFen = paid,
        Cases = cases,
        Reversals = reversals,
        Adjustments = paid == Start ? 0 : 1,
        AdjustedFen = paid == Start ? 0 : 30,
        ByMonth = { new MonthSum { PaidFen = paid } },
        ByCarePlace = { new CarePlaceSum { PaidFen = paid } },
        ByLayer = { new LayerSum { PaidFen = paid } },
    };
}
