using SettlementGrid.Plans;

namespace SettlementGrid.Enrollees;

/// <summary>The refusals of the account and its turn, with their sentences.</summary>
public static class Refusals
{
    public static Refusal EnrolleeUnknown() => new(
        RefusalReason.EnrolleeUnknown, "参保人不在参保名单中", "The enrollee is not on the roster");

    public static Refusal RequestIdReused(SettlementId id) => new(
        RefusalReason.RequestIdReused,
        $"该 request_id 已用于另一内容的请求（结算号 {id}），本次未办理",
        $"This request_id was used before with other content (settlement {id}); nothing was done",
        With("settlement_id", id));

    public static Refusal RequestIdBarred() => new(
        RefusalReason.RequestIdBarred, "该 request_id 已被冲正，不再受理",
        "This request_id was cancelled and will not be carried out");

    public static Refusal EncounterAlreadySettled(SettlementId settlement) => new(
        RefusalReason.EncounterAlreadySettled,
        $"该就诊本年度已结算（结算号 {settlement}）；如需重新结算请先撤销",
        $"This encounter is already settled for the year (settlement {settlement}); reverse it first to settle again",
        With("settlement_id", settlement));

    public static Refusal AccountMoved(long previewed, long version, Recorded? firstLater)
    {
        var what = firstLater is null ? ""
            : firstLater.Entry.RequestKey is { } id ? $"{firstLater.Fact.Kind} {id}"
            : $"{firstLater.Fact.Kind}";
        var numbers = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["preview_version"] = Text(previewed),
            ["account_version"] = Text(version),
        };
        if (firstLater is not null)
        {
            numbers["first_later_version"] = Text(firstLater.Entry.Version);
            numbers["first_later_kind"] = firstLater.Fact.Kind.ToString();
            if (firstLater.Entry.RequestKey is { } key)
                numbers["first_later_settlement_id"] = key.ToString();
        }
        return new Refusal(
            RefusalReason.AccountMoved,
            $"预结算后个人账户已变动{(what.Length > 0 ? $"（{what}）" : "")}，金额不同，请重新预结算",
            $"The account moved since the preview{(what.Length > 0 ? $" ({what})" : "")} and the amounts differ; "
                + "preview again",
            numbers);
    }

    public static Refusal SettlementUnknown() => new(
        RefusalReason.SettlementUnknown, "没有该笔结算", "There is no such settlement");

    public static Refusal AlreadyReversed(SettlementId settlement, SettlementId reversal) => new(
        RefusalReason.AlreadyReversed,
        $"该笔结算已撤销，请勿重复办理（撤销号 {reversal}）",
        $"Settlement {settlement} is already reversed (by {reversal})",
        With("settlement_id", settlement, "reversal_settlement_id", reversal));

    public static Refusal NotReversible(Recorded stored) => new(
        RefusalReason.NotReversible,
        "撤销或调整记录不能再撤销", $"A {stored.Fact.Kind} fact cannot be reversed",
        stored.Entry.RequestKey is { } id ? With("settlement_id", id) : []);

    public static Refusal TooManyAdjustments(SettlementId settlement, int count) => new(
        RefusalReason.TooManyAdjustments,
        $"撤销该笔结算需调整的后续结算过多（{count}，最多 {Limits.AdjustmentsMax}），请联系经办机构由后往前逐笔撤销",
        $"Reversing {settlement} would adjust too many later settlements ({count}, at most {Limits.AdjustmentsMax}); "
            + "reverse the latest ones first",
        With("settlement_id", settlement));

    public static Refusal AlreadySettledInPeriod(AccumulatorKey key) => new(
        RefusalReason.MalformedRequest,
        $"{key.PlanId} {key.Period} 已有结算，不能再录入期初累计",
        $"{key.PlanId} {key.Period} already has settlements; an opening balance can no longer be put",
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["plan_id"] = key.PlanId, ["period"] = key.Period.ToString(),
        });

    public static Refusal PlanUnknown(string planId) => new(
        RefusalReason.PlanUnknown, $"没有险种 {planId}", $"There is no plan {planId}",
        new Dictionary<string, string>(StringComparer.Ordinal) { ["plan_id"] = planId });

    public static Refusal PlanReachesBack(Plan plan, int concerned) => new(
        RefusalReason.PlanInvalid,
        $"{plan.Id} 的生效日期涉及已结算的 {concerned} 笔出院，不能公布；请改为之后的生效日期",
        $"{plan.Id} would hold for {concerned} discharges that are already settled; choose later effective dates",
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["plan_id"] = plan.Id, ["settlements"] = Text(concerned),
        });

    public static Refusal RegionTooLarge(string regionId, int keptMax) => new(
        RefusalReason.MalformedRequest,
        $"字段 region_id：{regionId} 当年有结算的参保人过多（最多 {keptMax}），请按下级区划分别测算",
        $"region_id: {regionId} has too many persons with settlements in the year (at most {keptMax}); "
            + "try the regions under it one by one",
        new Dictionary<string, string>(StringComparer.Ordinal) { ["field"] = "region_id", ["region_id"] = regionId });

    public static Refusal Overloaded(string zh, string en) => new(RefusalReason.Overloaded, zh, en);

    public static Refusal Unavailable() => new(
        RefusalReason.Unavailable,
        "账务库暂不可用，本次未入账；请用同一请求重试", "The ledger is not available; nothing was stored. Retry the same request");

    static string Text(long value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);

    static Dictionary<string, string> With(string key, SettlementId id, string? key2 = null, SettlementId id2 = default)
    {
        var numbers = new Dictionary<string, string>(StringComparer.Ordinal) { [key] = id.ToString() };
        if (key2 is not null)
            numbers[key2] = id2.ToString();
        return numbers;
    }
}
