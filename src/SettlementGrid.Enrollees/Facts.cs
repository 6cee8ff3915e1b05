using SettlementGrid.Plans;

namespace SettlementGrid.Enrollees;

/// <summary>The streams of the ledger. Stored numbers; they may only grow.</summary>
public enum StreamKind : byte { Person = 1, Fund = 2, Plan = 3, Facility = 4 }

public readonly record struct StreamKey(StreamKind Kind, string Id)
{
    public static StreamKey Person(string enrolleeId) => new(StreamKind.Person, enrolleeId);
}

/// <summary>What a fact is. Stored numbers; they may only grow.</summary>
public enum FactKind : byte
{
    Enrolled = 1,
    RosterChanged = 2,
    OpeningBalanceSet = 3,
    Settled = 4,
    Reversed = 5,
    Adjusted = 6,
    Barred = 7,
    PlanPublished = 32,
    FacilityPut = 33,
    FundRecorded = 34,
}

/// <summary>
/// Something that happened, in the past tense, complete in itself: a fact holds the full request, the results and the
/// versions of the plans it stood on, so that it never has to be computed again to be read.
/// </summary>
public abstract record Fact
{
    Fact()
    {
    }

    public abstract FactKind Kind { get; }

    /// <summary>The person was entered on the roster.</summary>
    public sealed record Enrolled(RosterEntry Entry) : Fact
    {
        public override FactKind Kind => FactKind.Enrolled;
    }

    /// <summary>
    /// The roster's entry was replaced: identity, cover (suspended, resumed), region or insurance changed.
    /// </summary>
    public sealed record RosterChanged(RosterEntry Entry, RosterAspects Aspects) : Fact
    {
        public override FactKind Kind => FactKind.RosterChanged;
    }

    /// <summary>Accumulators brought along from another system; <see cref="Change"/> is what it moved.</summary>
    public sealed record OpeningBalanceSet(AccumulatorChange Change, string Source) : Fact
    {
        public override FactKind Kind => FactKind.OpeningBalanceSet;
    }

    /// <summary>
    /// The three facts that carry money: a settlement, its exact negative twin, a re-rating's difference. They share
    /// one shape so that whoever sums reads one shape.
    /// </summary>
    /// <param name="Request">
    /// The settlement's request; of a reversal the original's, of an adjustment the adjusted one's.
    /// </param>
    /// <param name="RegionId">The enrollee's region when it was settled; the books it stands in.</param>
    /// <param name="Facility">What the register said of the facility, without its name.</param>
    public abstract record Money(
        SettlementId Id, SettleRequest Request, string RegionId, FacilityProfile Facility, AdjudicationOutcome Outcome)
        : Fact
    {
        /// <summary>+1 where the bill's amounts count, −1 on a reversal, 0 on an adjustment.</summary>
        public abstract int Sign { get; }
    }

    /// <param name="Attempt">1 + reversals so far of the facility's encounter in that year.</param>
    public sealed record Settled(
        SettlementId Id, SettleRequest Request, string RegionId, FacilityProfile Facility, AdjudicationOutcome Outcome,
        int Attempt) : Money(Id, Request, RegionId, Facility, Outcome)
    {
        /// <summary>
        /// The latest discharge date that was settled in the year before this one although it lies after it: positions
        /// go by the order of settlement, and such a settlement is marked. Null: in order, or not known (ledger format
        /// 1).
        /// </summary>
        public DateOnly? LaterDischarge { get; init; }

        public override FactKind Kind => FactKind.Settled;

        public override int Sign => 1;
    }

    /// <param name="Reversal">What was asked; by Cancel the request id is the cancelled one's.</param>
    public sealed record Reversed(
        SettlementId Id, SettleRequest Request, string RegionId, FacilityProfile Facility, AdjudicationOutcome Outcome,
        int Attempt, ReverseRequest Reversal) : Money(Id, Request, RegionId, Facility, Outcome)
    {
        public override FactKind Kind => FactKind.Reversed;

        public override int Sign => -1;
    }

    public sealed record Adjusted(
        SettlementId Id, SettleRequest Request, string RegionId, FacilityProfile Facility, AdjudicationOutcome Outcome,
        SettlementId Adjusts, SettlementId CausedBy) : Money(Id, Request, RegionId, Facility, Outcome)
    {
        public override FactKind Kind => FactKind.Adjusted;

        public override int Sign => 0;
    }

    /// <summary>The request id will never be carried out: it was cancelled before it arrived.</summary>
    public sealed record Barred(string FacilityId, string RequestId) : Fact
    {
        public override FactKind Kind => FactKind.Barred;

        public SettlementId Id => SettlementId.Of(FacilityId, RequestId);
    }

    /// <summary>A version of a plan was published; the stream is the plan's id, the version the stream's.</summary>
    public sealed record PlanPublished(string Text) : Fact
    {
        public override FactKind Kind => FactKind.PlanPublished;
    }

    /// <summary>The register's entry of a facility was replaced; the stream is the facility's id.</summary>
    public sealed record FacilityPut(FacilityProfile Profile) : Fact
    {
        public override FactKind Kind => FactKind.FacilityPut;
    }

    /// <summary>Money of a fund was recorded; the stream is <see cref="FundRecordRequest.Stream"/>.</summary>
    public sealed record FundRecorded(FundRecordRequest Request) : Fact
    {
        public override FactKind Kind => FactKind.FundRecorded;

        public SettlementId Id => Request.Id;
    }
}

/// <summary>Which parts of a roster entry changed. Stored bits; they may only grow.</summary>
[Flags]
public enum RosterAspects : byte { None = 0, Region = 1, Insurance = 2, Cover = 4, Identity = 8 }
