namespace SettlementGrid.Plans.Tests;

/// <summary>Puyang, clause 13: nine tenths of what the basic pool's cap of 110,000 left, at most 490,000.</summary>
sealed class PuyangAsWritten() : Policy(ShippedPlans.Read("samples/puyang-sample.yaml"))
{
    const decimal PoolCap = 11_000_000;

    public override Stay Draw(Dice dice, Plan plan, IReadOnlyList<Rated> before)
    {
        var bill = dice.Bill(dice.Of(Enum.GetValues<CareType>()), 110_000, 490_000, 544_444);
        var room = (long)(PoolCap - BasicOf(before.Where(rated => rated.Stay.Bill.DischargedOn.Year
            == bill.DischargedOn.Year)));
        // Most bills stay within the pool's room, and many fill it exactly, or nothing would ever be over it.
        var basic = dice.Below(8) switch
        {
            0 => bill.BasicPaid.Fen,
            1 or 2 => Math.Min(room, bill.Eligible.Fen),
            3 => 0,
            _ => Math.Min(room, bill.BasicPaid.Fen),
        };
        var rest = bill.Eligible.Fen - basic;
        long? over = dice.Below(6) switch { 0 => rest, 1 => dice.UpTo(rest), 2 => 0, 3 => rest + 1, _ => null };
        bill = bill with
        {
            BasicPaid = new Money(basic), OverCapEligible = over is { } fen ? new Money(fen) : null,
            PriorPlansPaid = Money.Min(bill.PriorPlansPaid, bill.Total - new Money(basic)), AssistancePaid = default,
        };
        return new Stay(bill, dice.Roster(plan, bill.DischargedOn),
            dice.Of(Facilities.Puyang, Facilities.Zhengzhou, Facilities.Shenyang));
    }

    public override Dictionary<string, Part> Rate(
        Plan plan, IReadOnlyList<Rated> before, Stay stay, IReadOnlyDictionary<string, Part>? first)
    {
        var over = OverCap(before, stay) ?? first?["large"].Counted ?? 0;
        var paid = Least(
            Rounded(over * 0.9m), 49_000_000 - Paid(before, "large"), over, LeftOfEligible(stay));
        return new() { ["large"] = new Part(over, paid) };
    }

    static decimal? OverCap(IReadOnlyList<Rated> before, Stay stay)
    {
        if (stay.Bill.OverCapEligible is { } stated)
            return stated.Fen;
        var already = BasicOf(before);
        return already + Basic(stay) < PoolCap ? 0
            : already >= PoolCap ? Eligible(stay) - Basic(stay)
            : null;
    }

    protected override IEnumerable<string> Reasons(IReadOnlyList<Rated> before, Stay stay)
    {
        var inAll = BasicOf(before) + Basic(stay);
        var stated = stay.Bill.OverCapEligible?.Fen ?? 0;
        if (stated > Eligible(stay) - Basic(stay) || (stated > 0 && inAll < PoolCap))
            yield return "AMOUNT_OUT_OF_RANGE";
        if (inAll > PoolCap)
            yield return "BASIC_CAP_EXCEEDED";
        if (OverCap(before, stay) is null)
            yield return "OVER_CAP_ELIGIBLE_REQUIRED";
    }
}
