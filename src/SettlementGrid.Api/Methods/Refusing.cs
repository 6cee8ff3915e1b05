using System.Globalization;
using SettlementGrid.Plans;

namespace SettlementGrid.Api.Methods;

/// <summary>
/// The domain's refusals on the wire, and what a caller may touch. What a caller names that is not its own is
/// NOT_PERMITTED, by its words alone and before anything is looked up; what is found and not its own answers as if it
/// were not there, after the same look-ups.
/// </summary>
static class Refusing
{
    public static WireRefusal With(Plans.Refusal refusal) =>
        new(refusal.Code, refusal.MessageZh, refusal.MessageEn, refusal.Numbers);

    /// <summary>A refusal of one item of several, which says which.</summary>
    public static Plans.Refusal At(Plans.Refusal refusal, int index) => refusal with
    {
        MessageZh = $"第 {index + 1} 项：{refusal.MessageZh}",
        MessageEn = $"Item {index + 1}: {refusal.MessageEn}",
        Numbers = new Dictionary<string, string>(refusal.Numbers, StringComparer.Ordinal)
        {
            ["item"] = (index + 1).ToString(CultureInfo.InvariantCulture),
        },
    };

    /// <summary>A caller that speaks for one facility may name no other.</summary>
    public static Plans.Refusal? UnlessCallers(Call call, string facilityId) =>
        call.Caller.FacilityId.Length == 0 || call.Caller.FacilityId == facilityId
            ? null
            : NotPermitted("facility_id 不是调用方的机构", "facility_id is not the caller's");

    /// <summary>A caller bound to a region may name nothing outside it.</summary>
    public static Plans.Refusal? UnlessWithin(Call call, string regionId) =>
        LiesWithin(call.Caller, regionId)
            ? null
            : NotPermitted("region_id 不在调用方的辖区内", "region_id is outside the caller's region");

    /// <summary>What concerns the whole installation is for callers that are bound to nothing.</summary>
    public static Plans.Refusal? UnlessUnbound(Call call) =>
        call.Caller.FacilityId.Length + call.Caller.RegionId.Length == 0
            ? null
            : NotPermitted("调用方只限于本机构或本辖区", "The caller is bound to a facility or region");

    /// <summary>
    /// Whether a fact may be shown: its facility is the caller's, if the caller is bound to one, and its region lies in
    /// the caller's, if bound to one. A fact without a region (a barred request id) is shown to callers without one and
    /// to the facility itself.
    /// </summary>
    public static bool MayRead(Caller caller, string facilityId, string? regionId) =>
        (caller.FacilityId.Length == 0 || caller.FacilityId == facilityId)
        && (regionId is null
            ? caller.RegionId.Length == 0 || caller.FacilityId.Length > 0
            : LiesWithin(caller, regionId));

    /// <summary>Whether a person, by the region of the roster entry, is one whose account the caller may see.</summary>
    public static bool MayRead(Caller caller, RosterEntry? roster) =>
        roster is not null && MayRead(caller, "", roster.RegionId);

    public static bool LiesWithin(Caller caller, string regionId) =>
        caller.RegionId.Length == 0 || Region.IsWithin(regionId, caller.RegionId);

    public static Plans.Refusal NotPermitted(string zh, string en) => new(RefusalReason.NotPermitted, zh, en);

    /// <summary>A page has at most so many; whoever asks for no number is given the most.</summary>
    public static Plans.Refusal? UnlessPage(int size, int max) =>
        size is < 0 || size > max
            ? new Plans.Refusal(RefusalReason.PageInvalid, $"page_size 应为 1–{max}", $"page_size must be 1–{max}")
            : null;

    /// <summary>Of a token that was not given for this query.</summary>
    public static Plans.Refusal ForeignPage() =>
        new(RefusalReason.PageInvalid, "page_token 不属于本查询", "page_token does not belong to this query");
}
