using SettlementGrid.Plans;

namespace SettlementGrid.Enrollees;

/// <summary>
/// A discharge as a hospital states it. Two requests have the same content when they are equal: every field counts but
/// the preview token, which is no part of it.
/// </summary>
public sealed record SettleRequest(
    string RequestId, string FacilityId, string EncounterId, string EnrolleeId, Channel Channel, Bill Bill)
{
    public int Year => Bill.DischargedOn.Year;

    public SettlementId Id => SettlementId.Of(FacilityId, RequestId);

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
