using SettlementGrid.Plans;

namespace SettlementGrid.PlanFiles;

/// <summary>Reads `districts:`, the regions that keep separate books.</summary>
static class DistrictReader
{
    public static List<District> Read(PlanContext context, Fields parent)
    {
        var districts = new List<District>();
        if (Fields.Of(parent.Take("districts"), "districts", context.Findings) is not { } fields)
            return districts;
        context.Clause(fields);
        var node = fields.Take("regions", required: true, "a list of { region, name }");
        if (context.Scalars.List(node, "districts.regions", Limits.DistrictsMax,
            "a list of { region, name }") is { } list)
            for (var i = 0; i < list.Items.Count; i++)
                if (One(context, list.Items[i], $"districts.regions[{i}]") is { } district)
                    districts.Add(district);
        fields.Close();
        return districts;
    }

    static District? One(PlanContext context, Node node, string path)
    {
        if (Fields.Of(node, path, context.Findings) is not { } fields)
            return null;
        var region = context.Region(fields);
        var name = context.Scalars.Text(fields.Take("name", required: true, "the district's name"),
            fields.PathOf("name"));
        fields.Close();
        return region is null || name is null ? null : new District(region, name);
    }
}
