using SettlementGrid.Plans;
using SettlementGrid.Regions.Folding;

namespace SettlementGrid.Regions;

/// <summary>What needs looking at. The numbers are the interface's.</summary>
public enum FundAlertKind
{
    /// <summary>Paid reached 80 % of the premium.</summary>
    Usage80 = 1,

    Usage90 = 2,

    Usage100 = 3,

    /// <summary>Less than 3 % of the premium is left.</summary>
    SurplusBelow3 = 4,

    /// <summary>At the present pace the premium does not last to the year's end.</summary>
    ProjectedAbovePremium = 5,
}

public sealed record FundAlert(FundAlertKind Kind, string MessageZh, string MessageEn)
{
    public string Message(Language language) => language == Language.Chinese ? MessageZh : MessageEn;
}

/// <summary>
/// What follows from a fund's figures and the Beijing day they stand at: usage, pace, projection, alerts. Pure.
/// Integers throughout, rounded half up; a figure that leaves its type stands at its end. Alerts compare exact amounts,
/// never rounded rates, so that one fen decides. Without premium there is neither usage nor alert.
/// </summary>
/// <param name="UsageBp">Paid of premium; null without premium.</param>
/// <param name="YearGoneBp">The share of the year that is gone, to hold the usage against.</param>
/// <param name="DaysGone">Of the policy year, the day itself with them; before the year 0, after it all.</param>
/// <param name="Alerts">All that apply, by number.</param>
public sealed record FundOutlook(
    int? UsageBp, int YearGoneBp, int DaysGone, int DaysOfYear, Money DailyPaid, Money ProjectedPaid,
    IReadOnlyList<FundAlert> Alerts)
{
    public const string MethodZh =
        "日均支出 = 累计支出 ÷ 年度已过天数（截至账目当日，北京时间，含当日）；预计全年支出 = 累计支出 + 日均支出 × 剩余天数；"
        + "按出院所属年度计算，四舍五入到分，不计季节和延迟结算";

    public const string MethodEn =
        "Daily = paid ÷ days of the year gone (to the Beijing day of the figures, that day counted); "
        + "projection = paid + daily × days left; by the policy year of the discharge, rounded half up to the fen; "
        + "neither seasons nor late claims are allowed for";

    const int Whole = Rate.Whole;
    const int SurplusPercent = 3;

    static readonly (FundAlertKind Kind, int Percent)[] UsageLines =
        [(FundAlertKind.Usage80, 80), (FundAlertKind.Usage90, 90), (FundAlertKind.Usage100, 100)];

    public static string Method(Language language) => language == Language.Chinese ? MethodZh : MethodEn;

    public static FundOutlook Of(FundPosition fund)
    {
        var first = new DateOnly(fund.Year, 1, 1);
        var days = DateTime.IsLeapYear(fund.Year) ? 366 : 365;
        var gone = Math.Clamp(Months.DayOf(fund.At).DayNumber - first.DayNumber + 1, 0, days);
        Int128 paid = fund.Paid.Fen;
        var daily = gone == 0 ? 0 : HalfUp(paid, gone);
        var projected = paid + daily * (days - gone);
        int? usage = fund.Premium.IsPositive
            ? (int)Int128.Clamp(HalfUp(paid * Whole, fund.Premium.Fen), int.MinValue, int.MaxValue)
            : null;
        return new FundOutlook(
            usage, (int)HalfUp(gone * (Int128)Whole, days), gone, days, Money.Nearest(daily), Money.Nearest(projected),
            AlertsOf(fund, projected));
    }

    static List<FundAlert> AlertsOf(FundPosition fund, Int128 projected)
    {
        var alerts = new List<FundAlert>();
        if (!fund.Premium.IsPositive)
            return alerts;
        Int128 premium = fund.Premium.Fen;
        foreach (var (kind, percent) in UsageLines)
            if ((Int128)fund.Paid.Fen * 100 >= premium * percent)
                alerts.Add(new FundAlert(
                    kind,
                    $"支出已达保费的 {percent}%（支出 {fund.Paid} 元，保费 {fund.Premium} 元）",
                    $"Paid has reached {percent} % of the premium ({fund.Paid} of {fund.Premium} yuan)"));
        var left = premium - fund.Recorded.Returned.Fen - fund.Paid.Fen;
        if (left * 100 < premium * SurplusPercent)
            alerts.Add(new FundAlert(
                FundAlertKind.SurplusBelow3,
                $"结余不足保费的 {SurplusPercent}%（结余 {Money.Nearest(left)} 元，保费 {fund.Premium} 元）",
                $"Less than {SurplusPercent} % of the premium is left ({Money.Nearest(left)} of {fund.Premium} yuan)"));
        if (projected > premium)
            alerts.Add(new FundAlert(
                FundAlertKind.ProjectedAbovePremium,
                $"按目前进度，全年支出预计 {Money.Nearest(projected)} 元，超过保费 {fund.Premium} 元",
                $"At the present pace {Money.Nearest(projected)} yuan will be paid by the year's end, above the "
                    + "premium of "
                    + $"{fund.Premium}"));
        return alerts;
    }

    /// <summary>Rounded half up, also below zero; the divisor is positive.</summary>
    static Int128 HalfUp(Int128 amount, Int128 by)
    {
        var (quotient, rest) = Int128.DivRem(2 * amount + by, 2 * by);
        return rest < 0 ? quotient - 1 : quotient;
    }
}
