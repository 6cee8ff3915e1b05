namespace SettlementGrid.Plans;

/// <summary>What conditions of one plan look at for one bill, computed once per bill and plan.</summary>
/// <param name="Identities">Bit n: the identity with number n holds on the day that counts for it.</param>
/// <param name="FacilityLevel">1–3; 0 where unknown.</param>
/// <param name="CaseOfPeriod">1 for the layer's first case of the period, and so on.</param>
public readonly record struct CaseFacts(
    CareType CareType,
    CarePlace Place,
    Filing Filing,
    DrugClass? DrugClass,
    Insurance Insurance,
    DateOnly DischargedOn,
    int Identities,
    int FacilityLevel,
    int CaseOfPeriod);

/// <summary>
/// A condition of a plan file, compiled to bit sets. Every part that is stated must hold; an empty set is not stated.
/// </summary>
public sealed record Condition
{
    public static readonly Condition Always = new();

    public int CareTypes { get; init; }
    public int Places { get; init; }
    public int Filings { get; init; }
    public int DrugClasses { get; init; }
    public int Insurances { get; init; }
    public int FacilityLevels { get; init; }

    /// <summary>At least one of these identities.</summary>
    public int AnyIdentity { get; init; }

    /// <summary>All of these identities.</summary>
    public int AllIdentities { get; init; }

    /// <summary>None of these identities.</summary>
    public int NoIdentity { get; init; }

    public DaySpan Discharged { get; init; }

    /// <summary>From which case of the period on it holds (1: from the first); 0: not stated.</summary>
    public int FromCase { get; init; }

    public ParameterTest? Parameter { get; init; }

    public bool AsksIdentity => (AnyIdentity | AllIdentities | NoIdentity) != 0;

    public bool IsAlways => this == Always;

    public bool Holds(in CaseFacts facts) => HoldsApartFromIdentity(facts) && HoldsForIdentities(facts.Identities);

    public bool HoldsForIdentities(int identities) =>
        (AnyIdentity == 0 || (AnyIdentity & identities) != 0)
        && (AllIdentities & identities) == AllIdentities
        && (NoIdentity & identities) == 0;

    public bool HoldsApartFromIdentity(in CaseFacts facts) =>
        Has(CareTypes, (int)facts.CareType)
        && Has(Places, (int)facts.Place)
        && Has(Filings, (int)facts.Filing)
        && (DrugClasses == 0 || (facts.DrugClass is { } drug && Has(DrugClasses, (int)drug)))
        && Has(Insurances, (int)facts.Insurance)
        && Has(FacilityLevels, facts.FacilityLevel)
        && facts.CaseOfPeriod >= FromCase
        && Discharged.Holds(facts.DischargedOn)
        && (Parameter is not { } test || test.Holds(facts.DischargedOn));

    public static int Bit(int number) => 1 << number;

    static bool Has(int set, int number) => set == 0 || (set & (1 << number)) != 0;
}

/// <summary>
/// Holds where the parameter has a value on the day that is at least the bound; an open parameter fails it.
/// </summary>
public sealed record ParameterTest(Parameter Parameter, long AtLeast)
{
    public bool Holds(DateOnly day) => Parameter.At(day) is { } value && value >= AtLeast;
}

/// <summary>One case of a rule: the first case whose condition holds gives the value.</summary>
/// <param name="Clause">Where the document says so.</param>
public sealed record Case<T>(Condition When, T Value, string Clause);

public static class Cases
{
    public static Case<T>? First<T>(Case<T>[] cases, in CaseFacts facts)
    {
        foreach (var candidate in cases)
            if (candidate.When.Holds(facts))
                return candidate;
        return null;
    }
}
