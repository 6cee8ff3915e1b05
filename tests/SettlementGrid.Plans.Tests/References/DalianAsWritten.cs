using SettlementGrid.PlanFiles;

namespace SettlementGrid.Plans.Tests;

/// <summary>
/// Dalian, clauses 9 to 14: with the sample's start, with a start announced anew in mid-year, and with starts that
/// follow from the income of the year before.
/// </summary>
sealed class DalianAsWritten() : Policy(ShippedPlans.DalianSample, Announced, FromIncome)
{
    const string SampleStart = "    values: [{ from: 2024-01-01, value: 21000, source: 样例值，非公布值 }]\n";
    const string Income =
        "    name: { zh: 上一年度城乡居民人均可支配收入, en: last year's disposable income per head of residents }\n";

    static readonly Plan Announced = Read(Text.Replace(SampleStart, """
            values:
              - { from: 2024-01-01, value: 20000, source: a }
              - { from: 2025-07-01, value: 22000.01, source: b }

        """, StringComparison.Ordinal));

    static readonly Plan FromIncome = Read(Text.Replace(SampleStart, "", StringComparison.Ordinal)
        .Replace(Income, Income + """
            values:
              - { from: 2024-01-01, value: 42000.03, source: a }
              - { from: 2026-01-01, value: 45000.01, source: b }

        """, StringComparison.Ordinal));

    static string Text => ShippedPlans.Text("samples/dalian-sample.yaml");

    static Plan Read(string text) =>
        PlanFile.Read(text) is { Plan: { } plan, Findings.Count: 0 } ? plan : throw new InvalidOperationException(text);

    public override Stay Draw(Dice dice, Plan plan, IReadOnlyList<Rated> before)
    {
        var bill = dice.Bill(
            dice.Of([CareType.Inpatient, CareType.Inpatient, CareType.Inpatient, .. Enum.GetValues<CareType>()]),
            10_500, 21_000, 60_500, 71_000, 121_000, 50_000);
        var rest = bill.Eligible.Fen - bill.BasicPaid.Fen;
        long? over = dice.Below(8) switch { 0 => rest + 1, 1 => null, 2 => 0, 3 => rest, _ => dice.UpTo(rest) };
        var roster = dice.Roster(plan, bill.DischargedOn, IdentityKind.ExtremePoverty, IdentityKind.LowIncome,
            IdentityKind.LowIncomeDisabled, IdentityKind.Orphan);
        return new Stay(
            bill with { OverCapEligible = over is { } fen ? new Money(fen) : null }, roster,
            dice.Of(Facilities.Named("dalian"), Facilities.Shenyang, Facilities.Hohhot));
    }

    public override Dictionary<string, Part> Rate(
        Plan plan, IReadOnlyList<Rated> before, Stay stay, IReadOnlyDictionary<string, Part>? first) =>
        stay.Bill.CareType switch
        {
            CareType.Inpatient or CareType.AccidentInpatient =>
                new() { ["critical"] = Inpatient(plan, before, stay) },
            CareType.OutpatientHighValueDrug when stay.Bill.OverCapEligible is { } over =>
                new()
                {
                    ["drug"] = new Part(over.Fen, Least(Rounded(over.Fen * 0.7m), over.Fen, LeftOfEligible(stay))),
                },
            _ => [],
        };

    static Part Inpatient(Plan plan, IReadOnlyList<Rated> before, Stay stay)
    {
        var own = Eligible(stay) - Basic(stay);
        var counted = stay.Bill.Filing == Filing.Unfiled ? Rounded(own * 0.9m) : own;
        var poor = IsNow(stay, IdentityKind.ExtremePoverty, IdentityKind.LowIncome, IdentityKind.LowIncomeDisabled);
        var from = Counted(before, "critical");
        var due = Rounded(Benefit(from + counted) - Benefit(from));
        return new Part(counted, Math.Min(due, LeftOfEligible(stay)));

        decimal Benefit(decimal position)
        {
            var start = Rounded(Start(plan, stay.Bill.DischargedOn) * (poor ? 0.5m : 1));
            return poor
                ? Above(position, start) * 0.70m
                : Above(position, start) * 0.60m
                    + Above(position, start + 5_000_000) * 0.05m
                    + Above(position, start + 10_000_000) * 0.05m;
        }
    }

    /// <summary>Of the whole start, not rounded.</summary>
    static decimal Start(Plan plan, DateOnly day) =>
        plan == Announced ? day < new DateOnly(2025, 7, 1) ? 2_000_000 : 2_200_001
        : plan == FromIncome ? (day.Year < 2026 ? 4_200_003 : 4_500_001) / 2m
        : 2_100_000;

    protected override IEnumerable<string> Reasons(IReadOnlyList<Rated> before, Stay stay)
    {
        if (stay.Bill.CareType != CareType.OutpatientHighValueDrug)
            yield break;
        if (stay.Bill.OverCapEligible is not { } over)
            yield return "MALFORMED_REQUEST";
        else if (over.Fen > Eligible(stay) - Basic(stay))
            yield return "AMOUNT_OUT_OF_RANGE";
    }
}
