using SettlementGrid.PlanFiles;

namespace SettlementGrid.Plans.Tests;

/// <summary>
/// Fujian, clauses 7 and 8, with the sample's figures (cap 100,000; share 10 %; insured 300,000), in both readings of
/// the insured amount, and with an odd share that leaves fractions of a fen.
/// </summary>
sealed class FujianAsWritten() : Policy(ShippedPlans.FujianSample, OnCost, OddShare)
{
    static readonly Plan OnCost = Edited("on: PAYMENT", "on: COST");
    static readonly Plan OddShare = Edited("value: 10%", "value: 7.77%");

    static Plan Edited(string from, string to) => PlanFile.Read(
        ShippedPlans.Text("samples/fujian-sample.yaml").Replace(from, to, StringComparison.Ordinal)).Plan!;

    public override Stay Draw(Dice dice, Plan plan, IReadOnlyList<Rated> before)
    {
        var bill = dice.Bill(dice.Of(Enum.GetValues<CareType>()), 100_000, 300_000, 333_333, 400_000, 433_333);
        return new Stay(bill, dice.Roster(plan, bill.DischargedOn, IdentityKind.LowIncome),
            dice.Of(Facilities.Named("sanming"), Facilities.Named("fuzhou"), Facilities.Shenyang));
    }

    public override Dictionary<string, Part> Rate(
        Plan plan, IReadOnlyList<Rated> before, Stay stay, IReadOnlyDictionary<string, Part>? first)
    {
        var from = Counted(before, "large");
        var to = from + Eligible(stay);
        var rate = plan == OddShare ? 1 - 0.0777m : 0.9m;
        var insured = plan == OnCost
            ? Math.Min(to, 40_000_000) - Math.Min(from, 40_000_000)
            : to - from;
        // The part of this bill that lies above the pool's cap, of what the insured amount allows.
        var below = Math.Max(0, Math.Min(to, 10_000_000) - from);
        var due = Rounded(Math.Max(0, insured - below) * rate);
        if (plan != OnCost)
            due = Math.Min(due, 30_000_000 - Paid(before, "large"));
        return new() { ["large"] = new Part(Eligible(stay), Math.Min(due, LeftOfEligible(stay))) };
    }
}
