using SettlementGrid.Plans;

namespace SettlementGrid.Api.Methods;

/// <summary>The domain's refusals on the wire, and what a caller may touch.</summary>
static class Refusing
{
    public static WireRefusal With(Plans.Refusal refusal) =>
        new(refusal.Code, refusal.MessageZh, refusal.MessageEn, refusal.Numbers);

    /// <summary>A caller that speaks for one facility may name no other.</summary>
    public static Plans.Refusal? UnlessCallers(Call call, string facilityId) =>
        call.Caller.FacilityId.Length == 0 || call.Caller.FacilityId == facilityId
            ? null
            : NotPermitted("facility_id 不是调用方的机构", "facility_id is not the caller's");

    /// <summary>A caller bound to a region may name nothing outside it.</summary>
    public static Plans.Refusal? UnlessWithin(Call call, string regionId) =>
        call.Caller.RegionId.Length == 0 || Region.IsWithin(regionId, call.Caller.RegionId)
            ? null
            : NotPermitted("region_id 不在调用方的辖区内", "region_id is outside the caller's region");

    public static bool MayRead(Caller caller, string facilityId, string? regionId) =>
        (caller.FacilityId.Length == 0 || caller.FacilityId == facilityId)
        && (caller.RegionId.Length == 0 || regionId is null || Region.IsWithin(regionId, caller.RegionId));

    static Plans.Refusal NotPermitted(string zh, string en) => new(RefusalReason.NotPermitted, zh, en);
}
