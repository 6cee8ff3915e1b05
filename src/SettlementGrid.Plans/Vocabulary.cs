namespace SettlementGrid.Plans;

// The field's closed lists. Their numbers are stored in the ledger: they may only grow (golden tests hold them).

public enum CareType : byte
{
    Inpatient = 1,
    AccidentInpatient = 2,
    AccidentOutpatient = 3,
    OutpatientSpecialDisease = 4,
    OutpatientHighValueDrug = 5,
    SpecificCancerDrug = 6,
    RareDiseaseDrug = 7,
}

/// <summary>Where care was given, seen from a plan's pooling region.</summary>
public enum CarePlace : byte { InRegion = 1, InProvince = 2, OutOfProvince = 3 }

/// <summary>Whether the referral or emergency outside the region was filed (备案) beforehand.</summary>
public enum Filing : byte { Filed = 1, Unfiled = 2 }

/// <summary>
/// Who is paid: the hospital that advanced, the agency through the platform, or the person at the window.
/// </summary>
public enum Channel : byte { OneStop = 1, Platform = 2, Window = 3 }

public enum DrugClass : byte { A = 1, B = 2, C = 3 }

public enum Insurance : byte { Employee = 1, Resident = 2 }

public enum IdentityKind : byte
{
    ExtremePoverty = 1,
    Orphan = 2,
    LowIncome = 3,
    LowIncomeDisabled = 4,
    ReturnedToPoverty = 5,
    Rescue = 6,
    Student = 7,
    Preexisting = 8,
    PreexistingRare = 9,
}

/// <summary>The kind of a plan; a person has at most one of a kind on a day.</summary>
public enum PlanKind : byte { Large = 1, Critical = 2, Puhui = 3 }

public enum Language : byte { Chinese = 0, English = 1 }

/// <summary>The period on which an accumulator stands: a policy year, or one calendar month of it.</summary>
/// <param name="Month">0 for the whole year, else 1–12.</param>
public readonly record struct Period(int Year, int Month = 0)
{
    public override string ToString() => Month == 0 ? $"{Year:0000}" : $"{Year:0000}-{Month:00}";

    /// <summary>Reads "2026" or "2026-03"; anything else is refused with false.</summary>
    public static bool TryParse(string text, out Period period)
    {
        period = default;
        if (text.Length is not (4 or 7)
            || !int.TryParse(text.AsSpan(0, 4), System.Globalization.NumberStyles.None, null, out var year))
            return false;
        var month = 0;
        if (text.Length == 7
            && (text[4] != '-' || !int.TryParse(text.AsSpan(5), System.Globalization.NumberStyles.None, null, out month)
            || month is < 1 or > 12))
            return false;
        period = new Period(year, month);
        return year is >= 1990 and <= 2999;
    }
}
