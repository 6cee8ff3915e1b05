using SettlementGrid.Plans;

namespace SettlementGrid.PlanFiles;

/// <summary>
/// Reads a whole plan. What others refer to (parameters, groups) is read before those who refer to it.
/// </summary>
static class PlanReader
{
    public static Plan? Read(PlanContext context, Fields fields)
    {
        var scalars = context.Scalars;
        CheckFormat(context, fields);
        var id = scalars.Id(fields.Take("id", required: true, "the plan's id"), fields.PathOf("id"));
        var name = context.Name(fields);
        var kind = scalars.Word<PlanKind>(fields.Take("kind", required: true, Spellings<PlanKind>.Form), "kind");
        var order = scalars.Count(fields.Take("order", required: true, "a number from 0 to 9999"), "order", 0, 9999);
        var region = context.Region(fields);
        var effective = Effective(context, fields);
        var sample = scalars.Flag(fields.Take("sample"), "sample") ?? false;
        var template = scalars.Flag(fields.Take("template"), "template") ?? false;
        scalars.Text(fields.Take("source"), "source", Limits.RemarkLengthMax);
        var remarks = Remarks(context, fields);
        var districts = DistrictReader.Read(context, fields);
        ParameterReader.Read(context, fields, template);
        GroupReader.Read(context, fields);
        var coverStart = ConditionReader.Identities(context, fields, "identities_as_of_cover_start");
        CheckReader.Read(context, fields);
        var basic = Basic(context, fields);
        var layers = Layers(context, fields);
        var shared = SharedCapReader.Read(context, fields, LayerIds(fields));
        fields.Close();
        Check(context, fields, basic, layers, shared);
        if (id is null || kind is null || order is null || region is null || context.Findings.HasErrors)
            return null;
        return new Plan(id, name.Zh, name.En, kind.Value, order.Value, region, effective, sample)
        {
            Template = template, Districts = districts, Layers = layers, Basic = basic, SharedCaps = shared,
            Parameters = [.. context.Parameters.Values], IdentitiesAtCoverStart = coverStart,
            IdentityGroups = [.. context.Groups.Values], Remarks = [.. remarks, .. context.Remarks],
        };
    }

    static void CheckFormat(PlanContext context, Fields fields)
    {
        var node = fields.Take("format", required: true, PlanFile.Format);
        if (node is not null && context.Scalars.Text(node, "format") is { } format && format != PlanFile.Format)
            context.Findings.Error(node.Place, "format", $"不支持的格式“{format}”", $"the format '{format}' is not known",
                PlanFile.Format);
    }

    static DaySpan Effective(PlanContext context, Fields parent)
    {
        var node = parent.Take("effective", required: true, "{ from: YYYY-MM-DD, to: YYYY-MM-DD, clause: … }");
        if (Fields.Of(node, "effective", context.Findings) is not { } fields)
            return default;
        var days = context.Days(fields);
        if (!fields.Has("from"))
            context.Findings.Error(fields.Place, "effective.from", "缺少“from”", "'from' is missing",
                "the first discharge date");
        context.Clause(fields);
        fields.Close();
        return days;
    }

    /// <summary>Readings that belong to no single number.</summary>
    static List<Remark> Remarks(PlanContext context, Fields parent)
    {
        var remarks = new List<Remark>();
        if (context.Scalars.List(parent.Take("readings"), "readings", Limits.CasesMax,
            "a list of { clause, text }") is not { } list)
            return remarks;
        for (var i = 0; i < list.Items.Count; i++)
        {
            if (Fields.Of(list.Items[i], $"readings[{i}]", context.Findings) is not { } fields)
                continue;
            var clause = context.Scalars.Text(fields.Take("clause", required: true, "a clause"),
                fields.PathOf("clause"));
            var text = context.Scalars.Text(fields.Take("text", required: true, "the reading"), fields.PathOf("text"),
                Limits.RemarkLengthMax);
            fields.Close();
            if (clause is not null && text is not null)
                remarks.Add(new Remark($"readings[{i}]", clause, text));
        }
        return remarks;
    }

    static BasicPool Basic(PlanContext context, Fields parent)
    {
        if (Fields.Of(parent.Take("basic"), "basic", context.Findings) is not { } fields)
            return BasicPool.None;
        var caps = LayerReader.Caps(context, fields, "cap");
        var fundCodes = LayerReader.FundCodes(context, fields, required: false);
        fields.Close();
        return new BasicPool(caps, fundCodes, caps.Length == 0 ? "" : caps[0].Clause);
    }

    static List<Layer> Layers(PlanContext context, Fields fields)
    {
        var layers = new List<Layer>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var node = fields.Take("layers", required: true, "a list of layers");
        if (context.Scalars.List(node, "layers", Limits.LayersMax, "a list of layers") is not { } list)
            return layers;
        for (var i = 0; i < list.Items.Count; i++)
        {
            var path = $"layers[{i}]";
            CheckIdIsNew(context, list.Items[i], path, seen);
            if (LayerReader.Read(context, list.Items[i], path) is { } layer)
                layers.Add(layer);
        }
        return layers;
    }

    // From the tree too, so that a reference is judged even where its layer has faults.
    static List<string> LayerIds(Fields fields) =>
        fields.Take("layers") is not ListNode list ? []
            : [.. list.Items.Select(item =>
                (item as MapNode)?.Entries.FirstOrDefault(e => e.Key == "id").Value is ScalarNode id ? id.Text : "")];

    // Seen in the tree and not in the layers that could be read: a doubled id shows even where the layer has other
    // faults.
    static void CheckIdIsNew(PlanContext context, Node node, string path, HashSet<string> seen)
    {
        if (node is not MapNode map)
            return;
        foreach (var entry in map.Entries)
            if (entry is { Key: "id", Value: ScalarNode id } && !seen.Add(id.Text))
                context.Findings.Error(id.Place, $"{path}.id", $"层级标识“{id.Text}”重复",
                    $"the layer id '{id.Text}' stands twice", "each id once");
    }

    /// <summary>What holds only between parts of a plan; asked once each part is sound.</summary>
    static void Check(PlanContext context, Fields fields, BasicPool basic, List<Layer> layers, List<SharedCap> shared)
    {
        if (context.Findings.HasErrors)
            return;
        if (basic.Caps.Length == 0 && layers.Exists(l => l.OverCap == OverCapSource.FromBasicCap))
            context.Findings.Error(fields.PlaceOf("layers"), "basic.cap", "over_cap: FROM_BASIC_CAP 需要 basic.cap",
                "a layer has over_cap: FROM_BASIC_CAP, but the plan has no basic.cap",
                "basic: { cap: { amount, clause } }");
        for (var i = 0; i < layers.Count; i++)
            if (layers.Exists(layer => layer.StartMeasure is not null && layer.StartId == layers[i].Id))
                context.Findings.Error(fields.PlaceOf("layers"), $"layers[{i}].id",
                    $"“{layers[i].Id}”是另一层起付线累计的标识",
                    $"'{layers[i].Id}' is where the start of another layer is kept", "another id");
        OfPaymentsAlone(context, fields, "basic", "basic.cap", basic.Caps);
        foreach (var cap in shared)
            OfPaymentsAlone(context, fields, "shared_caps", "shared_caps", cap.Caps);
        for (var i = 0; i < layers.Count; i++)
            if (layers[i].IsBasic
                && (layers[i].Measure != Measure.Eligible || (i > 0 && !layers[i - 1].IsBasic)
                    || Array.Exists(layers[i].Caps, cap => cap.Value.On == CapOn.Cost)))
                context.Findings.Error(fields.PlaceOf("layers"), $"layers[{i}].basic",
                    "基本医保层须在其他各层之前，measure 为 ELIGIBLE，限额为支付限额",
                    "a basic layer stands before all others, measures ELIGIBLE and caps payments",
                    "the basic layers first, each with measure: ELIGIBLE and no cap on COST");
        foreach (var cap in shared)
            if (cap.Layers.Select(index => layers[index].Period).Distinct().Count() > 1)
                context.Findings.Error(fields.PlaceOf("shared_caps"), "shared_caps", "共用限额的各层须为同一期间",
                    "the layers of a shared cap have different periods", "layers with the same period");
    }

    // Cost is measured above one layer's start: of several layers, or of the pool, there is none. A warning only, since
    // texts that were published before it was one must stay readable.
    static void OfPaymentsAlone(PlanContext context, Fields fields, string key, string path, Case<Cap>[] caps)
    {
        if (Array.Exists(caps, cap => cap.Value.On == CapOn.Cost))
            context.Findings.Warning(fields.PlaceOf(key), path, "此处限额按支付计算，on: COST 不起作用",
                "limits payments: 'on: COST' has no effect here",
                "no 'on', or on: PAYMENT");
    }
}
