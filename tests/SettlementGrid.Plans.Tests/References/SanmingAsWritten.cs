using SettlementGrid.PlanFiles;

namespace SettlementGrid.Plans.Tests;

/// <summary>
/// Sanming's table of responsibilities and the backstop, at an enrolment rate of 25 % (the sample), of 30 %, and open.
/// </summary>
sealed class SanmingAsWritten() : Policy(ShippedPlans.SanmingSample, ThirtyPercent, Open)
{
    const string Rate25 = "    values: [{ from: 2024-01-01, value: 25%, source: 样例值，非公布值 }]\n";

    static readonly Plan ThirtyPercent = Read(Text.Replace("value: 25%", "value: 30%", StringComparison.Ordinal));
    static readonly Plan Open = Read(Text.Replace(Rate25, "", StringComparison.Ordinal));

    static string Text => ShippedPlans.Text("samples/sanming-sample.yaml");

    static Plan Read(string text) =>
        PlanFile.Read(text) is { Plan: { } plan, Findings.Count: 0 } ? plan : throw new InvalidOperationException(text);

    public override Stay Draw(Dice dice, Plan plan, IReadOnlyList<Rated> before)
    {
        var bill = dice.Bill(
            dice.Of([CareType.Inpatient, CareType.Inpatient, .. Enum.GetValues<CareType>()]),
            5_000, 20_000, 47_857, 29_000, 120_000, 100_000, 1_505_000, 1_448_571);
        var roster = dice.Roster(plan, bill.DischargedOn,
            IdentityKind.Preexisting, IdentityKind.PreexistingRare, IdentityKind.Rescue);
        var at = dice.OneIn(2)
            ? FacilityProfile.Unregistered(dice.Of("H35040200123", "H35040200123", "H35010200123", "H21010200123"))
            : new FacilityProfile("f", "", dice.Of("350402", "350402", "350102", "210102"), 1 + dice.Below(3),
                !dice.OneIn(5), !dice.OneIn(5), !dice.OneIn(3), Registered: true);
        return new Stay(bill, roster, at);
    }

    public override Dictionary<string, Part> Rate(
        Plan plan, IReadOnlyList<Rated> before, Stay stay, IReadOnlyDictionary<string, Part>? first)
    {
        var parts = new Dictionary<string, Part>();
        if (Responsibility(stay) is { } own && Terms(stay, own) is var terms)
            parts[own] = terms is { } t ? Under(t, before, stay, own) : default;
        if (!InRegion(stay))
            return parts;
        // The burden that is left after everything, R1 to R4 of this bill included.
        var burden = Math.Max(0, Reasonable(stay) - Prior(stay) - parts.Values.Sum(part => part.Paid));
        decimal? stopsAt = plan == Open ? null : plan == ThirtyPercent ? 10_000_000 : 12_000_000;
        var carried = Counted(before, "backstop");
        var borne = stopsAt is { } stop ? Math.Min(burden, Above(stop, carried)) : burden;
        parts["backstop"] = new Part(burden, burden - borne);
        return parts;
    }

    readonly record struct TermsOf(decimal Base, decimal Start, decimal Rate, decimal MostAYear);

    static Part Under(TermsOf terms, IReadOnlyList<Rated> before, Stay stay, string layer)
    {
        var taken = Math.Max(0, terms.Base);
        var from = Counted(before, layer);
        var due = Rounded((Above(from + taken, terms.Start) - Above(from, terms.Start)) * terms.Rate);
        return new Part(taken, Least(due, Math.Max(0, terms.MostAYear - Paid(before, layer)), taken));
    }

    static string? Responsibility(Stay stay) => (stay.Bill.CareType, InRegion(stay)) switch
    {
        (CareType.Inpatient or CareType.AccidentInpatient, true) => "r1",
        (CareType.Inpatient or CareType.AccidentInpatient, false) => "r2",
        (CareType.OutpatientSpecialDisease, true) => "r3",
        (CareType.SpecificCancerDrug, true) => "r4a",
        (CareType.RareDiseaseDrug, true) => "r4b",
        _ => null,
    };

    /// <summary>The row of the table, in fen; null where the person or the facility has none.</summary>
    static TermsOf? Terms(Stay stay, string responsibility)
    {
        var reasonable = Reasonable(stay) - Prior(stay);
        var eligible = Eligible(stay) - Prior(stay);
        var ill = Holds(stay, IdentityKind.Preexisting, CoverBegan(stay));
        var rare = Holds(stay, IdentityKind.PreexistingRare, CoverBegan(stay));
        var rescue = IsNow(stay, IdentityKind.Rescue);
        var at = stay.At;
        var good = !at.Registered || (at.Level >= 2 && at.Public);
        return responsibility switch
        {
            "r1" when good && (!at.Registered || at.Drg) =>
                new TermsOf(reasonable, 500_000, ill && !rescue ? 0.5m : 1, 150_000_000),
            "r2" when good =>
                new TermsOf(eligible, 2_000_000, ill ? rescue ? 0.8m : 0.3m : 0.7m, 150_000_000),
            "r3" when (!at.Registered || at.SpecialDisease) && !ill =>
                new TermsOf(eligible, 500_000, 0.7m, 3_000_000),
            "r4a" when good => (ill, stay.Bill.DrugClass) switch
            {
                (false, DrugClass.A) => new TermsOf(reasonable, 2_000_000, 0.7m, 100_000_000),
                (true, DrugClass.B) => new TermsOf(reasonable, 2_000_000, 0.5m, 450_000),
                (true, DrugClass.C) => new TermsOf(reasonable, 2_000_000, 0.3m, 450_000),
                _ => null,
            },
            "r4b" when good && !rare => new TermsOf(reasonable, 2_000_000, 0.5m, 50_000_000),
            _ => null,
        };
    }

    static bool InRegion(Stay stay) => stay.At.RegionId[..4] == "3504";

    static decimal Reasonable(Stay stay) => stay.Bill.Total.Fen - stay.Bill.Unreasonable.Fen;

    static decimal Prior(Stay stay) =>
        Basic(stay) + stay.Bill.PriorPlansPaid.Fen + stay.Bill.AssistancePaid.Fen;

    /// <summary>The later of the day cover began and 1 January of the policy year.</summary>
    static DateOnly CoverBegan(Stay stay)
    {
        var newYear = new DateOnly(stay.Bill.DischargedOn.Year, 1, 1);
        return stay.Roster.Coverages[0].Days.From is { } from && from > newYear ? from : newYear;
    }

    protected override IEnumerable<string> Reasons(IReadOnlyList<Rated> before, Stay stay)
    {
        if (Responsibility(stay) == "r4a" && stay.Bill.DrugClass is null)
            yield return "MALFORMED_REQUEST";
    }
}
