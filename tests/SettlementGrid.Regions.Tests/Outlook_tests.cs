using SettlementGrid.Plans;

namespace SettlementGrid.Regions.Tests;

/// <summary>Alerts turn on the fen, projections on the day.</summary>
public sealed class Outlook_tests
{
    const long Premium = 100_000_00;

    static FundPosition Fund(
        long paid, string beijingDay, long premium = Premium, int year = 2025, long returned = 0) => new(
        "150500", "plan", year, 1,
        new DateTimeOffset(DateOnly.Parse(beijingDay), TimeOnly.MinValue, BeijingTime.Offset).ToUnixTimeMilliseconds(),
        FundRecorded.None with { Premium = new Money(premium), Returned = new Money(returned) }, new Money(paid),
        default, default, 0, 0, 0, 0, 0, [], [], [], []);

    static FundOutlook Of(long paid, string day, long premium = Premium, int year = 2025, long returned = 0) =>
        FundOutlook.Of(Fund(paid, day, premium, year, returned));

    static FundAlertKind[] Alerts(long paid, string day = "2025-12-31", long premium = Premium, long returned = 0) =>
        [.. Of(paid, day, premium, returned: returned).Alerts.Select(a => a.Kind)];

    [Fact]
    public void One_fen_decides_over_every_alert()
    {
        const FundAlertKind u80 = FundAlertKind.Usage80, u90 = FundAlertKind.Usage90, u100 = FundAlertKind.Usage100;
        const FundAlertKind surplus = FundAlertKind.SurplusBelow3, above = FundAlertKind.ProjectedAbovePremium;
        Assert.Empty(Alerts(80_000_00 - 1));
        Assert.Equal([u80], Alerts(80_000_00));
        Assert.Equal([u80], Alerts(90_000_00 - 1));
        Assert.Equal([u80, u90], Alerts(90_000_00));
        Assert.Equal([u80, u90], Alerts(97_000_00));
        Assert.Equal([u80, u90, surplus], Alerts(97_000_00 + 1));
        Assert.Equal([u80, u90, surplus], Alerts(100_000_00 - 1));
        Assert.Equal([u80, u90, u100, surplus], Alerts(100_000_00));
        Assert.Equal([u80, u90, u100, surplus, above], Alerts(100_000_00 + 1));
    }

    [Fact]
    public void What_was_returned_is_no_longer_left() =>
        Assert.Equal([FundAlertKind.SurplusBelow3], Alerts(10, returned: Premium * 97 / 100));

    [Fact]
    public void Without_premium_there_is_neither_usage_nor_alert()
    {
        Assert.Null(Of(1_000, "2025-07-01", premium: 0).UsageBp);
        Assert.Null(Of(1_000, "2025-07-01", premium: -5).UsageBp);
        Assert.Empty(Alerts(1_000, premium: 0));
    }

    [Theory]
    [InlineData("2024-12-31", 2025, 0, 0, 0, 365_00)]
    [InlineData("2025-01-01", 2025, 1, 27, 365_00, 365_00 * 365)]
    [InlineData("2025-01-02", 2025, 2, 55, 182_50, 365_00 + 182_50 * 363)]
    [InlineData("2025-12-30", 2025, 364, 9973, 1_00, 365_00 + 1_00)]
    [InlineData("2025-12-31", 2025, 365, 10_000, 1_00, 365_00)]
    [InlineData("2026-01-01", 2025, 365, 10_000, 1_00, 365_00)]
    [InlineData("2031-05-05", 2025, 365, 10_000, 1_00, 365_00)]
    [InlineData("2024-02-29", 2024, 60, 1639, 6_08, 365_00 + 6_08 * 306)]
    [InlineData("2024-12-31", 2024, 366, 10_000, 1_00, 365_00)]
    public void The_pace_of_the_days_gone_goes_on_to_the_years_end(
        string day, int year, int gone, int goneBp, long daily, long projected)
    {
        var outlook = Of(365_00, day, year: year);
        Assert.Equal(
            (gone, goneBp, daily, projected),
            (outlook.DaysGone, outlook.YearGoneBp, outlook.DailyPaid.Fen, outlook.ProjectedPaid.Fen));
    }

    [Fact]
    public void The_day_is_Beijings()
    {
        var eve = Fund(1, "2025-01-01") with
        {
            At = new DateTimeOffset(2024, 12, 31, 15, 59, 59, 999, TimeSpan.Zero).ToUnixTimeMilliseconds(),
        };
        Assert.Equal(0, FundOutlook.Of(eve).DaysGone);
        Assert.Equal(1, FundOutlook.Of(eve with { At = eve.At + 1 }).DaysGone);
        Assert.Equal(0, FundOutlook.Of(eve with { At = 0 }).DaysGone);
    }

    [Theory]
    [InlineData(5, 10_000_00, 0)]
    [InlineData(49, 10_000_00, 0)]
    [InlineData(50, 10_000_00, 1)]
    [InlineData(-50, 10_000_00, 0)]
    [InlineData(-51, 10_000_00, -1)]
    [InlineData(2, 3, 6667)]
    public void Rates_are_rounded_half_up(long paid, long premium, int bp) =>
        Assert.Equal(bp, Of(paid, "2025-06-01", premium).UsageBp);

    [Fact]
    public void What_leaves_its_type_stands_at_its_end()
    {
        var outlook = Of(long.MaxValue, "2025-01-01", premium: 1);
        Assert.Equal(int.MaxValue, outlook.UsageBp);
        Assert.Equal(long.MaxValue, outlook.ProjectedPaid.Fen);
        Assert.Equal(long.MinValue, Of(long.MinValue, "2025-01-02", premium: 1).ProjectedPaid.Fen);
        Assert.Equal(5, outlook.Alerts.Count);
    }

    [Fact]
    public void Alerts_say_their_figures_in_both_languages()
    {
        foreach (var alert in Of(120_000_00, "2025-06-01").Alerts)
        {
            Assert.Contains("100,000.00", alert.Message(Language.Chinese));
            Assert.Contains("100,000.00", alert.Message(Language.English));
        }
        Assert.NotEqual(FundOutlook.Method(Language.Chinese), FundOutlook.Method(Language.English));
    }
}
