namespace SettlementGrid.Plans.Tests;

/// <summary>Puyang 13: of each fen over the pool's cap of 110.00 nine tenths, 490.00 a year.</summary>
sealed class PuyangWalk() : FenWalk(ScaledPlan.Read("samples/puyang-sample.yaml"))
{
    const long PoolCap = 11_000;

    public override Stay Draw(Dice dice, DateOnly day, WalkedYear year)
    {
        var room = PoolCap - year.Basic;
        var bill = Bill(dice, day, dice.Of(Enum.GetValues<CareType>()), room, 11_000, 49_000, 54_444);
        if (dice.OneIn(3))
            bill = bill with { BasicPaid = new Money(Math.Min(room, bill.Eligible.Fen)), PriorPlansPaid = default };
        var (rest, full) = (bill.Eligible.Fen - bill.BasicPaid.Fen, year.Basic + bill.BasicPaid.Fen == PoolCap);
        // Reached with this bill it must be stated; below the cap it may be, as nothing.
        long? over = full && (room > 0 || dice.OneIn(2)) ? dice.UpTo(rest) : full || dice.OneIn(2) ? null : 0;
        bill = bill with { OverCapEligible = over is { } fen ? new Money(fen) : null };
        return new Stay(bill, dice.Roster(Plan, day), dice.Of(Facilities.Puyang, Facilities.Shenyang));
    }

    public override IEnumerable<Step> Settle(WalkedYear year, Stay stay)
    {
        var bill = stay.Bill;
        var (before, after) = (year.Basic, year.Basic + bill.BasicPaid.Fen);
        var over = bill.OverCapEligible?.Fen
            ?? (before == PoolCap ? bill.Eligible.Fen - bill.BasicPaid.Fen : 0);
        year.Basic = after;
        yield return Walk(year, "large", over, _ => 9_000, Math.Min(over, LeftOfEligible(bill)), cap: 49_000);
    }
}

/// <summary>Tongliao 4: the table of rates by the number of the fen, by person, place and half of the year.</summary>
sealed class TongliaoWalk() : FenWalk(ScaledPlan.Read("samples/tongliao-sample.yaml"))
{
    public override Stay Draw(Dice dice, DateOnly day, WalkedYear year)
    {
        var care = dice.Of([CareType.Inpatient, CareType.Inpatient, CareType.Inpatient, .. Enum.GetValues<CareType>()]);
        var bill = Bill(dice, day, care, 12_000 - year.Basic, 700, 1_400, 3_000, 5_000, 8_000, 267, 44_933);
        return new Stay(
            bill, dice.Roster(Plan, day, IdentityKind.ExtremePoverty, IdentityKind.LowIncome, IdentityKind.Student),
            dice.Of(Facilities.Tongliao, Facilities.Hohhot, Facilities.Shenyang));
    }

    public override IEnumerable<Step> Settle(WalkedYear year, Stay stay)
    {
        var (bill, day) = (stay.Bill, stay.Bill.DischargedOn);
        year.Basic += bill.BasicPaid.Fen;
        if (bill.CareType == CareType.AccidentOutpatient)
        {
            yield return Is(stay, day, IdentityKind.Student)
                ? Walk(year, "accident", bill.Eligible.Fen, _ => 7_500, LeftOfEligible(bill), cap: 200)
                : new Step("accident", 0, 0);
            yield break;
        }
        var special = Is(stay, day, IdentityKind.ExtremePoverty, IdentityKind.LowIncome);
        var lower = stay.At == Facilities.Shenyang && day < new DateOnly(2025, 7, 1);
        yield return Walk(
            year, "critical", bill.Eligible.Fen - bill.BasicPaid.Fen, fen => Of(fen, special, lower),
            LeftOfEligible(bill),
            special ? long.MaxValue : 38_000);
    }

    static int Of(long fen, bool special, bool lower)
    {
        if (fen <= (special ? 700 : 1_400))
            return 0;
        var rate = fen switch { <= 3_000 => 6_000, <= 5_000 => 7_000, <= 8_000 => 8_000, _ => 9_000 };
        return rate + (special ? 500 : 0) - (lower && fen > 3_000 ? 500 : 0);
    }
}

/// <summary>Fujian 7 and 8: above 100.00 nine tenths; 300.00 insured, of payments or of cost.</summary>
sealed class FujianWalk(bool onCost) : FenWalk(
    ScaledPlan.Read("samples/fujian-sample.yaml", text =>
        onCost ? text.Replace("on: PAYMENT", "on: COST", StringComparison.Ordinal) : text),
    onCost ? " on cost" : "")
{
    public override Stay Draw(Dice dice, DateOnly day, WalkedYear year)
    {
        var bill = Bill(dice, day, dice.Of(Enum.GetValues<CareType>()), long.MaxValue, 10_000, 30_000, 40_000, 43_333);
        return new Stay(bill, dice.Roster(Plan, day), dice.Of(Facilities.Named("sanming"), Facilities.Shenyang));
    }

    public override IEnumerable<Step> Settle(WalkedYear year, Stay stay)
    {
        yield return Walk(
            year, "large", stay.Bill.Eligible.Fen, fen => fen > 10_000 && (!onCost || fen <= 40_000) ? 9_000 : 0,
            LeftOfEligible(stay.Bill), onCost ? long.MaxValue : 30_000);
    }
}

/// <summary>
/// Dalian 9 to 14: 60, 65, 70 % by how far a fen lies above the start of 21.00, or 70 % above half of it.
/// </summary>
sealed class DalianWalk() : FenWalk(ScaledPlan.Read("samples/dalian-sample.yaml"))
{
    public override Stay Draw(Dice dice, DateOnly day, WalkedYear year)
    {
        var care = dice.Of([CareType.Inpatient, CareType.Inpatient, CareType.Inpatient, .. Enum.GetValues<CareType>()]);
        var bill = Bill(dice, day, care, long.MaxValue, 1_050, 2_100, 7_100, 12_100);
        bill = bill with { OverCapEligible = new Money(dice.UpTo(bill.Eligible.Fen - bill.BasicPaid.Fen)) };
        return new Stay(
            bill, dice.Roster(Plan, day, IdentityKind.LowIncomeDisabled, IdentityKind.Orphan),
            dice.Of(Facilities.Named("dalian"), Facilities.Shenyang));
    }

    public override IEnumerable<Step> Settle(WalkedYear year, Stay stay)
    {
        var bill = stay.Bill;
        var left = LeftOfEligible(bill);
        if (bill.CareType == CareType.OutpatientHighValueDrug)
        {
            var over = bill.OverCapEligible!.Value.Fen;
            yield return Walk(year, "drug", over, _ => 7_000, Math.Min(over, left));
        }
        if (bill.CareType is not (CareType.Inpatient or CareType.AccidentInpatient))
            yield break;
        var own = bill.Eligible.Fen - bill.BasicPaid.Fen;
        var counted = bill.Filing == Filing.Filed ? own : own - (own + 4) / 10;
        var poor = Is(stay, bill.DischargedOn, IdentityKind.LowIncomeDisabled);
        yield return Walk(year, "critical", counted, poor ? fen => fen > 1_050 ? 7_000 : 0 : Of, left);

        static int Of(long fen) => (fen - 2_100) switch
        {
            <= 0 => 0, <= 5_000 => 6_000, <= 10_000 => 6_500, _ => 7_000,
        };
    }
}
