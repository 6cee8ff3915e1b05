namespace SettlementGrid.Plans.Tests;

/// <summary>
/// Sanming's responsibilities by their table, then the backstop at 120.00, on what earlier payers left.
/// </summary>
sealed class SanmingWalk() : FenWalk(ScaledPlan.Read("samples/sanming-sample.yaml"))
{
    static readonly FacilityProfile Good = new("good", "", "350402", 3, true, true, true, Registered: true);
    static readonly FacilityProfile Bad = new("bad", "", "350402", 1, false, false, false, Registered: true);

    public override Stay Draw(Dice dice, DateOnly day, WalkedYear year)
    {
        var care = dice.Of([CareType.Inpatient, CareType.Inpatient, .. Enum.GetValues<CareType>()]);
        var bill = Bill(dice, day, care, long.MaxValue, 500, 2_000, 4_786, 2_900, 12_000, 150_500);
        if (dice.OneIn(3))
            bill = bill with { Unreasonable = new Money(dice.UpTo(bill.Total.Fen)) };
        return new Stay(
            bill,
            dice.Roster(
                Plan, day, IdentityKind.Preexisting, IdentityKind.PreexistingRare, IdentityKind.Rescue),
            dice.Of(Good, Good, Bad, Facilities.Named("sanming"), Facilities.Named("fuzhou"), Facilities.Shenyang));
    }

    public override IEnumerable<Step> Settle(WalkedYear year, Stay stay)
    {
        var bill = stay.Bill;
        var prior = bill.BasicPaid.Fen + bill.PriorPlansPaid.Fen + bill.AssistancePaid.Fen;
        var reasonable = Math.Max(0, bill.Total.Fen - bill.Unreasonable.Fen - prior);
        var eligible = Math.Max(0, bill.Eligible.Fen - prior);
        var inRegion = stay.At.RegionId.StartsWith("3504", StringComparison.Ordinal);
        var ill = Is(stay, CoverBegan(stay), IdentityKind.Preexisting);
        var rare = Is(stay, CoverBegan(stay), IdentityKind.PreexistingRare);
        var rescue = Is(stay, bill.DischargedOn, IdentityKind.Rescue);
        var paid = 0L;
        if (Row(bill, inRegion, ill, rare, rescue) is var (layer, rate, cap))
        {
            var (start, fen) = layer switch
            {
                "r1" => (500, reasonable), "r2" => (2_000, eligible), "r3" => (500, eligible), _ => (2_000, reasonable),
            };
            var step = rate == 0 || stay.At == Bad
                ? new Step(layer, 0, 0)
                : Walk(year, layer, fen, number => number > start ? rate : 0, fen, cap);
            paid = step.Paid;
            yield return step;
        }
        if (inRegion)
            yield return Walk(
                year, "backstop", Math.Max(0, reasonable - paid), number => number > 12_000 ? 10_000 : 0,
                Math.Max(0, reasonable - paid));
    }

    /// <summary>Layer, rate (0: none) and cap; null where the table has no row for the care and the place.</summary>
    static (string Layer, int Rate, long Cap)? Row(Bill bill, bool inRegion, bool ill, bool rare, bool rescue) =>
        (bill.CareType, inRegion) switch
        {
            (CareType.Inpatient or CareType.AccidentInpatient, true) =>
                ("r1", ill && !rescue ? 5_000 : 10_000, 150_000),
            (CareType.Inpatient or CareType.AccidentInpatient, false) =>
                ("r2", (ill, rescue) switch { (true, true) => 8_000, (true, false) => 3_000, _ => 7_000 }, 150_000),
            (CareType.OutpatientSpecialDisease, true) => ("r3", ill ? 0 : 7_000, 3_000),
            (CareType.SpecificCancerDrug, true) => (ill, bill.DrugClass) switch
            {
                (true, DrugClass.B) => ("r4a", 5_000, 450),
                (true, DrugClass.C) => ("r4a", 3_000, 450),
                (false, DrugClass.A) => ("r4a", 7_000, 100_000),
                _ => ("r4a", 0, 0),
            },
            (CareType.RareDiseaseDrug, true) => ("r4b", rare ? 0 : 5_000, 50_000),
            _ => null,
        };

    static DateOnly CoverBegan(Stay stay)
    {
        var newYear = new DateOnly(stay.Bill.DischargedOn.Year, 1, 1);
        return stay.Roster.Coverages[0].Days.From is { } from && from > newYear ? from : newYear;
    }
}
