using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace SettlementGrid.Faults.Hostile.Fuzzing;

/// <summary>One field of a message, wherever it lies, gets a value at or beyond the edge of what is allowed.</summary>
static class FieldMutation
{
    const int RepeatsMax = 3_000;
    const int RepeatedOften = 12;

    /// <summary>At and beyond the edges of amounts, numbers and times.</summary>
    public static IReadOnlyList<long> Numbers { get; } =
    [
        0, 1, -1, 10_000_000_000_000, 10_000_000_000_001, 9_999_999_999_999, int.MaxValue, int.MinValue, long.MaxValue,
        long.MinValue, long.MaxValue - 1, 253_402_300_800, -62_135_596_801,
    ];

    /// <summary>What is no id, date or plan, and what a program might take for a statement or a path.</summary>
    public static IReadOnlyList<string> Texts { get; } =
    [
        "", "'; DROP TABLE ledger.entries; --", "x' OR '1'='1", "a\0b", "P\u202E1", "张三", "１２３", "２０２５-０１-０１",
        "../../etc/passwd", "a\r\nX-Injected: y", "%00%0d%0a", "{{7*7}}", "${jndi:ldap://127.0.0.1/x}", "\uFFFE", "-0",
        "NaN", "1e30", "9999-12-31", "0000-00-00", "2025-02-30", new('E', 65), new('E', 10_000), new('名', 3_000),
    ];

    static readonly int[] s_enums = [99, -1, int.MaxValue, int.MinValue, 64, 63];

    /// <summary>Says what it did.</summary>
    public static string Apply(IMessage message, Random draw)
    {
        var places = Places(message);
        if (places.Count == 0)
            return "nothing to change";
        var (of, field) = places[draw.Next(places.Count)];
        if (field.IsRepeated)
            return Repeat((IList)field.Accessor.GetValue(of), field, draw);
        object? value = field.FieldType switch
        {
            FieldType.String => Texts[draw.Next(Texts.Count)],
            FieldType.Int64 => Numbers[draw.Next(Numbers.Count)],
            FieldType.Int32 => (int)Math.Clamp(Numbers[draw.Next(Numbers.Count)], int.MinValue, int.MaxValue),
            FieldType.Enum => s_enums[draw.Next(s_enums.Length)],
            FieldType.Bool => draw.Next(2) == 0,
            _ => null,
        };
        if (value is null)
            field.Accessor.Clear(of);
        else
            field.Accessor.SetValue(of, value);
        var text = value?.ToString() ?? "left out";
        return $"{field.FullName} = {(text.Length > 40 ? $"{text[..8]}… of {text.Length}" : text)}";
    }

    /// <summary>Every field of a message and of those in it, with its message; always in the same order.</summary>
    public static List<(IMessage Message, FieldDescriptor Field)> Places(IMessage message)
    {
        var places = new List<(IMessage, FieldDescriptor)>();
        Collect(message, places);
        return places;
    }

    /// <summary>Whether it holds a time that JSON cannot say.</summary>
    public static bool HasNoJson(IMessage message) => Places(message).Exists(place =>
        place.Message is Google.Protobuf.WellKnownTypes.Timestamp time
        && (time.Seconds is < -62_135_596_800 or > 253_402_300_799 || time.Nanos is < 0 or > 999_999_999));

    static string Repeat(IList list, FieldDescriptor field, Random draw)
    {
        if (list.Count == 0 || draw.Next(3) == 0)
        {
            list.Clear();
            return $"no {field.FullName}";
        }
        // Thousands are rare: they take as long as thousands.
        var count = draw.Next(RepeatedOften) == 0 ? draw.Next(RepeatsMax) : draw.Next(1, 5);
        for (var i = 0; i < count; i++)
            list.Add(list[0]);
        return $"{count} more {field.FullName}";
    }

    static void Collect(IMessage message, List<(IMessage, FieldDescriptor)> into)
    {
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            if (field.IsMap)
                continue;
            into.Add((message, field));
            if (field.FieldType != FieldType.Message)
                continue;
            if (field.Accessor.GetValue(message) is IList list)
            {
                foreach (var one in list)
                    Collect((IMessage)one!, into);
            }
            else if (field.Accessor.GetValue(message) is IMessage inner)
            {
                Collect(inner, into);
            }
        }
    }
}
