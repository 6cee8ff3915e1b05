namespace SettlementGrid.Plans;

/// <summary>
/// One band of a layer: the part of the position between From (exclusive) and To (inclusive) and what it paid.
/// </summary>
/// <param name="To">Null: open above.</param>
/// <param name="Amount">How much of the base fell into the band.</param>
/// <param name="Paid">Difference of the rounded running sum, so that bands add up to the layer before its cap.</param>
public readonly record struct BandResult(Money From, Money? To, Money Amount, Rate Rate, Money Paid);

/// <summary>Why a layer that takes the care type paid nothing or less; numbers are stored and may only grow.</summary>
public enum LayerNote : byte
{
    None = 0,
    BelowDeductible = 1,
    CapReached = 2,
    FacilityNotDesignated = 3,
    IdentityNotEntitled = 4,
    DrugClassNotCovered = 5,
    FacilityUnregistered = 6,
    LimitedByBase = 7,
}

/// <summary>
/// What one layer of one plan did in a settlement, complete enough to be explained, summed and negated without the plan
/// file. All amounts in fen.
/// </summary>
/// <param name="Base">The part of the bill that stood before this layer; its payment never exceeds it.</param>
/// <param name="PaidBefore">What the layer had paid in the period before this settlement.</param>
/// <param name="CapRemaining">After this settlement; null: no cap.</param>
/// <param name="DeductibleRemaining">How far the position still is from the start, after this settlement.</param>
public sealed record LayerResult(
    string PlanId,
    int PlanVersion,
    string LayerId,
    Period Period,
    string Payer,
    string FundCode,
    CarePlace CarePlace,
    Money Base,
    Money PositionBefore,
    Money PositionAfter,
    IReadOnlyList<BandResult> Bands,
    Money Paid,
    Money PaidBefore,
    Money DeductibleRemaining,
    Money? CapRemaining,
    LayerNote Note,
    string Clause)
{
    /// <summary>The start that stood at this settlement (起付线), by identity and date.</summary>
    public Money Deductible { get; init; }

    /// <summary>
    /// The basic pool, computed by the plan: what it paid is the bill's basic payment and none of the plans' part.
    /// </summary>
    public bool IsBasic { get; init; }

    /// <summary>
    /// Where the start stands on another measure than the position: how that measure's own position stood. Null: the
    /// start stands on the position.
    /// </summary>
    public StartStanding? OtherStart { get; init; }

    public bool Equals(LayerResult? other) =>
        other is not null && PlanId == other.PlanId && PlanVersion == other.PlanVersion && LayerId == other.LayerId
        && Period == other.Period && Payer == other.Payer && FundCode == other.FundCode && CarePlace == other.CarePlace
        && Base == other.Base && PositionBefore == other.PositionBefore && PositionAfter == other.PositionAfter
        && Paid == other.Paid && PaidBefore == other.PaidBefore && DeductibleRemaining == other.DeductibleRemaining
        && CapRemaining == other.CapRemaining && Deductible == other.Deductible && Note == other.Note
        && Clause == other.Clause && IsBasic == other.IsBasic && OtherStart == other.OtherStart
        && Bands.SequenceEqual(other.Bands);

    public override int GetHashCode() => HashCode.Combine(PlanId, LayerId, Base, PositionBefore, Paid);
}

/// <summary>The position of a start that stands on its own measure, before and after a settlement.</summary>
public readonly record struct StartStanding(Money Before, Money After)
{
    /// <summary>How much of the way lies above the start.</summary>
    public Money Above(Money start) => Money.Max(Money.Zero, After - Money.Max(Before, start));

    public StartStanding Plus(StartStanding other) => new(Before + other.Before, After + other.After);

    public StartStanding Negated() => new(-Before, -After);
}

/// <summary>Why a plan of the person's coverage was left out; numbers are stored and may only grow.</summary>
public enum LeftOutReason : byte
{
    /// <summary>The coverage does not hold on the discharge date.</summary>
    CoverNotInForce = 1,

    /// <summary>No published version of the plan holds on the discharge date.</summary>
    PlanNotInForce = 2,

    /// <summary>Another plan of the same kind counts on that day.</summary>
    KindAlreadyCounted = 3,
}

public readonly record struct PlanLeftOut(string PlanId, LeftOutReason Reason);
