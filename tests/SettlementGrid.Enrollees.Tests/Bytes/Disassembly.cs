using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using SettlementGrid.Plans;

namespace SettlementGrid.Enrollees.Tests.Bytes;

/// <summary>
/// A second reading of the canonical bytes, written from the format and not from its codec: every field on a line, its
/// bytes before it. The golden files are its output; their bytes are what the codec is held to.
/// </summary>
sealed class Disassembly
{
    const int BytesWide = 34;

    readonly byte[] _bytes;
    readonly StringBuilder _text = new();
    readonly List<string> _strings = [];
    int _at;
    int _from;
    int _format;

    Disassembly(byte[] bytes) => _bytes = bytes;

    public static string Of(byte[] bytes)
    {
        var d = new Disassembly(bytes);
        d.Entry();
        if (d._at != bytes.Length)
            d.Line("bytes left over");
        d._text.Append("# sha-256 ").Append(Convert.ToHexStringLower(SHA256.HashData(bytes))).Append('\n');
        return d._text.ToString();
    }

    /// <summary>The bytes that a golden file lists.</summary>
    public static byte[] BytesOf(string text) => Convert.FromHexString(string.Concat(
        text.Split('\n').Where(l => l.Length > 0 && l[0] != '#').Select(l => l.Split('|')[0].Replace(" ", ""))));

    void Entry()
    {
        _format = Byte("format");
        var kind = (FactKind)Byte("fact kind", b => ((FactKind)b).ToString());
        var stream = (StreamKind)Byte("stream kind", b => ((StreamKind)b).ToString());
        Text("stream id");
        Signed("version");
        Signed("at", v => DateTimeOffset.FromUnixTimeMilliseconds(v).ToString("O", CultureInfo.InvariantCulture));
        Raw("previous hash", 32);
        if (stream == StreamKind.Person)
            State();
        Fact(kind);
    }

    void State()
    {
        if (Byte("roster known") == 1)
        {
            Text("region");
            Byte("insurance", b => ((Insurance)b).ToString());
            Many("coverages", () =>
            {
                Text("  plan");
                Span("  ");
            });
            Many("identities", () =>
            {
                Byte("  kind", b => ((IdentityKind)b).ToString());
                Span("  ");
            });
        }
        Many("accumulators", () =>
        {
            Key("  ");
            Accumulator("  ");
        });
        if (_format >= 2)
            Many("latest discharges", () => Day("  day"));
    }

    void Fact(FactKind kind)
    {
        switch (kind)
        {
            case FactKind.RosterChanged:
                Byte("aspects", b => ((RosterAspects)b).ToString());
                break;
            case FactKind.OpeningBalanceSet:
                Key("");
                Accumulator("");
                Text("source");
                break;
            case FactKind.Settled or FactKind.Reversed or FactKind.Adjusted:
                Money(kind);
                break;
            case FactKind.Barred:
                Text("facility");
                Text("request id");
                break;
            case FactKind.PlanPublished:
                Text("plan text");
                break;
            case FactKind.FacilityPut:
                Text("facility");
                Text("name");
                Facility();
                break;
            case FactKind.FundRecorded:
                FundRecord();
                break;
        }
    }

    void FundRecord()
    {
        Text("request id");
        Text("region");
        Text("plan");
        Signed("year");
        Byte("kind", b => ((FundRecordKind)b).ToString());
        Signed("amount");
        Signed("persons");
        Day("received");
    }

    void Money(FactKind kind)
    {
        Raw("settlement id", 16);
        foreach (var name in new[] { "request id", "facility", "encounter", "enrollee" })
            Text(name);
        Byte("channel", b => ((Channel)b).ToString());
        Byte("care type", b => ((CareType)b).ToString());
        Byte("stated place (0: none)");
        Byte("filing", b => ((Filing)b).ToString());
        Day("admitted");
        Day("discharged");
        foreach (var name in new[] { "total", "eligible", "basic paid" })
            Signed(name);
        Optional("over-cap eligible");
        foreach (var name in new[] { "prior plans paid", "assistance paid", "unreasonable" })
            Signed(name);
        Byte("drug class (0: none)");
        Text("region of the books");
        Facility();
        Outcome();
        if (kind != FactKind.Adjusted)
            Signed("attempt");
        if (kind == FactKind.Settled && _format >= 2)
            OptionalDay("later discharge");
        if (kind == FactKind.Reversed)
        {
            Text("reversal's request id");
            Text("reversal's facility");
            Raw("reverses", 16);
            Text("reason");
        }
        if (kind == FactKind.Adjusted)
        {
            Raw("adjusts", 16);
            Raw("caused by", 16);
        }
    }

    void Outcome()
    {
        Many("plans counted", () =>
        {
            Text("  plan");
            Signed("  version");
        });
        Many("layers", Layer);
        Many("plans left out", () =>
        {
            Text("  plan");
            Byte("  reason", b => ((LeftOutReason)b).ToString());
        });
        Many("changes", () =>
        {
            Key("  ");
            Accumulator("  ");
        });
        Text("basic fund code");
    }

    void Layer()
    {
        Text("  plan");
        Signed("  plan version");
        Text("  layer");
        Number("  period", PeriodOf);
        Text("  payer");
        Text("  fund code");
        Byte("  care place", b => ((CarePlace)b).ToString());
        foreach (var name in new[] { "base", "position before", "position after" })
            Signed("  " + name);
        Many("  bands", () =>
        {
            Signed("    from");
            Optional("    to");
            Signed("    amount");
            Signed("    rate bp");
            Signed("    paid");
        });
        foreach (var name in new[] { "paid", "paid before", "deductible", "deductible remaining" })
            Signed("  " + name);
        Optional("  cap remaining");
        Byte("  note", b => ((LayerNote)b).ToString());
        Text("  clause");
        if (_format >= 2 && (Byte("  flags (1 basic, 2 start on another measure)") & 2) != 0)
        {
            Signed("  start's position before");
            Signed("  start's position after");
        }
    }

    void Facility()
    {
        Text("facility region");
        Byte("facility level");
        Byte("facility flags (1 public, 2 drg, 4 special disease, 8 registered)");
    }

    void Key(string indent)
    {
        Text(indent + "plan");
        Text(indent + "layer");
        Number(indent + "period", PeriodOf);
    }

    void Accumulator(string indent)
    {
        foreach (var name in new[] { "position", "paid", "basic paid", "cases" })
            Signed(indent + name);
    }

    void Span(string indent)
    {
        OptionalDay(indent + "from");
        OptionalDay(indent + "to");
    }

    void Many(string what, Action item)
    {
        var count = Number(what);
        for (ulong i = 0; i < count; i++)
            item();
    }

    byte Byte(string what, Func<byte, string>? meaning = null)
    {
        var value = _bytes[_at++];
        Line($"{what} {value}{(meaning is null ? "" : " " + meaning(value))}");
        return value;
    }

    ulong Leb()
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = _bytes[_at++];
            value |= (ulong)(next & 127) << shift;
            if (next < 128)
                return value;
        }
    }

    ulong Number(string what, Func<ulong, string>? meaning = null)
    {
        var value = Leb();
        Line($"{what} {(meaning is null ? value.ToString(CultureInfo.InvariantCulture) : meaning(value))}");
        return value;
    }

    void Signed(string what, Func<long, string>? meaning = null)
    {
        var zigzag = Leb();
        var value = (long)(zigzag >> 1) ^ -(long)(zigzag & 1);
        Line($"{what} {(meaning is null ? value.ToString(CultureInfo.InvariantCulture) : meaning(value))}");
    }

    void Optional(string what)
    {
        if (Byte(what + " stated") == 1)
            Signed(what);
    }

    void Day(string what) =>
        Number(what, v => DateOnly.FromDayNumber((int)v).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));

    void OptionalDay(string what) => Number(
        what, v => v == 0 ? "open"
            : DateOnly.FromDayNumber((int)v - 1).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));

    static string PeriodOf(ulong value) => value % 13 == 0 ? $"{value / 13:0000}"
        : $"{value / 13:0000}-{value % 13:00}";

    void Text(string what)
    {
        var head = Leb();
        if ((head & 1) == 1)
        {
            Line($"{what} = string {head >> 1} \"{_strings[(int)(head >> 1)]}\"");
            return;
        }
        var length = (int)(head >> 1);
        _strings.Add(Encoding.UTF8.GetString(_bytes, _at, length));
        _at += length;
        Line($"{what} \"{_strings[^1].Replace("\n", "\\n")}\"");
    }

    void Raw(string what, int length)
    {
        var value = length == 16
            ? new SettlementId(BinaryPrimitives.ReadUInt128BigEndian(_bytes.AsSpan(_at))).ToString()
            : _bytes.AsSpan(_at, length).IndexOfAnyExcept((byte)0) < 0 ? "none" : "…";
        _at += length;
        Line($"{what} {value}");
    }

    /// <summary>Long fields run over several lines; only the last carries the label.</summary>
    void Line(string label)
    {
        const int perLine = 11;
        while (_at - _from > perLine)
        {
            Append(perLine, "");
            _from += perLine;
        }
        Append(_at - _from, " " + label);
        _from = _at;
    }

    void Append(int count, string label)
    {
        var hex = string.Join(
            ' ', _bytes.Skip(_from).Take(count).Select(b => b.ToString("x2", CultureInfo.InvariantCulture)));
        _text.Append(hex.PadRight(BytesWide)).Append('|').Append(label).Append('\n');
    }
}
