using SettlementGrid.Plans;

namespace SettlementGrid.PlanFiles;

/// <summary>Reads `when:` and the care types and places of a layer into bit sets.</summary>
static class ConditionReader
{
    /// <summary>Everything of a `when:` must hold; a missing `when:` always holds.</summary>
    public static Condition When(PlanContext context, Fields parent)
    {
        var path = parent.PathOf("when");
        if (Fields.Of(parent.Take("when"), path, context.Findings) is not { } fields)
            return Condition.Always;
        var condition = new Condition
        {
            CareTypes = CareTypes(context, fields, required: false),
            Places = Words<CarePlace>(context, fields, "places"),
            Filings = Words<Filing>(context, fields, "filings"),
            DrugClasses = Words<DrugClass>(context, fields, "drug_classes"),
            Insurances = Words<Insurance>(context, fields, "insurances"),
            FacilityLevels = Levels(context, fields),
            AnyIdentity = Identities(context, fields, "identities"),
            AllIdentities = Identities(context, fields, "identities_all"),
            NoIdentity = Identities(context, fields, "identities_none"),
            Discharged = Discharged(context, fields),
            FromCase = context.Scalars.Count(fields.Take("from_case"), fields.PathOf("from_case"), 1, 1000) ?? 0,
            Parameter = Test(context, fields),
        };
        fields.Close();
        if (fields.IsEmpty)
            context.Findings.Error(fields.Place, path, "条件为空", "the condition is empty",
                "at least one key, or no 'when'");
        return condition;
    }

    /// <summary>ALL, a list, or { all_but: [...] }; 0 means all.</summary>
    public static int CareTypes(PlanContext context, Fields fields, bool required)
    {
        var path = fields.PathOf("care_types");
        var node = fields.Take("care_types", required, "ALL, a list of care types, or { all_but: [...] }");
        if (node is null or ScalarNode { Text: "ALL" })
            return 0;
        if (node is not MapNode)
            return Words<CareType>(context, node, path);
        var but = Fields.Of(node, path, context.Findings)!;
        var excluded = Words<CareType>(context, but, "all_but");
        but.Close();
        var all = 0;
        foreach (var careType in Enum.GetValues<CareType>())
            all |= Condition.Bit((int)careType);
        return all & ~excluded;
    }

    public static int Words<T>(PlanContext context, Fields fields, string key)
        where T : struct, Enum =>
        Words<T>(context, fields.Take(key), fields.PathOf(key));

    /// <summary>The identities of a list of kinds and group ids; 0 where there is none.</summary>
    public static int Identities(PlanContext context, Fields fields, string key)
    {
        var path = fields.PathOf(key);
        if (context.Scalars.List(fields.Take(key), path, Limits.CasesMax,
            "a list of identities and groups") is not { } list)
            return 0;
        var set = 0;
        for (var i = 0; i < list.Items.Count; i++)
            if (list.Items[i] is ScalarNode scalar && context.Groups.TryGetValue(scalar.Text, out var group))
                set |= group.Identities;
            else if (context.Scalars.Word<IdentityKind>(list.Items[i], $"{path}[{i}]") is { } kind)
                set |= Condition.Bit((int)kind);
        return set;
    }

    static int Words<T>(PlanContext context, Node? node, string path)
        where T : struct, Enum
    {
        if (context.Scalars.List(node, path, Limits.CasesMax, "a list: " + Spellings<T>.Form) is not { } list)
            return 0;
        var set = 0;
        for (var i = 0; i < list.Items.Count; i++)
            if (context.Scalars.Word<T>(list.Items[i], $"{path}[{i}]") is { } word)
                set |= Condition.Bit(Convert.ToInt32(word));
        return set;
    }

    static int Levels(PlanContext context, Fields fields)
    {
        var path = fields.PathOf("facility_levels");
        if (context.Scalars.List(fields.Take("facility_levels"), path, 3, "a list of levels 1 to 3") is not { } list)
            return 0;
        var set = 0;
        for (var i = 0; i < list.Items.Count; i++)
            if (context.Scalars.Count(list.Items[i], $"{path}[{i}]", 1, 3) is { } level)
                set |= Condition.Bit(level);
        return set;
    }

    static DaySpan Discharged(PlanContext context, Fields parent)
    {
        var path = parent.PathOf("discharged");
        if (Fields.Of(parent.Take("discharged"), path, context.Findings) is not { } fields)
            return default;
        var days = context.Days(fields);
        fields.Close();
        return days;
    }

    /// <summary>{ id, at_least }; without a bound it asks only whether a value was entered.</summary>
    static ParameterTest? Test(PlanContext context, Fields parent)
    {
        var path = parent.PathOf("parameter");
        if (Fields.Of(parent.Take("parameter"), path, context.Findings) is not { } fields)
            return null;
        var parameter = context.Parameter(
            fields.Take("id", required: true, "the id of a parameter"), fields.PathOf("id"), null);
        var node = fields.Take("at_least");
        var bound = parameter?.Unit == ParameterUnit.Money
            ? context.Scalars.Money(node, fields.PathOf("at_least"))?.Fen
            : context.Scalars.Rate(node, fields.PathOf("at_least"))?.BasisPoints;
        fields.Close();
        return parameter is null ? null : new ParameterTest(parameter, bound ?? 0);
    }
}
