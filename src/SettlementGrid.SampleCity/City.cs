using SettlementGrid.Enrollees;
using SettlementGrid.Plans;

namespace SettlementGrid.SampleCity;

/// <summary>Everything the sample holds. Nobody in it is real: ids are numbered, there are no names.</summary>
/// <param name="Histories">What happened to persons, one history a person, in the order of discharges.</param>
/// <param name="Premiums">What the counties' funds received.</param>
public sealed record City(
    IReadOnlyList<FacilityProfile> Facilities, IReadOnlyList<RosterPut> Enrollees, IReadOnlyList<History> Histories,
    IReadOnlyList<FundRecordRequest> Premiums);

/// <summary>The steps of one person, to be taken in this order.</summary>
public sealed record History(string EnrolleeId, IReadOnlyList<Step> Steps);

/// <summary>A settlement or its reversal, with a request id that follows from the person and the discharge.</summary>
public abstract record Step(string FacilityId, string RequestId)
{
    public SettlementId Id => SettlementId.Of(FacilityId, RequestId);

    public sealed record Settle(SettleRequest Request) : Step(Request.FacilityId, Request.RequestId);

    /// <summary>Reverses the step before.</summary>
    public sealed record Reverse(ReverseRequest Request) : Step(Request.FacilityId, Request.RequestId);
}
