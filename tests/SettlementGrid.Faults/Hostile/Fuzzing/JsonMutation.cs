using System.Text;
using System.Text.RegularExpressions;

namespace SettlementGrid.Faults.Hostile.Fuzzing;

/// <summary>Damage to a request in JSON.</summary>
static partial class JsonMutation
{
    const int DepthMax = 10_000;

    static readonly string[] s_values =
    [
        "NaN", "Infinity", "-Infinity", "\"NaN\"", "1e30", "1e400", "-1e400", "1000000000000000000000000000000", "-0",
        "\"-0\"", "-1", "\"-1\"", "1.5", "\"1.5\"", "0.1e1", "9223372036854775807",
        "\"9223372036854775808\"", "-9223372036854775809",
        "\"１２３\"", "１２３", "0x10", "010", "+1", "null", "true", "{}", "[]", "[[]]", "\"\"",
        "\"\\u0000\"", "\"\\ud800\"", "\"\\udc00x\"",
        "\"\\u202e\"", "\"\\x\"", "\"2025-02-30\"", "\"'; DROP TABLE ledger.entries; --\"", "'single'", "\"unfinished",
        "\"UNKNOWN_NAME\"", "99", "\"10000-01-01T00:00:00Z\"", "\"2025-01-01T00:00:00+99:99\"",
    ];

    /// <summary>The text as bytes, damaged in one way.</summary>
    public static (byte[] Bytes, string What) Apply(string json, Random draw)
    {
        switch (draw.Next(12))
        {
            case 0:
                return (Encoding.UTF8.GetBytes(json[..draw.Next(json.Length + 1)]), "JSON cut off");
            case 1:
                var changed = Encoding.UTF8.GetBytes(json);
                changed[draw.Next(changed.Length)] = (byte)draw.Next(256);
                return (changed, "a byte of JSON replaced");
            case 2:
                return (Encoding.UTF8.GetBytes(Deep(draw)), "deep JSON");
            case 3:
                return (Encoding.UTF8.GetBytes(Replaced(json, draw, _ => Deep(draw))), "deep JSON as a value");
            case 4:
                return (Encoding.UTF8.GetBytes(Twice(json, draw)), "a key twice");
            case 5:
                return (Encoding.UTF8.GetBytes(json.Insert(1, "\"unknown_field\": 1, ")), "unknown field");
            case 6:
                return (Encoding.UTF8.GetBytes("\uFEFF" + json + (draw.Next(2) == 0 ? "" : "{}")), "byte order mark");
            case 7:
                return (
                    Encoding.UTF8.GetBytes(Replaced(json, draw, _ => $"\"{new string('E', draw.Next(70_000))}\"")),
                    "long text");
            case 8:
                return (
                    Encoding.UTF8.GetBytes(Replaced(json, draw, _ => new string('9', draw.Next(20, 5_000)))),
                    "long number");
            default:
                var value = s_values[draw.Next(s_values.Length)];
                return (Encoding.UTF8.GetBytes(Replaced(json, draw, _ => value)), $"value {value}");
        }
    }

    static string Replaced(string json, Random draw, MatchEvaluator by)
    {
        var values = Values().Matches(json);
        if (values.Count == 0)
            return by(Match.Empty);
        var at = values[draw.Next(values.Count)];
        return $"{json[..(at.Index + 1)]} {by(at)}{json[(at.Index + at.Length)..]}";
    }

    static string Deep(Random draw)
    {
        var depth = draw.Next(50, DepthMax);
        return draw.Next(2) == 0
            ? new string('[', depth) + new string(']', draw.Next(2) * depth)
            : string.Concat(Enumerable.Repeat("{\"requests\":", depth / 10));
    }

    static string Twice(string json, Random draw)
    {
        var pairs = Pairs().Matches(json);
        return pairs.Count == 0 ? json + json : json.Insert(pairs[0].Index, pairs[draw.Next(pairs.Count)].Value + ", ");
    }

    [GeneratedRegex(""": *("[^"]*"|[-0-9.]+|true|false)""")]
    private static partial Regex Values();

    [GeneratedRegex(""""[a-zA-Z_]+": *("[^"]*"|[-0-9.]+|true|false)"""")]
    private static partial Regex Pairs();
}
