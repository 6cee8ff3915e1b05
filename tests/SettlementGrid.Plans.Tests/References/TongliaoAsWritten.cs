namespace SettlementGrid.Plans.Tests;

/// <summary>Tongliao, clause 4, on the benefit of a whole position (see <see cref="Reference"/>).</summary>
sealed class TongliaoAsWritten() : Policy(ShippedPlans.Read("samples/tongliao-sample.yaml"))
{
    public override Stay Draw(Dice dice, Plan plan, IReadOnlyList<Rated> before)
    {
        var bill = dice.Bill(
            dice.Of([CareType.Inpatient, CareType.Inpatient, CareType.Inpatient, .. Enum.GetValues<CareType>()]),
            7_000, 14_000, 30_000, 50_000, 80_000, 449_333, 2_666);
        if (!dice.OneIn(5))
            bill = bill with { BasicPaid = new Money(bill.BasicPaid.Fen / 20) };
        var roster = dice.Roster(plan, bill.DischargedOn, IdentityKind.ExtremePoverty, IdentityKind.Orphan,
            IdentityKind.LowIncomeDisabled, IdentityKind.Student, IdentityKind.Rescue);
        return new Stay(bill, dice.OneIn(2) ? roster with { Identities = [] } : roster,
            dice.Of(Facilities.Tongliao, Facilities.Hohhot, Facilities.Shenyang));
    }

    public override Dictionary<string, Part> Rate(
        Plan plan, IReadOnlyList<Rated> before, Stay stay, IReadOnlyDictionary<string, Part>? first)
    {
        if (stay.Bill.CareType == CareType.AccidentOutpatient)
            return new() { ["accident"] = Accident(before, stay) };
        var own = Eligible(stay) - Basic(stay);
        var special = IsNow(stay, IdentityKind.ExtremePoverty, IdentityKind.Orphan, IdentityKind.LowIncome,
            IdentityKind.LowIncomeDisabled, IdentityKind.ReturnedToPoverty);
        var at = new Circumstances(special, Outside: stay.At.FacilityId[1..3] != "15", stay.Bill.DischargedOn);
        var position = (long)Counted(before, "critical");
        var due = Rounded(Reference.Benefit(at, position + (long)own) - Reference.Benefit(at, position));
        var capped = special ? due : Math.Min(due, Math.Max(0, 38_000_000 - Paid(before, "critical")));
        return new() { ["critical"] = new Part(own, Math.Min(capped, LeftOfEligible(stay))) };
    }

    static Part Accident(IReadOnlyList<Rated> before, Stay stay) =>
        IsNow(stay, IdentityKind.Student)
            ? new Part(Eligible(stay), Least(
                Rounded(Eligible(stay) * 0.75m), 200_000 - Paid(before, "accident"), LeftOfEligible(stay)))
            : default;

    protected override IEnumerable<string> Reasons(IReadOnlyList<Rated> before, Stay stay)
    {
        if (BasicOf(before) + Basic(stay) > 12_000_000)
            yield return "BASIC_CAP_EXCEEDED";
    }
}
