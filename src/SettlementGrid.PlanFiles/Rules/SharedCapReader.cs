using SettlementGrid.Plans;

namespace SettlementGrid.PlanFiles;

/// <summary>Reads `shared_caps:`, caps over several layers of one period length.</summary>
static class SharedCapReader
{
    public static List<SharedCap> Read(PlanContext context, Fields parent, List<string> layerIds)
    {
        var shared = new List<SharedCap>();
        if (context.Scalars.List(parent.Take("shared_caps"), "shared_caps", Limits.CasesMax,
            "a list of { layers, cap }") is not { } list)
            return shared;
        for (var i = 0; i < list.Items.Count; i++)
        {
            if (Fields.Of(list.Items[i], $"shared_caps[{i}]", context.Findings) is not { } fields)
                continue;
            var indexes = Indexes(context, fields, layerIds);
            var caps = LayerReader.Caps(context, fields, "cap", required: true);
            fields.Close();
            if (caps.Length > 0)
                shared.Add(new SharedCap(indexes, caps, caps[0].Clause));
        }
        return shared;
    }

    static int[] Indexes(PlanContext context, Fields fields, List<string> layerIds)
    {
        var path = fields.PathOf("layers");
        var node = fields.Take("layers", required: true, "a list of layer ids");
        if (context.Scalars.List(node, path, Limits.LayersMax, "a list of layer ids") is not { } list)
            return [];
        var indexes = new List<int>(list.Items.Count);
        for (var i = 0; i < list.Items.Count; i++)
        {
            if (context.Scalars.Id(list.Items[i], $"{path}[{i}]") is not { } id)
                continue;
            var index = layerIds.IndexOf(id);
            if (index >= 0)
                indexes.Add(index);
            else
                context.Scalars.WordUnknown<int>((ScalarNode)list.Items[i], $"{path}[{i}]", layerIds,
                    "the id of a layer of this plan");
        }
        return [.. indexes];
    }
}
