using System.Buffers.Binary;
using System.Text;

namespace SettlementGrid.Enrollees.Canonical;

/// <summary>
/// The texts of an entry as places in its bytes, so that those nobody asks for are never decoded; and one string object
/// for each of those that are, in a small direct-mapped table, so that memory stays bounded whatever is read.
/// </summary>
sealed class LeanTexts
{
    const int Slots = 4096;
    const int LengthMax = 64;

    readonly (byte[] Utf8, string Text)[] _known = new (byte[], string)[Slots];
    Place[] _places = new Place[32];

    public int Count { get; private set; }

    public void Forget() => Count = 0;

    public int Add(int start, int length)
    {
        if (Count == _places.Length)
            Array.Resize(ref _places, Count * 2);
        _places[Count] = new Place(start, length, null);
        return Count++;
    }

    public ReadOnlySpan<byte> Utf8(ReadOnlySpan<byte> body, int text) =>
        body.Slice(_places[text].Start, _places[text].Length);

    public string Text(ReadOnlySpan<byte> body, int text)
    {
        ref var place = ref _places[text];
        if (place.Text is { } decoded)
            return decoded;
        decoded = Decoded(body.Slice(place.Start, place.Length));
        place = place with { Text = decoded };
        return decoded;
    }

    string Decoded(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > LengthMax)
            return Encoding.UTF8.GetString(utf8);
        ref var known = ref _known[Slot(utf8)];
        if (known.Utf8 is null || !utf8.SequenceEqual(known.Utf8))
            known = (utf8.ToArray(), Encoding.UTF8.GetString(utf8));
        return known.Text;
    }

    /// <summary>Eight bytes at a time; the last eight may overlap those before. Good enough for a cache.</summary>
    static int Slot(ReadOnlySpan<byte> utf8)
    {
        var hash = (ulong)utf8.Length * 0x9E3779B97F4A7C15;
        if (utf8.Length < sizeof(ulong))
            foreach (var letter in utf8)
                hash = hash << 8 ^ hash >> 56 ^ letter;
        else
        {
            for (var at = 0; at + sizeof(ulong) < utf8.Length; at += sizeof(ulong))
                hash = (hash ^ BinaryPrimitives.ReadUInt64LittleEndian(utf8[at..])) * 0xC2B2AE3D27D4EB4F;
            hash ^= BinaryPrimitives.ReadUInt64LittleEndian(utf8[^sizeof(ulong)..]);
        }
        hash *= 0xD6E8FEB86659FD93;
        return (int)(hash >> 40) % Slots;
    }

    readonly record struct Place(int Start, int Length, string? Text);
}
