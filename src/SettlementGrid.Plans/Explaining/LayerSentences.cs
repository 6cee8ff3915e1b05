namespace SettlementGrid.Plans;

/// <summary>One layer's result with what is needed to explain it.</summary>
/// <param name="Earlier">What layers before it paid on the bill.</param>
/// <param name="Basic">What the basic pool paid, as stated or by a layer before it.</param>
/// <param name="Plan">Null where the version is not to be found.</param>
readonly record struct ExplainedLayer(
    Bill Bill, LayerResult Result, Money Earlier, Money Basic, FacilityProfile Facility, Plan? Plan)
{
    public Layer? Layer { get; } = Plan?.Layer(Result.LayerId);

    public Money Counted => Result.PositionAfter - Result.PositionBefore;

    public Money BandsPaid
    {
        get
        {
            var paid = Money.Zero;
            for (var i = 0; i < Result.Bands.Count; i++)
                paid += Result.Bands[i].Paid;
            return paid;
        }
    }

    public string Heading(Language language)
    {
        var plan = Plan?.Name(language) ?? Result.PlanId;
        var layer = Layer?.Name(language) ?? Result.LayerId;
        return plan == layer ? plan : language == Language.Chinese ? $"{plan}（{layer}）" : $"{plan} ({layer})";
    }
}

/// <summary>Base and where it came from, position, bands, cap, clause: in this order, in one language.</summary>
static class LayerSentences
{
    public static void Add(List<string> sentences, in ExplainedLayer explained, Language language)
    {
        var zh = language == Language.Chinese;
        var result = explained.Result;
        var heading = explained.Heading(language);
        if (result.Note is LayerNote.FacilityNotDesignated or LayerNote.IdentityNotEntitled
            or LayerNote.DrugClassNotCovered)
        {
            sentences.Add(Barred(result, heading, zh));
            return;
        }
        if (explained.Layer is { Facility: not null } && !explained.Facility.Registered)
            sentences.Add(zh
                ? $"机构 {explained.Facility.FacilityId} 未在机构登记中，视为符合指定医疗机构条件。"
                : $"Facility {explained.Facility.FacilityId} has no entry in the register and counts as meeting "
                    + "the conditions.");
        sentences.Add(Base(explained, heading, zh));
        if (explained is { Plan: { } plan, Layer: { } layer }
            && ChosenBy.Identity(plan, layer, result, explained.Bill, explained.Facility, language) is { } who)
            sentences.Add(zh ? $"按{who}的标准计算。" : $"The rates for {who} apply.");
        sentences.Add(Position(explained, zh));
        for (var i = 0; i < result.Bands.Count; i++)
            sentences.Add(Band(result.Bands[i], zh));
        AddLimits(sentences, explained, zh);
        sentences.Add(Paid(result, zh));
    }

    static string Barred(LayerResult result, string heading, bool zh) => (result.Note, zh) switch
    {
        (LayerNote.FacilityNotDesignated, true) => $"{heading}：就诊机构不符合指定医疗机构条件，支付 0.00 元。依据：{result.Clause}。",
        (LayerNote.FacilityNotDesignated, false) =>
            $"{heading}: the facility does not meet the conditions; 0.00 yuan is paid. Clause: {result.Clause}.",
        (LayerNote.DrugClassNotCovered, true) => $"{heading}：该人群的此类药品不在支付范围内，支付 0.00 元。依据：{result.Clause}。",
        (LayerNote.DrugClassNotCovered, false) =>
            $"{heading}: this class of drug is not paid for this person; 0.00 yuan is paid. Clause: {result.Clause}.",
        (_, true) => $"{heading}：该人员不在此项保障人群内，支付 0.00 元。依据：{result.Clause}。",
        _ => $"{heading}: the person is not among those entitled; 0.00 yuan is paid. Clause: {result.Clause}.",
    };

    static string Base(in ExplainedLayer explained, string heading, bool zh)
    {
        var (bill, result) = (explained.Bill, explained.Result);
        var prior = bill.BasicPaid + bill.PriorPlansPaid + bill.AssistancePaid + explained.Earlier;
        var origin = (explained.Layer?.Measure, zh) switch
        {
            (Measure.OwnEligibleShare, true) => $"合规费用 {bill.Eligible} 元减基本医保支付 {explained.Basic} 元，",
            (Measure.OwnEligibleShare, false) => $"eligible {bill.Eligible} less basic {explained.Basic} yuan: ",
            (Measure.Eligible, true) => $"合规费用 {bill.Eligible} 元，",
            (Measure.Eligible, false) => $"eligible {bill.Eligible} yuan: ",
            (Measure.OverCapEligible, true) =>
                bill.OverCapEligible is null ? "按基本医保年度累计支付推定的超限额合规费用，" : "请求给出的超限额合规费用，",
            (Measure.OverCapEligible, false) => bill.OverCapEligible is null
                ? "over-cap eligible cost, derived from the year's basic payments: "
                : "over-cap eligible cost as stated: ",
            (Measure.ReasonableLessPrior, true) => $"总费用 {bill.Total} 元减不合理费用 {bill.Unreasonable} 元，再减先行支付 {prior} 元，",
            (Measure.ReasonableLessPrior, false) =>
                $"total {bill.Total} less unreasonable {bill.Unreasonable} less prior payments {prior} yuan: ",
            (Measure.EligibleLessPrior, true) => $"合规费用 {bill.Eligible} 元减先行支付 {prior} 元，",
            (Measure.EligibleLessPrior, false) => $"eligible {bill.Eligible} less prior payments {prior} yuan: ",
            (Measure.BurdenAfterAll, true) => $"总费用 {bill.Total} 元减先行支付 {prior} 元，",
            (Measure.BurdenAfterAll, false) => $"total {bill.Total} less prior payments {prior} yuan: ",
            (Measure.BasicPaid, true) => $"基本医保支付 {explained.Basic} 元，",
            (Measure.BasicPaid, false) => $"basic payments {explained.Basic} yuan: ",
            (_, true) => "",
            _ => "",
        };
        return zh
            ? $"{heading}：{origin}本次计入累计 {explained.Counted} 元，可支付基数 {result.Base} 元。"
            : $"{heading}: {origin}{explained.Counted} yuan enter the position, "
                + $"{result.Base} yuan can be paid at most.";
    }

    static string Position(in ExplainedLayer explained, bool zh)
    {
        var result = explained.Result;
        var period = result.Period.Month == 0
            ? zh ? $"{result.Period.Year} 年度" : $"of {result.Period.Year}"
            : zh ? $"{result.Period.Year} 年 {result.Period.Month} 月" : $"of {result.Period}";
        var moved = result.PositionAfter == result.PositionBefore
            ? zh ? $"{period}累计仍为 {result.PositionAfter} 元"
            : $"The position {period} stays at {result.PositionAfter} yuan"
            : zh
            ? $"{period}累计由 {result.PositionBefore} 元增至 {result.PositionAfter} 元"
            : $"The position {period} moves from {result.PositionBefore} to {result.PositionAfter} yuan";
        if (result.OtherStart is { } start)
            return moved + (zh ? "。" : ". ") + StartElsewhere(explained, start, zh);
        if (result.Note == LayerNote.BelowDeductible && !result.DeductibleRemaining.IsPositive)
            return moved + (zh ? "，起付线尚未确定，不予支付。" : "; no start is set, so that nothing is paid.");
        if (result.DeductibleRemaining.IsPositive)
            return moved + (zh
                ? $"，起付线 {result.Deductible} 元，还差 {result.DeductibleRemaining} 元。"
                : $"; the start is {result.Deductible} yuan, {result.DeductibleRemaining} yuan away.");
        return moved + (!result.Deductible.IsPositive ? zh ? "。" : "."
            : zh ? $"，起付线 {result.Deductible} 元。" : $"; the start is {result.Deductible} yuan.");
    }

    static string StartElsewhere(in ExplainedLayer explained, StartStanding start, bool zh)
    {
        var result = explained.Result;
        var on = Words.Measure(explained.Layer?.StartMeasure, zh ? Language.Chinese : Language.English);
        var moved = zh
            ? $"起付线 {result.Deductible} 元按{on}的累计计算，该累计由 {start.Before} 元增至 {start.After} 元，"
            : $"The start of {result.Deductible} yuan stands on {on}, whose position moves from {start.Before} to "
                + $"{start.After} yuan";
        if (result.DeductibleRemaining.IsPositive)
            return moved + (zh
                ? $"还差 {result.DeductibleRemaining} 元。" : $", {result.DeductibleRemaining} yuan away.");
        var above = start.Above(result.Deductible);
        return moved + (start.Before >= result.Deductible
            ? zh ? "此前已达到起付线。" : "; the start was reached before."
            : zh ? $"本次超过起付线 {above} 元，至多此数可按比例支付。"
            : $": {above} yuan of it above the start, for which at most the layer pays.");
    }

    static string Band(BandResult band, bool zh) => (band.To, zh) switch
    {
        ({ } to, true) => $"{band.From} 元至 {to} 元部分：{band.Amount} 元 × {band.Rate} = {band.Paid} 元。",
        ({ } to, false) => $"From {band.From} to {to} yuan: {band.Amount} × {band.Rate} = {band.Paid} yuan.",
        (null, true) when !band.From.IsPositive => $"{band.Amount} 元 × {band.Rate} = {band.Paid} 元。",
        (null, false) when !band.From.IsPositive => $"{band.Amount} × {band.Rate} = {band.Paid} yuan.",
        (null, true) => $"{band.From} 元以上部分：{band.Amount} 元 × {band.Rate} = {band.Paid} 元。",
        _ => $"Above {band.From} yuan: {band.Amount} × {band.Rate} = {band.Paid} yuan.",
    };

    static void AddLimits(List<string> sentences, in ExplainedLayer explained, bool zh)
    {
        var result = explained.Result;
        var banded = explained.BandsPaid;
        if (result.Paid >= banded)
            return;
        var clause = explained.Layer is { } layer
            && Array.Find(layer.Caps, static c => c.Value.Amount is not null) is { } cap
            ? zh ? $"（{cap.Clause}）" : $" ({cap.Clause})" : "";
        sentences.Add(result.CapRemaining is { IsPositive: false } && result.Paid < result.Base
            ? zh ? $"合计 {banded} 元，超过限额余额，按限额支付{clause}。"
            : $"Together {banded} yuan, limited by what the cap leaves{clause}."
            : zh ? $"合计 {banded} 元，不超过先行支付后剩余的 {result.Base} 元。"
                : $"Together {banded} yuan, limited to the {result.Base} yuan that earlier payers left.");
    }

    static string Paid(LayerResult result, bool zh) =>
        (result.CapRemaining, zh) switch
        {
            ({ } left, true) => $"支付 {result.Paid} 元，限额还剩 {left} 元，依据：{result.Clause}。",
            ({ } left, false) =>
                $"{result.Paid} yuan are paid; {left} yuan are left under the cap; clause: {result.Clause}.",
            (null, true) => $"支付 {result.Paid} 元，依据：{result.Clause}。",
            (null, false) => $"{result.Paid} yuan are paid; clause: {result.Clause}.",
        };
}
