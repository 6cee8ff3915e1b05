using SettlementGrid.Plans;

namespace SettlementGrid.PlanFiles;

/// <summary>Reads `identity_groups:`, a mapping from the group's id to its names and identities.</summary>
static class GroupReader
{
    public static void Read(PlanContext context, Fields parent)
    {
        var node = parent.Take("identity_groups");
        if (node is null)
            return;
        if (node is not MapNode map || map.Entries.Count > Limits.CasesMax)
        {
            context.Findings.Error(node.Place, "identity_groups", "身份分组应为键值表",
                "identity_groups must be a mapping by id", "a mapping");
            return;
        }
        foreach (var entry in map.Entries)
        {
            var path = Fields.PathOf("identity_groups", entry.Key);
            if (Spellings<IdentityKind>.All.ContainsKey(entry.Key))
                context.Findings.Error(entry.Place, path, $"“{entry.Key}”是身份的名称",
                    $"'{entry.Key}' is the name of an identity", "another id");
            if (Fields.Of(entry.Value, path, context.Findings) is not { } fields)
                continue;
            var name = context.Name(fields);
            context.Clause(fields);
            if (!fields.Has("identities"))
                context.Findings.Error(fields.Place, path, "缺少“identities”", "'identities' is missing",
                    Spellings<IdentityKind>.Form);
            var identities = ConditionReader.Identities(context, fields, "identities");
            fields.Close();
            context.Groups[entry.Key] = new IdentityGroup(entry.Key, name.Zh, name.En, identities);
        }
    }
}
