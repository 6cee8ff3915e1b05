namespace SettlementGrid.Plans;

/// <summary>
/// The sentences that a cashier can read aloud. They follow from the stored settlement and the plan versions it names
/// alone, so that an old receipt is explained as it was settled; where a version cannot be found, ids stand for names.
/// </summary>
public static class Explanation
{
    public static IReadOnlyList<string> Sentences(
        Bill bill, AdjudicationOutcome outcome, FacilityProfile facility, Catalog catalog, Language language)
    {
        // Five sentences a layer and one in all are usual.
        var sentences = new List<string>(5 * outcome.Layers.Count + 2);
        var earlier = Money.Zero;
        var basic = bill.BasicPaid;
        for (var i = 0; i < outcome.Layers.Count; i++)
        {
            var result = outcome.Layers[i];
            var plan = catalog.Find(result.PlanId, result.PlanVersion)?.Plan;
            LayerSentences.Add(sentences, new ExplainedLayer(bill, result, earlier, basic, facility, plan),
                language);
            earlier += result.Paid;
            if (plan?.Layer(result.LayerId) is { IsBasic: true })
                basic += result.Paid;
        }
        var zh = language == Language.Chinese;
        if (outcome.Layers.Count == 0)
            sentences.Add(zh
                ? "本次就诊类型不在所参加险种的保障范围内，各险种支付 0.00 元。"
                : "This kind of care is in the scope of none of the plans; they pay 0.00 yuan.");
        if (outcome.BasicFundCode.Length > 0)
            sentences.Add(zh
                ? $"意外伤害的基本医疗保险部分 {basic} 元由承办机构承担，记入基金 {outcome.BasicFundCode}。"
                : $"The basic part of {basic} yuan is borne by the insurer as accident, "
                    + $"on fund {outcome.BasicFundCode}.");
        foreach (var (planId, reason) in outcome.LeftOut)
            sentences.Add(zh
                ? $"{NameOf(planId, catalog, language)}未计入：{Words.Reason(reason, language)}。"
                : $"{NameOf(planId, catalog, language)} does not count: {Words.Reason(reason, language)}.");
        sentences.Add(Total(bill, basic, earlier - (basic - bill.BasicPaid), zh));
        return sentences;
    }

    static string NameOf(string planId, Catalog catalog, Language language) =>
        catalog.Latest(planId)?.Plan.Name(language) ?? planId;

    /// <param name="basic">With what the plans' own basic layers paid; those are none of the plans' part then.</param>
    static string Total(Bill bill, Money basic, Money plans, bool zh)
    {
        var prior = bill.PriorPlansPaid.IsPositive ? zh ? $"、网外补充保险 {bill.PriorPlansPaid} 元"
            : $", prior plans {bill.PriorPlansPaid}" : "";
        var assistance = bill.AssistancePaid.IsPositive ? zh ? $"、医疗救助 {bill.AssistancePaid} 元"
            : $", assistance {bill.AssistancePaid}" : "";
        var person = bill.Total - basic - bill.PriorPlansPaid - bill.AssistancePaid - plans;
        return zh
            ? $"总费用 {bill.Total} 元：基本医保 {basic} 元{prior}{assistance}、各险种 {plans} 元，个人负担 {person} 元。"
            : $"Of {bill.Total} yuan in all: basic {basic}{prior}{assistance}, the plans {plans}, "
                + $"the person {person} yuan.";
    }
}
