using SettlementGrid.Plans;

namespace SettlementGrid.PlanFiles;

/// <summary>Reads `parameters:`, a mapping from id to unit, names and dated values.</summary>
static class ParameterReader
{
    public static void Read(PlanContext context, Fields parent, bool template)
    {
        var node = parent.Take("parameters");
        if (node is null)
            return;
        if (node is not MapNode map || map.Entries.Count > Limits.ParametersMax)
        {
            context.Findings.Error(node.Place, "parameters", "参数应为键值表", "parameters must be a mapping by id",
                $"a mapping with at most {Limits.ParametersMax} parameters");
            return;
        }
        foreach (var entry in map.Entries)
            if (One(context, entry, template) is { } parameter)
                context.Parameters[parameter.Id] = parameter;
    }

    static Parameter? One(PlanContext context, MapEntry entry, bool template)
    {
        var path = Fields.PathOf("parameters", entry.Key);
        if (Fields.Of(entry.Value, path, context.Findings) is not { } fields)
            return null;
        var id = context.Scalars.Id(new ScalarNode(entry.Place, entry.Key, false), path);
        var name = context.Name(fields);
        var unit = context.Scalars.Word<ParameterUnit>(
            fields.Take("unit", required: true, Spellings<ParameterUnit>.Form), fields.PathOf("unit"));
        var required = context.Scalars.Flag(fields.Take("required"), fields.PathOf("required")) ?? false;
        var clause = context.Clause(fields);
        var values = Values(context, fields, unit);
        fields.Close();
        if (required && values.Length == 0 && !template && !fields.Has("values"))
            context.Findings.Error(entry.Place, path, $"缺少必填参数“{entry.Key}”的值",
                $"the required parameter '{entry.Key}' has no value",
                "values: [{ from, value, source }]");
        return id is null || unit is null ? null
            : new Parameter(id, name.Zh, name.En, unit.Value, required, values, clause);
    }

    static ParameterValue[] Values(PlanContext context, Fields parent, ParameterUnit? unit)
    {
        var path = parent.PathOf("values");
        var node = parent.Take("values");
        if (context.Scalars.List(node, path, Limits.ParameterValuesMax,
            "a list of { from, to, value, source }") is not { } list)
            return [];
        var values = new List<ParameterValue>(list.Items.Count);
        foreach (var (item, i) in list.Items.Select((item, i) => (item, i)))
        {
            if (Fields.Of(item, $"{path}[{i}]", context.Findings) is not { } fields)
                continue;
            var days = context.Days(fields);
            if (!fields.Has("from"))
                context.Findings.Error(fields.Place, fields.PathOf("from"), "缺少“from”", "'from' is missing",
                    "the day from which the value holds");
            if (days.From is { } from && values.Count > 0 && from <= values[^1].Days.From)
                context.Findings.Error(fields.PlaceOf("from"), fields.PathOf("from"), "生效日期须递增",
                    "values must stand in ascending order of their first day",
                    $"a day after {values[^1].Days.From:yyyy-MM-dd}");
            context.Scalars.Text(fields.Take("source", required: true, "where it was announced"),
                fields.PathOf("source"), Limits.RemarkLengthMax);
            var valueNode = fields.Take("value", required: true, unit == ParameterUnit.Rate ? "a rate" : "an amount");
            var value = unit == ParameterUnit.Rate
                ? context.Scalars.Rate(valueNode, fields.PathOf("value"))?.BasisPoints
                : context.Scalars.Money(valueNode, fields.PathOf("value"))?.Fen;
            fields.Close();
            if (value is { } number)
                values.Add(new ParameterValue(days, number));
        }
        return [.. values];
    }
}
