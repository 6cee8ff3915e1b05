using SettlementGrid.Plans;

namespace SettlementGrid.Enrollees;

/// <summary>
/// What can be refused without looking at any account: form, amounts, dates, in this order. Whoever passes these checks
/// may be looked up by its request id.
/// </summary>
public static class RequestChecks
{
    const string IdRule = "1–64 of 0-9 A-Z a-z . _ : -";

    /// <param name="today">The Beijing day at which the call is decided.</param>
    public static Refusal? Check(SettleRequest request, DateOnly today)
    {
        var bill = request.Bill;
        return CheckId("request_id", request.RequestId) ?? CheckId("facility_id", request.FacilityId)
            ?? CheckId("encounter_id", request.EncounterId) ?? CheckId("enrollee_id", request.EnrolleeId)
            ?? CheckAmounts(bill)
            ?? (bill.AdmittedOn > bill.DischargedOn
                ? Date("admitted_on 晚于 discharged_on", "admitted_on is after discharged_on", bill) : null)
            ?? (bill.DischargedOn > today
                ? Date($"出院日期晚于今天（北京时间 {today:yyyy-MM-dd}）",
                    $"discharged_on is in the future (today in Beijing is {today:yyyy-MM-dd})", bill)
                : null)
            ?? (bill.DischargedOn.Year < 2000
                ? Date("出院日期早于 2000 年", "discharged_on is before the year 2000", bill) : null);
    }

    public static Refusal? Check(ReverseRequest request) =>
        CheckId("request_id", request.RequestId) ?? CheckId("facility_id", request.FacilityId)
        ?? CheckText("reason", request.Reason);

    public static Refusal? Check(RosterPut put) =>
        CheckId("enrollee_id", put.EnrolleeId)
        ?? CheckRegion(put.Entry.RegionId)
        ?? CheckCount("coverages", put.Entry.Coverages.Count, Limits.CoveragesMax)
        ?? CheckCount("identities", put.Entry.Identities.Count, Limits.IdentitiesMax)
        ?? put.Entry.Coverages.Select(c => CheckId("plan_id", c.PlanId) ?? CheckSpan("coverages", c.Days))
            .FirstOrDefault(r => r is not null)
        ?? put.Entry.Identities.Select(i => CheckSpan("identities", i.Days)).FirstOrDefault(r => r is not null);

    /// <param name="catalog">Knows the plan and the layer, or they are refused.</param>
    public static Refusal? Check(OpeningBalance balance, Catalog catalog) =>
        CheckId("enrollee_id", balance.EnrolleeId) ?? CheckId("plan_id", balance.Key.PlanId)
        ?? CheckId("layer_id", balance.Key.LayerId) ?? CheckText("source", balance.Source)
        ?? CheckAmount("position_fen", balance.Position) ?? CheckAmount("paid_fen", balance.Paid)
        ?? CheckAmount("basic_paid_fen", balance.BasicPaid)
        ?? CheckLayer(balance.Key, catalog);

    /// <summary>
    /// All but the day of receipt: what is recorded already is answered again whatever the clock says now.
    /// </summary>
    public static Refusal? Check(FundRecordRequest request) =>
        CheckId("request_id", request.RequestId) ?? CheckRegion(request.RegionId) ?? CheckId("plan_id", request.PlanId)
        ?? CheckFundYear(request.Year)
        ?? (Enum.IsDefined(request.Kind) ? null : Malformed("kind", "缺失或未知", "is missing or unknown"))
        ?? (request.Amount.Fen == 0
            ? Amount("金额 amount_fen 应大于 0", "amount_fen must be above 0", ("amount_fen", request.Amount))
            : CheckAmount("amount_fen", request.Amount))
        ?? (request.Persons is < 0 or > Limits.FundPersonsMax
            ? Amount($"人数 persons 超出范围（0 至 {Limits.FundPersonsMax}）",
                $"persons is out of range (0 to {Limits.FundPersonsMax})", ("persons", new Money(request.Persons)))
            : null);

    /// <param name="today">The Beijing day at which the call is decided.</param>
    public static Refusal? CheckReceived(FundRecordRequest request, DateOnly today) =>
        request.ReceivedOn > today || request.ReceivedOn.Year < Limits.FundYearMin
            ? new Refusal(RefusalReason.DateOutOfRange,
                $"received_on 应在 {Limits.FundYearMin} 年至今天（北京时间 {today:yyyy-MM-dd}）之间",
                $"received_on must lie between {Limits.FundYearMin} and today ({today:yyyy-MM-dd} in Beijing)",
                new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    ["received_on"] = request.ReceivedOn.ToString("yyyy-MM-dd"),
                })
            : null;

    /// <summary>
    /// A plan has funds in its pooling region and under it; what is elsewhere is no part of any of them.
    /// </summary>
    public static Refusal? CheckWithin(string regionId, Plan plan) =>
        Region.IsWithin(regionId, plan.Region)
            ? null
            : Malformed(
                "region_id", $"不属于险种 {plan.Id} 的统筹区 {plan.Region}",
                $"lies outside {plan.Region}, the pooling region of plan {plan.Id}");

    public static Refusal? Check(FacilityProfile facility) =>
        CheckId("facility_id", facility.FacilityId) ?? CheckText("name", facility.Name)
        ?? (facility.RegionId.Length == 0 ? null : CheckRegion(facility.RegionId))
        ?? (facility.Level is < 1 or > 3 ? Malformed("level", "应为 1–3", "must be 1–3") : null);

    public static Refusal? CheckId(string field, string value)
    {
        if (value.Length is 0 or > Limits.IdLengthMax)
            return Malformed(field, value.Length == 0 ? "缺失" : "过长（最多 64 个字符）",
                value.Length == 0 ? "is missing" : "is longer than 64 characters");
        foreach (var c in value)
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or ':' or '-'))
                return Malformed(field, $"含有不允许的字符（允许 {IdRule}）", $"has a character that is not allowed ({IdRule})");
        return null;
    }

    public static Refusal Malformed(string field, string zh, string en) =>
        new(RefusalReason.MalformedRequest, $"字段 {field} {zh}", $"{field} {en}",
            new Dictionary<string, string>(StringComparer.Ordinal) { ["field"] = field });

    static Refusal? CheckLayer(AccumulatorKey key, Catalog catalog) =>
        catalog.Latest(key.PlanId) is not { } plan
            ? Refusals.PlanUnknown(key.PlanId)
            : !plan.Plan.HasAccumulator(key.LayerId)
                ? Malformed("layer_id", $"不是 {key.PlanId} 的责任", $"is no layer of {key.PlanId}")
                : null;

    /// <summary>A policy year.</summary>
    public static Refusal? CheckYear(int year) =>
        year is < 2000 or > 2999 ? Malformed("year", "应为四位年份", "must be a year of four digits") : null;

    public static Refusal? CheckFundYear(int year) =>
        year is < Limits.FundYearMin or > Limits.FundYearMax
            ? Malformed(
                "year", $"应为 {Limits.FundYearMin}–{Limits.FundYearMax}",
                $"must be {Limits.FundYearMin}–{Limits.FundYearMax}")
            : null;

    public static Refusal? CheckRegion(string code) =>
        Region.IsWellFormed(code)
            ? null
            : Malformed("region_id", "应为六位行政区划代码", "must be a six-digit administrative code");

    static Refusal? CheckCount(string field, int count, int max) =>
        count <= max ? null : Malformed(field, $"超过 {max} 项", $"has more than {max} items");

    static Refusal? CheckSpan(string field, DaySpan span) =>
        span.From is { } from && span.To is { } to && from > to
            ? Malformed(field, "的 from 晚于 to", "has a from after its to") : null;

    static Refusal? CheckText(string field, string value) =>
        value.Length > Limits.TextLengthMax || value.AsSpan().IndexOfAnyInRange('\0', '\u001f') >= 0
            ? Malformed(field, "过长或含控制字符", "is too long or has control characters") : null;

    static Refusal? CheckAmounts(Bill bill) =>
        CheckAmount("total_fen", bill.Total) ?? CheckAmount("eligible_fen", bill.Eligible)
        ?? CheckAmount("basic_paid_fen", bill.BasicPaid)
        ?? (bill.OverCapEligible is { } over ? CheckAmount("over_cap_eligible_fen", over) : null)
        ?? CheckAmount("prior_plans_paid_fen", bill.PriorPlansPaid)
        ?? CheckAmount("assistance_paid_fen", bill.AssistancePaid) ?? CheckAmount("unreasonable_fen", bill.Unreasonable)
        ?? NotAbove("eligible_fen", bill.Eligible, "total_fen", bill.Total)
        ?? NotAbove("basic_paid_fen", bill.BasicPaid, "eligible_fen", bill.Eligible)
        ?? NotAbove(
            "over_cap_eligible_fen", bill.OverCapEligible ?? Money.Zero, "eligible_fen − basic_paid_fen",
            bill.Eligible - bill.BasicPaid)
        ?? NotAbove("basic_paid_fen + prior_plans_paid_fen + assistance_paid_fen",
            bill.BasicPaid + bill.PriorPlansPaid + bill.AssistancePaid, "total_fen", bill.Total)
        ?? NotAbove("unreasonable_fen", bill.Unreasonable, "total_fen", bill.Total);

    static Refusal? CheckAmount(string field, Money amount) =>
        amount.Fen is < 0 or > Limits.AmountFenMax
            ? Amount($"金额 {field} 超出范围（0 至 {Limits.AmountFenMax} 分）",
                $"{field} is out of range (0 to {Limits.AmountFenMax} fen)", (field, amount))
            : null;

    static Refusal? NotAbove(string field, Money amount, string limitField, Money limit) =>
        amount > limit
            ? Amount($"金额 {field}（{amount}）大于 {limitField}（{limit}）",
                $"{field} ({amount}) is more than {limitField} ({limit})",
                (field, amount), (limitField, limit))
            : null;

    static Refusal Amount(string zh, string en, params ReadOnlySpan<(string Field, Money Amount)> numbers)
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (field, amount) in numbers)
            map[field] = amount.Fen.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return new Refusal(RefusalReason.AmountOutOfRange, zh, en, map);
    }

    static Refusal Date(string zh, string en, Bill bill) => new(RefusalReason.DateOutOfRange, zh, en,
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["admitted_on"] = bill.AdmittedOn.ToString("yyyy-MM-dd"),
            ["discharged_on"] = bill.DischargedOn.ToString("yyyy-MM-dd"),
        });
}
