using SettlementGrid.Plans;

namespace SettlementGrid.PlanFiles;

/// <summary>
/// Reads `checks:`, what a document demands of the parameters together: { sum: [a, b], at_least: c, clause }. Judged on
/// every day on which one of them changes; a parameter without a value leaves it open.
/// </summary>
static class CheckReader
{
    public static void Read(PlanContext context, Fields parent)
    {
        const string form = "a list of { sum: [parameters], at_least: parameter, clause }";
        if (context.Scalars.List(parent.Take("checks"), "checks", Limits.CasesMax, form) is not { } list)
            return;
        for (var i = 0; i < list.Items.Count; i++)
        {
            if (Fields.Of(list.Items[i], $"checks[{i}]", context.Findings) is not { } fields)
                continue;
            var parts = Parts(context, fields);
            var bound = context.Parameter(
                fields.Take("at_least", required: true, "the id of a parameter"), fields.PathOf("at_least"),
                ParameterUnit.Money);
            context.Clause(fields);
            fields.Close();
            if (bound is not null)
                Judge(context, fields, parts, bound);
        }
    }

    static List<Parameter> Parts(PlanContext context, Fields fields)
    {
        var parts = new List<Parameter>();
        var path = fields.PathOf("sum");
        var node = fields.Take("sum", required: true, "a list of parameters");
        if (context.Scalars.List(node, path, Limits.ParametersMax, "a list of parameters") is { } list)
            for (var i = 0; i < list.Items.Count; i++)
                if (context.Parameter(list.Items[i], $"{path}[{i}]", ParameterUnit.Money) is { } part)
                    parts.Add(part);
        return parts;
    }

    static void Judge(PlanContext context, Fields fields, List<Parameter> parts, Parameter bound)
    {
        var days = parts.Append(bound).SelectMany(p => p.Values).Select(v => v.Days.From).OfType<DateOnly>().Distinct()
            .Order();
        foreach (var day in days)
        {
            if (bound.At(day) is not { } least || parts.Exists(p => p.At(day) is null))
                continue;
            var sum = new Money(parts.Sum(p => p.At(day)!.Value));
            if (sum >= new Money(least))
                continue;
            var names = string.Join(" + ", parts.Select(p => p.Id));
            context.Findings.Error(fields.Place, fields.Path,
                $"{day:yyyy-MM-dd} 起 {names} 为 {sum} 元，低于 {bound.Id} 的 {new Money(least)} 元",
                $"from {day:yyyy-MM-dd} on {names} is {sum} yuan, below {bound.Id}, {new Money(least)} yuan",
                $"a sum of at least {new Money(least)}");
        }
    }
}
