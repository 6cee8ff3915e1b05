using SettlementGrid.Plans;

namespace SettlementGrid.PlanFiles;

/// <summary>
/// Reads bands { from, to, rate }. From and to stand on every line so that a reader sees the whole band; the first
/// begins at `start`, each next where the one before ended: gaps and overlaps are refused with both figures.
/// </summary>
static class BandReader
{
    public static (bool Read, BandSet Value) Read(PlanContext context, Fields parent)
    {
        var path = parent.PathOf("bands");
        if (context.Scalars.Flag(parent.Take("not_covered"), parent.PathOf("not_covered")) == true)
        {
            if (parent.Take("bands") is { } both)
                context.Findings.Error(both.Place, path, "not_covered 与 bands 不能同时给出",
                    "'not_covered' and 'bands' cannot stand together", "one of them");
            return (true, BandSet.NotCovered);
        }
        var node = parent.Take("bands", required: true, "a list of { from, to, rate }");
        if (context.Scalars.List(node, path, Limits.BandsMax, "a list of { from, to, rate }") is not { } list)
            return default;
        var bands = new List<Band>(list.Items.Count);
        AmountSource? end = null;
        var ended = false;
        for (var i = 0; i < list.Items.Count; i++)
        {
            var at = $"{path}[{i}]";
            if (Fields.Of(list.Items[i], at, context.Findings) is not { } fields)
                continue;
            var isLast = i == list.Items.Count - 1;
            From(context, fields, i == 0, ended ? null : end);
            var to = context.Amount(fields.Take("to"), fields.PathOf("to"));
            if (!fields.Has("to") && !isLast)
                context.Findings.Error(fields.Place, at, "只有最后一段可以没有上限", "only the last band may be open above",
                    "to: the upper edge");
            if (to is { } upTo && end is { Parameter: null } && upTo.Parameter is null && upTo.Fixed <= end.Value.Fixed)
                context.Findings.Error(fields.PlaceOf("to"), fields.PathOf("to"),
                    $"上限 {upTo.Fixed} 元不高于下限 {end.Value.Fixed} 元",
                    $"the upper edge of {upTo.Fixed} yuan is not above the lower of {end.Value.Fixed}",
                    "an ascending edge");
            if (isLast && to is not null)
                context.Findings.Warning(fields.PlaceOf("to"), fields.PathOf("to"), "最后一段有上限：以上部分不予支付",
                    "the last band ends: nothing is paid above it", "no 'to' in the last band");
            if (context.RateOf(fields.Take("rate", required: true, "a rate, as 90%"),
                fields.PathOf("rate")) is { } rate)
                bands.Add(new Band(to, rate));
            fields.Close();
            (end, ended) = (to, to is null);
        }
        return (bands.Count == list.Items.Count, new BandSet([.. bands]));
    }

    static void From(PlanContext context, Fields fields, bool isFirst, AmountSource? end)
    {
        var path = fields.PathOf("from");
        var node = fields.Take("from", required: true, isFirst ? "start" : "where the band before ends");
        if (node is null)
            return;
        if (isFirst || node is ScalarNode { Text: "start" })
        {
            if (!isFirst || node is not ScalarNode { Text: "start" })
                context.Findings.Error(node.Place, path, "第一段且仅第一段从 start 开始",
                    "the first band, and only the first, begins at 'start'",
                    isFirst ? "start" : "where the band before ends");
            return;
        }
        if (context.Amount(node, path) is not { } from || end is not { } before || from == before)
            return;
        if (from.Parameter is null && before.Parameter is null && from.Fixed < before.Fixed)
            context.Findings.Error(node.Place, path, $"与前一段重叠：前一段至 {before.Fixed} 元，本段从 {from.Fixed} 元起",
                $"overlaps the band before, which ends at {before.Fixed} yuan, while this begins at {from.Fixed}",
                $"{before.Fixed.Fen / 100m:0.##}");
        else if (from.Parameter is null && before.Parameter is null)
            context.Findings.Error(node.Place, path, $"与前一段之间有空档：{before.Fixed} 元至 {from.Fixed} 元",
                $"leaves a gap from {before.Fixed} to {from.Fixed} yuan",
                $"{before.Fixed.Fen / 100m:0.##}, or a band at 0% between");
        else
            context.Findings.Error(node.Place, path, "下限须与前一段的上限相同",
                "must be the same as the upper edge of the band before",
                "the same parameter and share");
    }
}
