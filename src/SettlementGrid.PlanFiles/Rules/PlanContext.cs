using SettlementGrid.Plans;

namespace SettlementGrid.PlanFiles;

/// <summary>What the rules of a file refer to by name, and the remarks met on the way.</summary>
sealed class PlanContext(FindingList findings)
{
    public FindingList Findings { get; } = findings;
    public Scalars Scalars { get; } = new(findings);
    public Dictionary<string, Parameter> Parameters { get; } = new(StringComparer.Ordinal);
    public Dictionary<string, IdentityGroup> Groups { get; } = new(StringComparer.Ordinal);
    public List<Remark> Remarks { get; } = [];

    /// <summary>The clause that a number stands on; every rule must name one.</summary>
    public string Clause(Fields fields)
    {
        const string expected = "where the document says so, as \"第四条第1项\"";
        var clause = Scalars.Text(fields.Take("clause", required: true, expected), fields.PathOf("clause")) ?? "";
        if (Scalars.Text(fields.Take("reading"), fields.PathOf("reading"), Limits.RemarkLengthMax) is { } reading)
            Remarks.Add(new Remark(fields.Path, clause, reading));
        return clause;
    }

    /// <summary>A name in both languages.</summary>
    public (string Zh, string En) Name(Fields parent)
    {
        var node = parent.Take("name", required: true, "{ zh: …, en: … }");
        if (Fields.Of(node, parent.PathOf("name"), Findings) is not { } fields)
            return ("", "");
        var zh = Scalars.Text(fields.Take("zh", required: true, "the Chinese name"), fields.PathOf("zh")) ?? "";
        var en = Scalars.Text(fields.Take("en", required: true, "the English name"), fields.PathOf("en")) ?? "";
        fields.Close();
        return (zh, en);
    }

    public string? Region(Fields fields)
    {
        const string form = "a six-digit administrative code, as \"150500\"";
        var node = fields.Take("region", required: true, form);
        if (Scalars.Text(node, fields.PathOf("region")) is not { } region)
            return null;
        if (Plans.Region.IsWellFormed(region))
            return region;
        Findings.Error(node!.Place, fields.PathOf("region"), $"“{region}”不是六位行政区划代码",
            $"'{region}' is not an administrative code", form);
        return null;
    }

    /// <summary>A span { from, to }; both ends inclusive, each may be left out.</summary>
    public DaySpan Days(Fields fields)
    {
        var from = Scalars.Day(fields.Take("from"), fields.PathOf("from"));
        var to = Scalars.Day(fields.Take("to"), fields.PathOf("to"));
        if (from is { } first && to is { } last && first > last)
            Findings.Error(fields.PlaceOf("to"), fields.PathOf("to"),
                $"截止日期 {last:yyyy-MM-dd} 早于起始日期 {first:yyyy-MM-dd}",
                $"the last day {last:yyyy-MM-dd} is before the first, {first:yyyy-MM-dd}", "to on or after from");
        return new DaySpan(from, to);
    }

    /// <param name="unit">Null: either.</param>
    public Parameter? Parameter(Node? node, string path, ParameterUnit? unit)
    {
        if (Scalars.Id(node, path) is not { } id)
            return null;
        if (!Parameters.TryGetValue(id, out var parameter))
        {
            Scalars.WordUnknown<int>((ScalarNode)node!, path, Parameters.Keys, "the id of a parameter of this file");
            return null;
        }
        if (unit is null || parameter.Unit == unit)
            return parameter;
        Findings.Error(node!.Place, path, $"参数“{id}”的单位不符",
            $"the parameter '{id}' is in {(parameter.Unit == ParameterUnit.Money ? "money" : "a rate")}",
            unit == ParameterUnit.Money ? "a parameter with unit: MONEY" : "a parameter with unit: RATE");
        return null;
    }

    /// <summary>An amount: yuan, or { parameter: id, times: 50% }.</summary>
    public AmountSource? Amount(Node? node, string path)
    {
        if (node is not MapNode)
            return Scalars.Money(node, path) is { } money ? AmountSource.Of(money) : null;
        var fields = Fields.Of(node, path, Findings)!;
        var parameter = Parameter(fields.Take("parameter", required: true, "the id of a parameter"),
            fields.PathOf("parameter"), ParameterUnit.Money);
        var times = Scalars.Rate(fields.Take("times"), fields.PathOf("times")) ?? new Rate(Rate.Whole);
        fields.Close();
        return parameter is null ? null : new AmountSource(default, parameter, times);
    }

    /// <summary>
    /// A rate: 90 %, { parameter: id }, or { rest_of: id } for what the parameter leaves of the whole.
    /// </summary>
    public RateSource? RateOf(Node? node, string path)
    {
        if (node is not MapNode)
            return Scalars.Rate(node, path) is { } rate ? RateSource.Of(rate) : null;
        var fields = Fields.Of(node, path, Findings)!;
        var rest = fields.Has("rest_of");
        var key = rest ? "rest_of" : "parameter";
        var parameter = Parameter(
            fields.Take(key, required: true, "the id of a parameter"), fields.PathOf(key), ParameterUnit.Rate);
        fields.Close();
        return parameter is null ? null : new RateSource(default, parameter, rest);
    }
}
