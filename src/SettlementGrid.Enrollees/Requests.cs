using System.Globalization;
using SettlementGrid.Plans;

namespace SettlementGrid.Enrollees;

/// <summary>
/// A discharge as a hospital states it. Two requests have the same content when they are equal: every field counts but
/// the preview token, which is no part of it.
/// </summary>
public sealed record SettleRequest(
    string RequestId, string FacilityId, string EncounterId, string EnrolleeId, Channel Channel, Bill Bill)
{
    // A turn asks for the id three times, and each hash costs a microsecond. Kept with the names it was made of, so
    // that a copy with another name makes its own; no part of the content.
    HashedId? _id;

    public int Year => Bill.DischargedOn.Year;

    public SettlementId Id
    {
        get
        {
            var id = _id;
            if (id is null || !ReferenceEquals(id.FacilityId, FacilityId) || !ReferenceEquals(id.RequestId, RequestId))
                _id = id = new HashedId(FacilityId, RequestId, SettlementId.Of(FacilityId, RequestId));
            return id.Id;
        }
    }

    public bool Equals(SettleRequest? other) =>
        other is not null && RequestId == other.RequestId && FacilityId == other.FacilityId
        && EncounterId == other.EncounterId && EnrolleeId == other.EnrolleeId && Channel == other.Channel
        && Bill == other.Bill;

    public override int GetHashCode() =>
        HashCode.Combine(RequestId, FacilityId, EncounterId, EnrolleeId, Channel, Bill);

    sealed class HashedId(string facilityId, string requestId, SettlementId id)
    {
        public string FacilityId => facilityId;

        public string RequestId => requestId;

        public SettlementId Id => id;
    }

    public EncounterKey EncounterKey => EncounterKey.Of(FacilityId, EncounterId, Year);
}

/// <summary>A reversal as a hospital asks for it (撤销).</summary>
public sealed record ReverseRequest(string RequestId, string FacilityId, SettlementId Reverses, string Reason)
{
    public SettlementId Id => SettlementId.Of(FacilityId, RequestId);
}

/// <summary>An opening balance, for a region that goes live in mid-year.</summary>
/// <param name="Source">Where the figures come from, for people.</param>
public sealed record OpeningBalance(
    string EnrolleeId, AccumulatorKey Key, Money Position, Money Paid, Money BasicPaid, string Source);

/// <summary>One person's roster entry, whole.</summary>
public sealed record RosterPut(string EnrolleeId, RosterEntry Entry);

/// <summary>What a fund record does. Stored numbers; they may only grow.</summary>
public enum FundRecordKind : byte
{
    /// <summary>Adds to the fund.</summary>
    Premium = 1,

    /// <summary>Adds to the fund: a loss that policy caused was made good.</summary>
    Supplement = 2,

    /// <summary>Takes from the fund: the premium was reduced or a deduction made by assessment.</summary>
    Deduction = 3,

    /// <summary>Moves money to the insurer's books; the fund stays as large.</summary>
    TransferToInsurer = 4,

    /// <summary>A revolving deposit; the fund stays as large.</summary>
    Deposit = 5,

    /// <summary>A prepayment to a province's account; the fund stays as large.</summary>
    Prepayment = 6,

    /// <summary>Takes from the fund: what is left went back.</summary>
    Return = 7,
}

/// <summary>
/// Money of a fund as the agency records it. Two requests have the same content when they are equal; the request id is
/// the region's own.
/// </summary>
/// <param name="Amount">Above zero; the kind says which way it goes.</param>
/// <param name="Persons">Heads the amount stands for; zero where it stands for none.</param>
public sealed record FundRecordRequest(
    string RequestId, string RegionId, string PlanId, int Year, FundRecordKind Kind, Money Amount, long Persons,
    DateOnly ReceivedOn)
{
    public SettlementId Id => SettlementId.OfFundRecord(RegionId, RequestId);

    /// <summary>Neither region nor plan id holds a slash, so no two funds are alike.</summary>
    public string StreamId => string.Create(CultureInfo.InvariantCulture, $"{RegionId}/{PlanId}/{Year}");

    public StreamKey Stream => new(StreamKind.Fund, StreamId);
}
