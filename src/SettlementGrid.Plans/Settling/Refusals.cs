using System.Globalization;
using System.Text;

namespace SettlementGrid.Plans;

/// <summary>
/// The refusals that adjudication can find, each with its sentence in both languages and its figures.
/// </summary>
static class Refusals
{
    public static Refusal PlaceRequired(string facilityId) => new(
        RefusalReason.MalformedRequest,
        $"缺少字段 care_place：机构 {facilityId} 的所在地既不能由编码得出，也未登记",
        $"care_place is missing: where facility {facilityId} stands follows neither from its code nor the register",
        Map(("field", "care_place"), ("facility_id", facilityId)));

    public static Refusal PlaceDiffers(CarePlace stated, CarePlace derived, FacilityProfile facility, Plan plan) => new(
        RefusalReason.MalformedRequest,
        $"字段 care_place 为“{Words.Place(stated)}”，但机构位于 {facility.RegionId}，"
        + $"对“{plan.NameZh}”（统筹区 {plan.Region}）应为“{Words.Place(derived)}”",
        $"care_place says {Words.Code(stated)}, but the facility stands in {facility.RegionId}, which is "
        + $"{Words.Code(derived)} for {plan.Id} (pooling region {plan.Region})",
        Map(("field", "care_place"), ("stated", Words.Code(stated)), ("derived", Words.Code(derived)),
            ("plan_id", plan.Id)));

    public static Refusal FieldRequired(string field, Layer layer) => new(
        RefusalReason.MalformedRequest,
        $"缺少字段 {field}：“{layer.NameZh}”须由请求给出（{layer.Clause}）",
        $"{field} is missing: {layer.NameEn} needs it in the request ({layer.Clause})",
        Map(("field", field), ("layer_id", layer.Id)));

    public static Refusal BasicComputed(Layer layer) => new(
        RefusalReason.MalformedRequest,
        $"字段 basic_paid_fen 须为 0：基本医保支付由“{layer.NameZh}”在本次计算（{layer.Clause}）",
        $"basic_paid_fen must be 0: {layer.NameEn} computes the basic payment ({layer.Clause})",
        Map(("field", "basic_paid_fen"), ("layer_id", layer.Id)));

    /// <param name="twice">Whether the first plan has computed the basic payment itself.</param>
    public static Refusal BasicNotFirst(Plan first, Plan second, bool twice) => new(
        RefusalReason.NotCovered,
        twice
            ? $"“{first.NameZh}”（{first.Id}）与“{second.NameZh}”（{second.Id}）都计算基本医保支付，同一人同一日只能有一个：请经办机构更正参保险种"
            : $"“{second.NameZh}”（{second.Id}）计算基本医保支付，须先于“{first.NameZh}”（{first.Id}）结算：请经办机构更正险种的 order",
        twice
            ? $"{first.Id} and {second.Id} both compute the basic payment; of one person on one day only one may: the "
                + "agency must correct the coverages"
            : $"{second.Id} computes the basic payment and must be settled before {first.Id}: the agency must correct "
                + "the order of the plans",
        Map(("plan_id", first.Id), ("other_plan_id", second.Id)));

    public static Refusal OverCapAboveRest(Bill bill, Money basic, Money stated) => new(
        RefusalReason.AmountOutOfRange,
        $"超限合规费用 {stated} 元大于合规费用减基本医保支付 {bill.Eligible - basic} 元",
        $"over_cap_eligible is {stated} yuan, more than eligible less basic, {bill.Eligible - basic} yuan",
        Map(("over_cap_eligible_fen", Fen(stated)), ("eligible_fen", Fen(bill.Eligible)),
            ("basic_paid_fen", Fen(basic))));

    public static Refusal OverCapBelowCap(Plan plan, Money stated, Money after, Money cap) => new(
        RefusalReason.AmountOutOfRange,
        $"超限合规费用为 {stated} 元，但本次结算后基本医保年度累计支付 {after} 元，未达限额 {cap} 元",
        $"over_cap_eligible is {stated} yuan, but basic payments of the year after this bill are {after} yuan, "
        + $"below the cap of {cap} yuan",
        Map(("plan_id", plan.Id), ("over_cap_eligible_fen", Fen(stated)), ("basic_year_after_fen", Fen(after)),
            ("basic_cap_fen", Fen(cap))));

    public static Refusal PartsAboveTotal(Bill bill, Money basic, Money plansPaid) => new(
        RefusalReason.AmountOutOfRange,
        $"基本医保 {basic} 元、网外支付 {bill.PriorPlansPaid} 元、医疗救助 {bill.AssistancePaid} 元与本次各险种 "
        + $"{plansPaid} 元之和大于总费用 {bill.Total} 元",
        $"basic {basic}, prior plans {bill.PriorPlansPaid}, assistance {bill.AssistancePaid} and the plans' "
        + $"{plansPaid} yuan together are more than the total of {bill.Total} yuan",
        Map(("total_fen", Fen(bill.Total)), ("basic_paid_fen", Fen(basic)),
            ("prior_plans_paid_fen", Fen(bill.PriorPlansPaid)), ("assistance_paid_fen", Fen(bill.AssistancePaid)),
            ("plans_paid_fen", Fen(plansPaid))));

    public static Refusal NotCovered(IReadOnlyList<PlanLeftOut> leftOut, DateOnly discharge)
    {
        var zh = new StringBuilder($"出院日期 {discharge:yyyy-MM-dd} 没有有效的保障：");
        var en = new StringBuilder($"no plan covers the discharge on {discharge:yyyy-MM-dd}: ");
        var numbers = new Dictionary<string, string>(StringComparer.Ordinal);
        if (leftOut.Count == 0)
        {
            zh.Append("名册中没有任何险种");
            en.Append("the roster names none");
        }
        for (var i = 0; i < leftOut.Count; i++)
        {
            var (planId, reason) = leftOut[i];
            zh.Append(i == 0 ? "" : "；").Append(planId).Append(' ').Append(Words.Reason(reason, Language.Chinese));
            en.Append(i == 0 ? "" : "; ").Append(planId).Append(": ").Append(Words.Reason(reason, Language.English));
            numbers[planId] = Words.Code(reason);
        }
        return new Refusal(RefusalReason.NotCovered, zh.ToString(), en.ToString(), numbers);
    }

    public static Refusal ParameterMissing(Plan plan, Parameter parameter, DateOnly day) => new(
        RefusalReason.PlanParameterMissing,
        $"“{plan.NameZh}”的参数“{parameter.NameZh}”（{parameter.Id}）在 {day:yyyy-MM-dd} 没有公布值（{parameter.Clause}）",
        $"{plan.Id}: the parameter {parameter.Id} ({parameter.NameEn}) has no value on {day:yyyy-MM-dd} "
        + $"({parameter.Clause})",
        Map(("plan_id", plan.Id), ("parameter", parameter.Id), ("discharged_on", day.ToString("yyyy-MM-dd"))));

    public static Refusal BasicCapExceeded(Plan plan, Money before, Money basic, Money cap) => new(
        RefusalReason.BasicCapExceeded,
        $"基本医保年度累计支付 {before} 元，加本次 {basic} 元，超过“{plan.NameZh}”所列限额 {cap} 元（{plan.Basic.Clause}）",
        $"basic payments of the year are {before} yuan, and {basic} yuan more would exceed the cap of {cap} yuan in "
        + $"{plan.Id} ({plan.Basic.Clause})",
        Map(("plan_id", plan.Id), ("basic_year_before_fen", Fen(before)), ("basic_paid_fen", Fen(basic)),
            ("basic_cap_fen", Fen(cap))));

    public static Refusal OverCapRequired(Plan plan, Money before, Money basic, Money cap) => new(
        RefusalReason.OverCapEligibleRequired,
        $"基本医保年度累计支付 {before} 元，加本次 {basic} 元，在本次达到限额 {cap} 元：须给出 over_cap_eligible_fen（{plan.Basic.Clause}）",
        $"basic payments of the year are {before} yuan and reach the cap of {cap} yuan with this bill's {basic} yuan: "
        + $"over_cap_eligible_fen must be stated ({plan.Basic.Clause})",
        Map(("plan_id", plan.Id), ("basic_year_before_fen", Fen(before)), ("basic_paid_fen", Fen(basic)),
            ("basic_cap_fen", Fen(cap))));

    static string Fen(Money amount) => amount.Fen.ToString(CultureInfo.InvariantCulture);

    static Dictionary<string, string> Map(params ReadOnlySpan<(string Key, string Value)> pairs)
    {
        var map = new Dictionary<string, string>(pairs.Length, StringComparer.Ordinal);
        foreach (var (key, value) in pairs)
            map[key] = value;
        return map;
    }
}
