using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace SettlementGrid.Import.Reading;

/// <summary>
/// On which line each key of the file stood first. Keys are kept as the first 128 bits of their SHA-256 in one open
/// table (20 bytes a slot), so 2.2 million take about 84 MB and two keys never meet. Not thread-safe.
/// </summary>
sealed class FirstLines
{
    const int KeyBytesMax = 4 * (Limits.LineCharsMax + 4);

    readonly byte[] _text = new byte[KeyBytesMax];
    UInt128[] _keys;
    uint[] _lines;
    int _count;
    int _length;

    /// <param name="expected">About how many keys will come; the table grows where there are more.</param>
    public FirstLines(long expected)
    {
        var slots = 1024;
        while (slots * 7L / 10 < Math.Min(expected, Limits.RowsMax))
            slots *= 2;
        (_keys, _lines) = (new UInt128[slots], new uint[slots]);
    }

    public bool IsFull => _count >= Limits.RowsMax;

    public FirstLines Begin()
    {
        _length = 0;
        return this;
    }

    /// <summary>Adds one part of the key; parts never hold a NUL, so no two lists of parts are alike.</summary>
    public FirstLines With(ReadOnlySpan<char> part)
    {
        _length += Encoding.UTF8.GetBytes(part, _text.AsSpan(_length));
        _text[_length++] = 0;
        return this;
    }

    /// <summary>The line on which the key stood first; 0: it is new, and stands on this line from now on.</summary>
    public long Take(long line)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(_text.AsSpan(0, _length), hash);
        // Zero marks a free slot.
        var key = UInt128.Max(1, BinaryPrimitives.ReadUInt128BigEndian(hash));
        if ((_count + 1) * 10L > _keys.Length * 7L)
            Grow();
        var slot = SlotOf(_keys, key);
        if (_keys[slot] == key)
            return _lines[slot];
        (_keys[slot], _lines[slot]) = (key, checked((uint)line));
        _count++;
        return 0;
    }

    void Grow()
    {
        var (keys, lines) = (new UInt128[_keys.Length * 2], new uint[_keys.Length * 2]);
        for (var i = 0; i < _keys.Length; i++)
        {
            if (_keys[i] == 0)
                continue;
            var slot = SlotOf(keys, _keys[i]);
            (keys[slot], lines[slot]) = (_keys[i], _lines[i]);
        }
        (_keys, _lines) = (keys, lines);
    }

    static int SlotOf(UInt128[] keys, UInt128 key)
    {
        // The length is a power of two.
        var slot = (int)(ulong)key & keys.Length - 1;
        while (keys[slot] != 0 && keys[slot] != key)
            slot = slot + 1 & keys.Length - 1;
        return slot;
    }
}
