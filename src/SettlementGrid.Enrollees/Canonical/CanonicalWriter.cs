using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using SettlementGrid.Plans;

namespace SettlementGrid.Enrollees.Canonical;

/// <summary>
/// Writes the ledger's canonical bytes: unsigned LEB128 numbers, zigzag for signed ones, and strings that are written
/// once and referred to afterwards (a fact names its plan in many places). One value has exactly one form.
/// Not thread-safe; one instance serves one encoding after another.
/// </summary>
sealed class CanonicalWriter
{
    readonly ArrayBufferWriter<byte> _bytes = new(1024);
    readonly List<string> _strings = [];

    public ReadOnlySpan<byte> Written => _bytes.WrittenSpan;

    /// <summary>Of the entry being written; what a format does not know is left out.</summary>
    public byte Format { get; private set; }

    public void Reset(byte format)
    {
        Format = format;
        _bytes.ResetWrittenCount();
        _strings.Clear();
    }

    public void Byte(byte value)
    {
        _bytes.GetSpan(1)[0] = value;
        _bytes.Advance(1);
    }

    public void Number(ulong value)
    {
        var span = _bytes.GetSpan(10);
        var length = 0;
        while (value >= 0x80)
        {
            span[length++] = (byte)(value | 0x80);
            value >>= 7;
        }
        span[length++] = (byte)value;
        _bytes.Advance(length);
    }

    public void Signed(long value) => Number((ulong)(value << 1) ^ (ulong)(value >> 63));

    public void Fen(Money value) => Signed(value.Fen);

    /// <summary>0 for none, else 1 and the amount.</summary>
    public void OptionalFen(Money? value)
    {
        Byte(value is null ? (byte)0 : (byte)1);
        if (value is { } amount)
            Fen(amount);
    }

    public void Day(DateOnly value) => Number((ulong)value.DayNumber);

    /// <summary>0 for open, else day number + 1.</summary>
    public void OptionalDay(DateOnly? value) => Number(value is { } day ? (ulong)day.DayNumber + 1 : 0);

    public void Hash(EntryHash value)
    {
        var span = _bytes.GetSpan(32);
        BinaryPrimitives.WriteUInt128BigEndian(span, value.High);
        BinaryPrimitives.WriteUInt128BigEndian(span[16..], value.Low);
        _bytes.Advance(32);
    }

    public void Key(UInt128 value)
    {
        BinaryPrimitives.WriteUInt128BigEndian(_bytes.GetSpan(16), value);
        _bytes.Advance(16);
    }

    /// <summary>Length and bytes, for what has a form of its own.</summary>
    public void Bytes(ReadOnlySpan<byte> value)
    {
        Number((ulong)value.Length);
        _bytes.Write(value);
    }

    /// <summary>First time: (bytes × 2) and the UTF-8; again: (index × 2 + 1).</summary>
    public void Text(string value)
    {
        for (var i = 0; i < _strings.Count; i++)
        {
            if (_strings[i] == value)
            {
                Number((ulong)i << 1 | 1);
                return;
            }
        }
        _strings.Add(value);
        var length = Encoding.UTF8.GetByteCount(value);
        Number((ulong)length << 1);
        _bytes.Advance(Encoding.UTF8.GetBytes(value, _bytes.GetSpan(length)));
    }
}
