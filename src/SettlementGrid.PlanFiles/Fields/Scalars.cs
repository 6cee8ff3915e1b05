using System.Globalization;
using System.Text;
using SettlementGrid.Plans;

namespace SettlementGrid.PlanFiles;

/// <summary>
/// Single values of a plan file, each read strictly in one spelling: money in yuan with at most two decimals, rates
/// with a percent sign, days as YYYY-MM-DD, words of closed lists in capitals. What does not fit is a finding and null.
/// </summary>
sealed class Scalars(FindingList findings)
{
    const string MoneyForm = "yuan, as 14000 or 14000.50, at most 100000000000";
    const string RateForm = "0% to 100% with at most two decimals, as 90% or 66.5%";

    public FindingList Findings { get; } = findings;

    public string? Text(Node? node, string path, int lengthMax = Limits.NameLengthMax)
    {
        if (Scalar(node, path, "text") is not { } scalar)
            return null;
        var text = scalar.Text.Trim();
        if (text.Length > lengthMax)
            return Fail<string>(scalar, path, $"文字过长（{text.Length} 个字符）",
                $"the text is too long ({text.Length} characters)",
                $"at most {lengthMax} characters");
        foreach (var c in text)
            if (char.IsControl(c) && c is not '\n')
                return Fail<string>(scalar, path, "文字含有控制字符", "the text has control characters",
                    "no control characters");
        return text;
    }

    /// <summary>An id of a plan, layer, parameter or group: it stands in requests and in the ledger.</summary>
    public string? Id(Node? node, string path)
    {
        const string form = "1–64 of 0-9 A-Z a-z . _ : -";
        if (Text(node, path) is not { } id)
            return null;
        foreach (var c in id)
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or ':' or '-'))
                return Fail<string>(node!, path, $"标识“{id}”含有不允许的字符",
                    $"the id '{id}' has a character that is not allowed", form);
        return id.Length is > 0 and <= 64 ? id
            : Fail<string>(node!, path, "标识长度不符", "the id is empty or too long", form);
    }

    public Money? Money(Node? node, string path)
    {
        if (Scalar(node, path, MoneyForm) is not { } scalar)
            return null;
        var text = scalar.Text;
        if (!decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var yuan)
            || !char.IsAsciiDigit(text[0]) || !char.IsAsciiDigit(text[^1]))
            return FailValue<Money>(scalar, path, $"“{text}”不是金额", $"'{text}' is not an amount", MoneyForm);
        if (yuan > 100_000_000_000m || yuan * 100m != decimal.Truncate(yuan * 100m))
            return FailValue<Money>(scalar, path, $"金额“{text}”超出范围或小数过多",
                $"the amount '{text}' is out of range or has too many decimals",
                MoneyForm);
        return Plans.Money.Yuan(yuan);
    }

    public Rate? Rate(Node? node, string path)
    {
        if (Scalar(node, path, RateForm) is not { } scalar)
            return null;
        var text = scalar.Text;
        if (!text.EndsWith('%') || text.Length < 2 || !char.IsAsciiDigit(text[0]) || !char.IsAsciiDigit(text[^2])
            || !decimal.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint,
                CultureInfo.InvariantCulture, out var percent))
            return FailValue<Rate>(scalar, path, $"“{text}”不是比例", $"'{text}' is not a rate", RateForm);
        if (percent > 100m || percent * 100m != decimal.Truncate(percent * 100m))
            return FailValue<Rate>(scalar, path, $"比例“{text}”超出范围", $"the rate '{text}' is out of range", RateForm);
        return new Rate((int)(percent * 100m));
    }

    public DateOnly? Day(Node? node, string path)
    {
        const string form = "a day as YYYY-MM-DD";
        if (Scalar(node, path, form) is not { } scalar)
            return null;
        return DateOnly.TryParseExact(scalar.Text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None,
            out var day)
            ? day
            : FailValue<DateOnly>(scalar, path, $"“{scalar.Text}”不是日期", $"'{scalar.Text}' is not a day", form);
    }

    public bool? Flag(Node? node, string path) =>
        Scalar(node, path, "true or false") is not { } scalar ? null
        : scalar is { Quoted: false, Text: "true" } ? true
        : scalar is { Quoted: false, Text: "false" } ? false
        : FailValue<bool>(scalar, path, $"“{scalar.Text}”应为 true 或 false", $"'{scalar.Text}' is neither true nor false",
            "true or false");

    public int? Count(Node? node, string path, int min, int max)
    {
        var form = $"a whole number from {min} to {max}";
        if (Scalar(node, path, form) is not { } scalar)
            return null;
        return int.TryParse(scalar.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= min
            && count <= max
            ? count
            : FailValue<int>(scalar, path, $"“{scalar.Text}”不是 {min} 至 {max} 的整数", $"'{scalar.Text}' is not {form}",
                form);
    }

    public T? Word<T>(Node? node, string path)
        where T : struct, Enum =>
        Scalar(node, path, Spellings<T>.Form) is not { } scalar ? null
        : Spellings<T>.All.TryGetValue(scalar.Text, out var value) ? value
        : WordUnknown<T>(scalar, path, Spellings<T>.All.Keys, Spellings<T>.Form);

    public T? WordUnknown<T>(ScalarNode scalar, string path, IEnumerable<string> known, string form)
        where T : struct
    {
        var meant = Spelling.Nearest(scalar.Text, known);
        return FailValue<T>(scalar, path,
            $"未知的词“{scalar.Text}”" + (meant is null ? "" : $"，是否为“{meant}”？"),
            $"unknown word '{scalar.Text}'" + (meant is null ? "" : $"; did you mean '{meant}'?"), form);
    }

    public ListNode? List(Node? node, string path, int countMax, string expected)
    {
        if (node is null)
            return null;
        if (node is not ListNode list)
            return Fail<ListNode>(node, path, $"这里应为列表，实为{node.KindZh}", $"a list is expected here, not {node.KindEn}",
                expected);
        if (list.Items.Count == 0)
            return Fail<ListNode>(node, path, "列表为空", "the list is empty", expected);
        return list.Items.Count <= countMax ? list
            : Fail<ListNode>(node, path, $"列表超过 {countMax} 项", $"the list has more than {countMax} items",
                $"at most {countMax} items");
    }

    ScalarNode? Scalar(Node? node, string path, string expected)
    {
        if (node is null or ScalarNode)
            return node as ScalarNode;
        return Fail<ScalarNode>(node, path, $"这里应为单个值，实为{node.KindZh}",
            $"a single value is expected here, not {node.KindEn}", expected);
    }

    T? Fail<T>(Node node, string path, string zh, string en, string expected)
        where T : class
    {
        Findings.Error(node.Place, path, zh, en, expected);
        return null;
    }

    T? FailValue<T>(ScalarNode node, string path, string zh, string en, string expected)
        where T : struct
    {
        Findings.Error(node.Place, path, zh, en, expected);
        return null;
    }
}

/// <summary>The spelling of a closed list's words in plan files: OUT_OF_PROVINCE for OutOfProvince.</summary>
static class Spellings<T>
    where T : struct, Enum
{
    public static readonly Dictionary<string, T> All = Enum.GetValues<T>()
        .Where(v => v.ToString() != "None")
        .ToDictionary(v => Spell(v.ToString()), v => v, StringComparer.Ordinal);

    public static readonly string Form = "one of " + string.Join(", ", All.Keys);

    static string Spell(string name)
    {
        var spelt = new StringBuilder(name.Length + 4);
        for (var i = 0; i < name.Length; i++)
        {
            if (i > 0 && char.IsUpper(name[i]))
                spelt.Append('_');
            spelt.Append(char.ToUpperInvariant(name[i]));
        }
        return spelt.ToString();
    }
}
