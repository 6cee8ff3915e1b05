using SettlementGrid.Plans;

namespace SettlementGrid.Import.Reading;

/// <summary>The header's reading: which table the file holds, and where each of its columns stands.</summary>
/// <param name="At">By the order in which the table names its columns.</param>
sealed record Columns(bool IsRoster, int[] At)
{
    public static readonly string[] Roster = ["enrollee_id", "region_id", "insurance", "coverages", "identities"];

    public static readonly string[] OpeningBalances =
        ["enrollee_id", "plan_id", "layer_id", "period", "position_fen", "paid_fen", "basic_paid_fen", "source"];

    /// <summary>The order of columns is free; every one must stand once, and none else.</summary>
    public static (Columns? Columns, Refusal? Refusal) Of(ReadOnlySpan<char> line)
    {
        Span<Range> ranges = stackalloc Range[OpeningBalances.Length + 2];
        var header = CsvLine.Of(line, ranges);
        if (header.IsBroken || header.Count > OpeningBalances.Length + 1)
            return (null, Unknown("首行无法识别", "The first line is no header of ours"));
        var names = new List<string>(header.Count);
        for (var i = 0; i < header.Count; i++)
            names.Add(header[i].Trim().ToString());
        var isRoster = !names.Contains("plan_id");
        var wanted = isRoster ? Roster : OpeningBalances;
        foreach (var name in names)
        {
            if (!wanted.Contains(name))
                return (null, Unknown($"首行有不认识的列“{name}”", $"The header has an unknown column '{name}'"));
            if (names.Count(n => n == name) > 1)
                return (null, Unknown($"首行的列“{name}”重复", $"The header names the column '{name}' twice"));
        }
        foreach (var name in wanted)
            if (!names.Contains(name))
                return (null, Unknown($"首行缺少列“{name}”", $"The header lacks the column '{name}'"));
        return (new Columns(isRoster, [.. wanted.Select(name => names.IndexOf(name))]), null);
    }

    static Refusal Unknown(string zh, string en) => new(
        RefusalReason.MalformedRequest,
        $"{zh}；名单文件的首行为 {string.Join(',', Roster)}，期初累计文件的首行为 {string.Join(',', OpeningBalances)}",
        $"{en}; a roster begins with {string.Join(',', Roster)} and opening balances with "
        + string.Join(',', OpeningBalances));
}
