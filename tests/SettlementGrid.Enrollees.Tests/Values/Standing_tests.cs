using SettlementGrid.Plans;
using SettlementGrid.Testing;

namespace SettlementGrid.Enrollees.Tests.Values;

/// <summary>Where a person stands: what the next settlement would find, layer by layer.</summary>
public sealed class Standing_tests
{
    static string[] Of(Account account, DateOnly? day = null) =>
    [
        .. Standing.Of(account, GivenPlans.Shipped, day ?? Given.Day).Select(l =>
            $"{l.PlanId} {l.LayerId} {l.Period}: {l.PositionBefore}, {l.DeductibleRemaining} left, cap "
                + $"{l.CapRemaining}"),
    ];

    static Account With(decimal position, decimal paid, params string[] plans) => Given.Enrolled("anna", plans) with
    {
        Accumulators = AccumulatorSet.Empty.Plus(
            [new(new(GivenPlans.Tongliao, "critical", new Period(2025)),
                new Accumulator(Money.Yuan(position), Money.Yuan(paid), default, 1))]),
    };

    [Fact]
    public void Every_layer_is_shown_once_with_what_is_left()
    {
        Assert.Equal(
            ["tongliao-resident-critical-2025 critical 2025: 0.00, 14,000.00 left, cap 380,000.00",
             "tongliao-resident-critical-2025 accident 2025: 0.00, 0.00 left, cap "],
            Of(Given.Enrolled("anna")));
        Assert.Equal("tongliao-resident-critical-2025 critical 2025: 20,000.00, 0.00 left, cap 376,400.00",
            Of(With(20_000, 3_600))[0]);
    }

    [Fact]
    public void The_place_is_the_pooling_region_and_the_identity_counts()
    {
        var account = Given.Enrolled("anna");
        account = account with
        {
            Roster = account.Roster! with
            {
                Identities = [new(IdentityKind.Student, default), new(IdentityKind.Orphan, default)],
            },
        };
        Assert.Equal(
            ["tongliao-resident-critical-2025 critical 2025: 0.00, 7,000.00 left, cap ",
             "tongliao-resident-critical-2025 accident 2025: 0.00, 0.00 left, cap 2,000.00"],
            Of(account));
        Assert.All(Standing.Of(account, GivenPlans.Shipped, Given.Day),
            l => Assert.Equal(CarePlace.InRegion, l.CarePlace));
    }

    [Fact]
    public void Only_covers_and_plans_that_hold_on_the_day_are_shown()
    {
        Assert.Empty(Of(Account.Unknown("anna")));
        Assert.Empty(Of(Given.Enrolled("anna"), new DateOnly(2024, 12, 31)));
        Assert.Empty(Of(Given.Enrolled("anna", "nobody-published-it")));
        var both = With(0, 0, "nobody-published-it", GivenPlans.Puyang, GivenPlans.Tongliao);
        Assert.Equal([GivenPlans.Tongliao, GivenPlans.Tongliao],
            Standing.Of(both, GivenPlans.Shipped, Given.Day).Select(l => l.PlanId));
        var ended = both with
        {
            Roster = both.Roster! with
            {
                Coverages =
                    [new(GivenPlans.Tongliao, new(null, Given.Day.AddDays(-1))), new(GivenPlans.Puyang, default)],
            },
        };
        Assert.Empty(Of(ended));
        Assert.Equal([GivenPlans.Puyang],
            Standing.Of(ended, GivenPlans.Shipped, new DateOnly(2026, 5, 1)).Select(l => l.PlanId));
    }
}
