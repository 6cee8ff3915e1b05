using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using SettlementGrid.Plans;

namespace SettlementGrid.Enrollees.Canonical;

/// <summary>
/// Reads what <see cref="CanonicalWriter"/> wrote. Bytes that it could not have written are an
/// <see cref="InvalidDataException"/>: the ledger was damaged, and nothing may be decided on it.
/// </summary>
ref struct CanonicalReader(ReadOnlySpan<byte> bytes)
{
    readonly ReadOnlySpan<byte> _bytes = bytes;
    readonly List<string> _strings = [];
    int _at;

    /// <summary>Of the entry being read; what a format does not know is not there.</summary>
    public byte Format { get; set; }

    public readonly bool AtEnd => _at == _bytes.Length;

    public byte Byte()
    {
        if (_at >= _bytes.Length)
            throw Damaged();
        return _bytes[_at++];
    }

    public ulong Number()
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return next == 0 && shift > 0 || shift == 63 && next > 1 ? throw Damaged() : value;
        }
        throw Damaged();
    }

    public long Signed()
    {
        var value = Number();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    /// <summary>A count of items that follow, each at least one byte: never more than what is left.</summary>
    public int Count()
    {
        var value = Number();
        return value <= (ulong)(_bytes.Length - _at) ? (int)value : throw Damaged();
    }

    public int Int()
    {
        var value = Signed();
        return value is >= int.MinValue and <= int.MaxValue ? (int)value : throw Damaged();
    }

    public Money Fen() => new(Signed());

    public Money? OptionalFen() => Flag() ? Fen() : null;

    public bool Flag() => Byte() switch { 0 => false, 1 => true, _ => throw Damaged() };

    public DateOnly Day()
    {
        var value = Number();
        return value <= (ulong)DateOnly.MaxValue.DayNumber ? DateOnly.FromDayNumber((int)value) : throw Damaged();
    }

    public DateOnly? OptionalDay()
    {
        var value = Number();
        if (value == 0)
            return null;
        return value - 1 <= (ulong)DateOnly.MaxValue.DayNumber
            ? DateOnly.FromDayNumber((int)value - 1)
            : throw Damaged();
    }

    public EntryHash Hash() => new(Key(), Key());

    public UInt128 Key()
    {
        if (_bytes.Length - _at < 16)
            throw Damaged();
        var value = BinaryPrimitives.ReadUInt128BigEndian(_bytes[_at..]);
        _at += 16;
        return value;
    }

    public byte[] Bytes()
    {
        var length = Count();
        var value = _bytes.Slice(_at, length);
        _at += value.Length;
        return value.ToArray();
    }

    /// <param name="expected">Given instead of an equal text, so that one object serves both.</param>
    public string Text(string? expected = null)
    {
        var head = Number();
        if ((head & 1) == 1)
            return head >> 1 < (ulong)_strings.Count ? _strings[(int)(head >> 1)] : throw Damaged();
        var length = head >> 1;
        if (length > (ulong)(_bytes.Length - _at))
            throw Damaged();
        var utf8 = _bytes.Slice(_at, (int)length);
        // A string is written out once only, and no other bytes stand for it.
        if (!Utf8.IsValid(utf8))
            throw Damaged();
        var text = expected is not null && Ascii.Equals(utf8, expected) ? expected : InternedText.Of(utf8);
        if (_strings.Contains(text))
            throw Damaged();
        _at += (int)length;
        _strings.Add(text);
        return text;
    }

    public static InvalidDataException Damaged() => new("Canonical bytes are damaged.");
}

/// <summary>
/// One string object for texts that stand in every person's row (plan, layer, fund, region): a small direct-mapped
/// table, so memory stays bounded whatever is read. A lost race only makes a second equal string.
/// </summary>
static class InternedText
{
    const int Slots = 4096;
    const int LengthMax = 64;
    static readonly string?[] Table = new string?[Slots];

    public static string Of(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > LengthMax)
            return Encoding.UTF8.GetString(utf8);
        Span<char> chars = stackalloc char[LengthMax];
        var text = chars[..Encoding.UTF8.GetChars(utf8, chars)];
        ref var slot = ref Table[(uint)string.GetHashCode(text) % Slots];
        var known = slot;
        if (known is not null && text.SequenceEqual(known))
            return known;
        return slot = text.ToString();
    }
}
