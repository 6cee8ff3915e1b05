namespace SettlementGrid.Plans.Tests;

/// <summary>A person as the tests need one: settles bills one after another and keeps the accumulators.</summary>
sealed class Person(params Plan[] plans)
{
    readonly Catalog _catalog = ShippedPlans.Catalog(plans);

    public Dictionary<AccumulatorKey, Accumulator> Accumulators { get; } = [];

    public RosterEntry Roster { get; set; } = new(
        "150502", Insurance.Resident, [.. plans.Select(plan => new Coverage(plan.Id, default))], []);

    public Catalog Catalog => _catalog;

    /// <summary>Settles; where it is not refused, the accumulators move.</summary>
    public Adjudicated Settle(Bill bill, FacilityProfile? facility = null)
    {
        var result = Preview(bill, facility);
        foreach (var (key, change) in result.Outcome?.Changes ?? [])
            Accumulators[key] = Accumulators.GetValueOrDefault(key) + change;
        return result;
    }

    public Adjudicated Preview(Bill bill, FacilityProfile? facility = null) =>
        Adjudication.Settle(new AdjudicationInput(bill, Roster, facility ?? Facilities.Tongliao, Accumulators),
            _catalog);

    public void TakeBack(AdjudicationOutcome outcome)
    {
        foreach (var (key, change) in outcome.Changes)
        {
            Accumulators[key] -= change;
            if (Accumulators[key].IsZero)
                Accumulators.Remove(key);
        }
    }

    public Person As(params IdentityKind[] kinds)
    {
        Roster = Roster with { Identities = [.. kinds.Select(kind => new Identity(kind, default))] };
        return this;
    }
}

static class Facilities
{
    public static readonly FacilityProfile Tongliao = FacilityProfile.Unregistered("H15050200123");
    public static readonly FacilityProfile Hohhot = FacilityProfile.Unregistered("H15010200123");
    public static readonly FacilityProfile Shenyang = FacilityProfile.Unregistered("H21010200123");
    public static readonly FacilityProfile Puyang = FacilityProfile.Unregistered("H41090200123");
    public static readonly FacilityProfile Zhengzhou = FacilityProfile.Unregistered("H41010200123");
    public static readonly FacilityProfile Nowhere = FacilityProfile.Unregistered("clinic-7");

    public static FacilityProfile In(string region) =>
        FacilityProfile.Unregistered(
            $"H{(region.EndsWith("00", StringComparison.Ordinal) ? region[..4] + "02" : region)}00123");

    public static FacilityProfile Named(string name) => name switch
    {
        "tongliao" => Tongliao,
        "hohhot" => Hohhot,
        "shenyang" => Shenyang,
        "puyang" => Puyang,
        "zhengzhou" => Zhengzhou,
        "sanming" => In("350400"),
        "fuzhou" => In("350100"),
        "dalian" => In("210200"),
        _ => Nowhere,
    };
}

static class Bills
{
    public static readonly Bill Empty = new(
        CareType.Inpatient, null, Filing.Filed, new DateOnly(2025, 3, 1), new DateOnly(2025, 3, 10),
        default, default, default, null, default, default, default, null);

    /// <summary>A bill of eligible cost only, in yuan.</summary>
    public static Bill Of(decimal eligible, decimal basic = 0, string discharged = "2025-03-10") => Empty with
    {
        Total = Money.Yuan(eligible),
        Eligible = Money.Yuan(eligible),
        BasicPaid = Money.Yuan(basic),
        AdmittedOn = DateOnly.Parse(discharged),
        DischargedOn = DateOnly.Parse(discharged),
    };
}
