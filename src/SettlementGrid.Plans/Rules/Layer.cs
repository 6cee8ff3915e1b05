namespace SettlementGrid.Plans;

/// <summary>
/// The amount of a bill on which a layer's position grows and its bands are measured. "Prior" is what earlier payers of
/// the same bill paid: basic, earlier layers here, layers outside the grid, and (where said) medical assistance.
/// </summary>
public enum Measure : byte
{
    /// <summary>Eligible cost, the person's own start and share included.</summary>
    Eligible = 1,

    /// <summary>Eligible − basic.</summary>
    OwnEligibleShare = 2,

    /// <summary>What the basic pool paid.</summary>
    BasicPaid = 3,

    /// <summary>Total − everything paid before, assistance included.</summary>
    BurdenAfterAll = 4,

    /// <summary>Total − unreasonable − prior, assistance included.</summary>
    ReasonableLessPrior = 5,

    /// <summary>Eligible − prior, assistance included.</summary>
    EligibleLessPrior = 6,

    /// <summary>Eligible cost left without basic payment because the pool's yearly cap was reached.</summary>
    OverCapEligible = 7,
}

public enum PeriodLength : byte { Year = 0, Month = 1 }

/// <summary>
/// Whether band edges stand on the position itself or on its excess over the start: where the start stands on another
/// measure, on what came together since it was reached.
/// </summary>
public enum BandsOn : byte { Position = 1, Excess = 2 }

/// <summary>Where the over-cap eligible amount comes from.</summary>
public enum OverCapSource : byte
{
    None = 0,

    /// <summary>The request must state it.</summary>
    Stated = 1,

    /// <summary>Stated, or else follows from the plan's basic cap and the year's basic payments.</summary>
    FromBasicCap = 2,
}

/// <summary>Whether a cap limits what the layer pays or the cost above the start for which it pays.</summary>
public enum CapOn : byte { Payment = 1, Cost = 2 }

/// <summary>A yearly (or monthly) limit; no amount: unlimited.</summary>
public readonly record struct Cap(AmountSource? Amount, CapOn On);

/// <summary>
/// One band: up to <see cref="UpTo"/> (inclusive; null: open above) from where the band before ended.
/// </summary>
public readonly record struct Band(AmountSource? UpTo, RateSource Rate);

/// <summary>The bands of one case, ascending and without gaps; the first begins at the layer's start.</summary>
public sealed record BandSet(Band[] Bands)
{
    /// <summary>What the layer takes but does not cover: it pays 0 and nothing moves.</summary>
    public static readonly BandSet NotCovered = new([]);
}

/// <summary>What a facility must be for the layer to pay. A part that is null is not asked.</summary>
/// <param name="RegistrationRequired">Where true, a facility without an entry in the register fails.</param>
public sealed record FacilityCondition(
    int LevelMin, bool? Public, bool? Drg, bool? SpecialDisease, bool RegistrationRequired, string Clause)
{
    public bool IsMetBy(FacilityProfile facility) =>
        !facility.Registered
            ? !RegistrationRequired
            : facility.Level >= LevelMin
              && (Public is null || facility.Public == Public)
              && (Drg is null || facility.Drg == Drg)
              && (SpecialDisease is null || facility.SpecialDisease == SpecialDisease);
}

/// <summary>
/// One layer of a plan, compiled from its file. Every rule is a list of cases; the first that holds counts.
/// </summary>
public sealed class Layer
{
    public required string Id { get; init; }
    public required string NameZh { get; init; }
    public required string NameEn { get; init; }
    public required string Payer { get; init; }
    public required string Clause { get; init; }
    public required Measure Measure { get; init; }

    /// <summary>Care types and places of care; a bill outside it is none of this layer's business.</summary>
    public required Condition Takes { get; init; }

    /// <summary>Who is entitled; a bill that the layer takes but that fails this pays 0 and moves nothing.</summary>
    public Case<bool>[] Entitled { get; init; } = [];

    /// <summary>
    /// The basic pool computed here: what it pays counts as the basic payment for every layer and plan behind it.
    /// Basic layers stand before all others of their plan.
    /// </summary>
    public bool IsBasic { get; init; }

    public FacilityCondition? Facility { get; init; }
    public PeriodLength Period { get; init; }
    public OverCapSource OverCap { get; init; }
    public required Case<string>[] FundCodes { get; init; }

    /// <summary>Which share of the measure enters the position; all of it where no case holds.</summary>
    public Case<Rate>[] Counting { get; init; } = [];

    /// <summary>What the person bears of each case before anything enters the position.</summary>
    public Case<AmountSource>[] PerCase { get; init; } = [];

    /// <summary>
    /// Where the layer begins to pay. Without cases 0; where cases stand but none holds, it never begins.
    /// </summary>
    public Case<AmountSource>[] Start { get; init; } = [];

    /// <summary>
    /// The measure on which the start stands where that is not the position's own; null: on the position. It has a
    /// position of its own in <see cref="StartId"/>, moved by every bill that moves the layer's. Of the bill with which
    /// the start is reached, no more can be paid for than lies above it on that measure.
    /// </summary>
    public Measure? StartMeasure { get; init; }

    /// <summary>Under this id the position of a start on another measure is kept; no layer may bear it.</summary>
    public string StartId => Id + StartSuffix;

    public const string StartSuffix = ":start";

    public BandsOn BandsOn { get; init; } = BandsOn.Position;
    public required Case<BandSet>[] Rates { get; init; }
    public Case<Cap>[] Caps { get; init; } = [];

    /// <summary>Whether some rate depends on the drug class, so that the request must state it.</summary>
    public bool AsksDrugClass { get; init; }

    public string Name(Language language) => language == Language.Chinese ? NameZh : NameEn;

    /// <summary>The period in which a discharge of that day counts.</summary>
    public Period PeriodOf(DateOnly discharge) =>
        Period == PeriodLength.Month ? new Period(discharge.Year, discharge.Month) : new Period(discharge.Year);

    /// <summary>The clause stored with a result: the layer's, and the rate case's where it has its own.</summary>
    public string ClauseOf(Case<BandSet> rates) => rates.Clause.Length == 0 ? Clause : rates.Clause;
}

/// <summary>A cap over several layers of a plan (all of the same period length).</summary>
/// <param name="Layers">Indexes into the plan's layers.</param>
public sealed record SharedCap(int[] Layers, Case<Cap>[] Caps, string Clause)
{
    public bool Holds(Plan plan, string layerId)
    {
        foreach (var index in Layers)
            if (plan.Layers[index].Id == layerId)
                return true;
        return false;
    }
}

/// <summary>What a plan says of the basic pool under it.</summary>
/// <param name="Caps">Limit of the basic payments of a year; cumulative basic above it is refused.</param>
/// <param name="FundCodes">Where the basic part of a bill is booked on a fund other than the pool's.</param>
public sealed record BasicPool(Case<Cap>[] Caps, Case<string>[] FundCodes, string Clause)
{
    public static readonly BasicPool None = new([], [], "");
}
