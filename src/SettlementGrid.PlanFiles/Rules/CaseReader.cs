using SettlementGrid.Plans;

namespace SettlementGrid.PlanFiles;

/// <summary>
/// Reads a rule: one mapping, or a list of cases of which the first that holds counts. Every case names its clause; a
/// case behind one without condition can never count and is refused.
/// </summary>
static class CaseReader
{
    /// <param name="value">Reads the case's own keys; null where they could not be read (a finding says why).</param>
    /// <param name="restMatters">Whether it deserves a warning that no case holds for the rest.</param>
    public static Case<T>[] Read<T>(
        PlanContext context, Fields parent, string key, Func<Fields, (bool Read, T Value)> value,
        bool required = false, bool restMatters = false)
    {
        var path = parent.PathOf(key);
        var node = parent.Take(key, required, "a mapping with a clause, or a list of such cases");
        if (node is null)
            return [];
        if (node is not ListNode)
            return Single(context, node, path, value) is { } only ? [only] : [];
        if (context.Scalars.List(node, path, Limits.CasesMax, "a list of cases") is not { } list)
            return [];
        var cases = new List<Case<T>>(list.Items.Count);
        var open = false;
        for (var i = 0; i < list.Items.Count; i++)
        {
            var at = $"{path}[{i}]";
            if (open)
                context.Findings.Error(list.Items[i].Place, at, "前一情形没有条件，此情形永远不会适用",
                    "the case before has no condition, so that this one never counts", "cases with conditions first");
            open |= list.Items[i] is MapNode map && map.Entries.All(e => e.Key != "when");
            if (Single(context, list.Items[i], at, value) is { } read)
                cases.Add(read);
        }
        if (restMatters && !open)
            context.Findings.Warning(node.Place, path, "最后一个情形带有条件：其余情形不予支付",
                "the last case has a condition: for the rest nothing is paid", "a last case without 'when'");
        return [.. cases];
    }

    static Case<T>? Single<T>(
        PlanContext context, Node node, string path, Func<Fields, (bool Read, T Value)> value)
    {
        if (Fields.Of(node, path, context.Findings) is not { } fields)
            return null;
        var when = ConditionReader.When(context, fields);
        var (read, result) = value(fields);
        var clause = context.Clause(fields);
        fields.Close();
        return read ? new Case<T>(when, result, clause) : null;
    }
}
