using SettlementGrid.Plans;

namespace SettlementGrid.SampleCity;

/// <summary>
/// The bills of one person in one year, plausible and consistent: what the basic pool paid never exceeds its yearly
/// cap, and what lies over the cap is stated where the plan cannot derive it.
/// </summary>
/// <param name="basicCap">Of the year's basic payments.</param>
/// <param name="statesOverCap">Whether over-cap eligible cost is stated (Puyang 13(1)).</param>
struct Bills(Money basicCap, bool statesOverCap)
{
    Money _basicLeft = basicCap;

    public readonly bool CapIsReached => _basicLeft == Money.Zero;

    /// <param name="start">What the person bears of a stay before the basic pool pays.</param>
    /// <param name="basicPercent">Of the eligible cost above the start.</param>
    public Bill Next(
        CareType careType, Filing filing, DateOnly admitted, DateOnly discharged, Money total, int eligiblePercent,
        Money start, int basicPercent)
    {
        var eligible = Percent(total, eligiblePercent);
        var uncapped = Percent(Money.Max(Money.Zero, eligible - start), basicPercent);
        var basic = Money.Min(uncapped, _basicLeft);
        Money? overCap = null;
        if (statesOverCap && basic < uncapped)
        {
            // The part of the eligible cost for which the pool still paid in full ends where its cap is reached.
            var paidFor = basic == Money.Zero ? Money.Zero : start + new Money(checked(basic.Fen * 100 / basicPercent));
            overCap = Money.Max(Money.Zero, Money.Min(eligible - paidFor, eligible - basic));
        }
        else if (statesOverCap && uncapped == _basicLeft)
        {
            overCap = _basicLeft == Money.Zero ? null : Money.Zero;
        }
        _basicLeft -= basic;
        return Of(careType, filing, admitted, discharged, total, eligible, basic, overCap);
    }

    public static Bill Of(
        CareType careType, Filing filing, DateOnly admitted, DateOnly discharged, Money total, Money eligible,
        Money basic, Money? overCap = null) =>
        new(careType, null, filing, admitted, discharged, total, eligible, basic, overCap, Money.Zero, Money.Zero,
            Money.Zero, null);

    static Money Percent(Money amount, int percent) => new(checked(amount.Fen * percent / 100));
}
