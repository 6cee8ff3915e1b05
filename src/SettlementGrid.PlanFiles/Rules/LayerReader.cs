using SettlementGrid.Plans;

namespace SettlementGrid.PlanFiles;

/// <summary>Reads one layer.</summary>
static class LayerReader
{
    public static Layer? Read(PlanContext context, Node node, string path)
    {
        if (Fields.Of(node, path, context.Findings) is not { } fields)
            return null;
        var scalars = context.Scalars;
        var id = scalars.Id(fields.Take("id", required: true, "the layer's id"), fields.PathOf("id"));
        var name = context.Name(fields);
        var clause = context.Clause(fields);
        var payer = scalars.Text(fields.Take("payer", required: true, "who pays"), fields.PathOf("payer"));
        var fundCodes = FundCodes(context, fields, required: true);
        var isBasic = scalars.Flag(fields.Take("basic"), fields.PathOf("basic")) ?? false;
        var careTypes = ConditionReader.CareTypes(context, fields, required: true);
        var places = ConditionReader.Words<CarePlace>(context, fields, "places");
        var measure = scalars.Word<Measure>(fields.Take("measure", required: true, Spellings<Measure>.Form),
            fields.PathOf("measure"));
        var startMeasure = scalars.Word<Measure>(fields.Take("start_measure"), fields.PathOf("start_measure"));
        var overCap = OverCap(context, fields, measure, startMeasure);
        var period = scalars.Word<PeriodLength>(fields.Take("period"), fields.PathOf("period")) ?? PeriodLength.Year;
        var bandsOn = scalars.Word<BandsOn>(fields.Take("bands_on"), fields.PathOf("bands_on")) ?? BandsOn.Position;
        var entitled = CaseReader.Read(context, fields, "entitled", _ => (true, true));
        var facility = Facility(context, fields);
        var counting = CaseReader.Read(context, fields, "counting", f =>
            Value(scalars.Rate(f.Take("share", required: true, "a rate"), f.PathOf("share"))));
        var perCase = CaseReader.Read(context, fields, "per_case", f => Value(AmountIn(context, f)));
        var start = CaseReader.Read(context, fields, "start", f => Value(AmountIn(context, f)));
        var rates = CaseReader.Read(context, fields, "rates", f =>
            BandReader.Read(context, f), required: true, restMatters: true);
        var caps = Caps(context, fields, "cap");
        fields.Close();
        CheckStartMeasure(context, fields, measure, startMeasure, caps);
        if (id is null || payer is null || measure is null || context.Findings.HasErrors)
            return null;
        return new Layer
        {
            Id = id, NameZh = name.Zh, NameEn = name.En, Payer = payer, Clause = clause, Measure = measure.Value,
            Takes = new Condition { CareTypes = careTypes, Places = places },
            IsBasic = isBasic,
            Entitled = entitled, Facility = facility, Period = period, OverCap = overCap, FundCodes = fundCodes,
            Counting = counting, PerCase = perCase, Start = start, StartMeasure = startMeasure, BandsOn = bandsOn,
            Rates = rates, Caps = caps,
            AsksDrugClass = Array.Exists(rates, r => r.When.DrugClasses != 0),
        };
    }

    /// <summary>A fund code, or cases of it.</summary>
    public static Case<string>[] FundCodes(PlanContext context, Fields parent, bool required)
    {
        const string form = "a fund code of six digits, or a list of { when, code, clause }";
        var path = parent.PathOf("fund_code");
        if (parent.Take("fund_code", required, form) is ScalarNode plain)
            return Code(context, plain, path) is { } code ? [new Case<string>(Condition.Always, code, "")] : [];
        return CaseReader.Read(context, parent, "fund_code", f =>
            Code(context, f.Take("code", required: true, form), f.PathOf("code")) is { } code ? (true, code)
                : (false, ""));
    }

    /// <summary>Cases of { amount } or { unlimited: true }.</summary>
    public static Case<Cap>[] Caps(PlanContext context, Fields parent, string key, bool required = false) =>
        CaseReader.Read(context, parent, key, f =>
        {
            var unlimited = context.Scalars.Flag(f.Take("unlimited"), f.PathOf("unlimited")) ?? false;
            var amount = context.Amount(f.Take("amount"), f.PathOf("amount"));
            var on = context.Scalars.Word<CapOn>(f.Take("on"), f.PathOf("on")) ?? CapOn.Payment;
            if (unlimited == f.Has("amount"))
                context.Findings.Error(f.Place, f.Path, "应当且只应当给出 amount 或 unlimited: true 之一",
                    "states both or neither of 'amount' and 'unlimited: true'", "amount: yuan, or unlimited: true");
            return (unlimited || amount is not null, new Cap(amount, on));
        }, required);

    static (bool Read, T Value) Value<T>(T? read)
        where T : struct => (read is not null, read.GetValueOrDefault());

    static AmountSource? AmountIn(PlanContext context, Fields fields) =>
        context.Amount(fields.Take("amount", required: true, "an amount"), fields.PathOf("amount"));

    static string? Code(PlanContext context, Node? node, string path)
    {
        if (context.Scalars.Text(node, path) is not { } code)
            return null;
        if (code.Length == 6 && code.All(char.IsAsciiDigit))
            return code;
        context.Findings.Error(node!.Place, path, $"“{code}”不是六位基金代码", $"'{code}' is not a fund code",
            "six digits, as \"390201\"");
        return null;
    }

    /// <summary>A start on another measure needs both, and knows no cost above it on the position.</summary>
    static void CheckStartMeasure(
        PlanContext context, Fields fields, Measure? measure, Measure? startMeasure,
        Case<Cap>[] caps)
    {
        if (startMeasure is null)
            return;
        if (!fields.Has("start"))
            Fault("没有 start 时无意义", "has a meaning only where there is a start", "a start, or no start_measure");
        else if (startMeasure == measure)
            Fault("与 measure 相同", "is the layer's own measure",
                "no start_measure: a start stands on the measure itself");
        else if (Array.Exists(caps, cap => cap.Value.On == CapOn.Cost))
            Fault("不能与 COST 限额并用", "cannot stand with a cap on COST, which is measured above a start on the position",
                "a cap on PAYMENT");

        void Fault(string zh, string en, string expected) => context.Findings.Error(
            fields.PlaceOf("start_measure"), fields.PathOf("start_measure"), zh, en, expected);
    }

    static OverCapSource OverCap(PlanContext context, Fields fields, Measure? measure, Measure? startMeasure)
    {
        var needed = measure == Measure.OverCapEligible || startMeasure == Measure.OverCapEligible;
        var source = context.Scalars.Word<OverCapSource>(
            fields.Take("over_cap", needed, Spellings<OverCapSource>.Form), fields.PathOf("over_cap"));
        if (source is not null && measure is not null && !needed)
            context.Findings.Error(fields.PlaceOf("over_cap"), fields.PathOf("over_cap"),
                "仅当 measure 或 start_measure 为 OVER_CAP_ELIGIBLE 时可用",
                "has a meaning only where measure or start_measure is OVER_CAP_ELIGIBLE", "no over_cap here");
        return source ?? OverCapSource.None;
    }

    static FacilityCondition? Facility(PlanContext context, Fields parent)
    {
        if (Fields.Of(parent.Take("facility"), parent.PathOf("facility"), context.Findings) is not { } fields)
            return null;
        var scalars = context.Scalars;
        var level = scalars.Count(fields.Take("level_min"), fields.PathOf("level_min"), 1, 3) ?? 0;
        var isPublic = scalars.Flag(fields.Take("public"), fields.PathOf("public"));
        var drg = scalars.Flag(fields.Take("drg"), fields.PathOf("drg"));
        var special = scalars.Flag(fields.Take("special_disease"), fields.PathOf("special_disease"));
        var designation = scalars.Word<Designation>(fields.Take("designation"), fields.PathOf("designation"));
        var clause = context.Clause(fields);
        fields.Close();
        return new FacilityCondition(level, isPublic, drg, special, designation == Designation.Required, clause);
    }

    /// <summary>Whether a facility without an entry in the register counts as meeting the condition.</summary>
    internal enum Designation { Assumed, Required }
}
