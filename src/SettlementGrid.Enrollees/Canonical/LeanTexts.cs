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
    (int Start, int Length)[] _places = new (int, int)[32];
    int _count;

    public void Forget() => _count = 0;

    public int Count => _count;

    public int Add(int start, int length)
    {
        if (_count == _places.Length)
            Array.Resize(ref _places, _count * 2);
        _places[_count] = (start, length);
        return _count++;
    }

    public ReadOnlySpan<byte> Utf8(ReadOnlySpan<byte> body, int text)
    {
        var (start, length) = _places[text];
        return body.Slice(start, length);
    }

    public string Text(ReadOnlySpan<byte> body, int text)
    {
        var utf8 = Utf8(body, text);
        if (utf8.Length > LengthMax)
            return Encoding.UTF8.GetString(utf8);
        ref var known = ref _known[Slot(utf8)];
        if (known.Utf8 is null || !utf8.SequenceEqual(known.Utf8))
            known = (utf8.ToArray(), Encoding.UTF8.GetString(utf8));
        return known.Text;
    }

    // FNV-1a: short texts that differ at their ends fall apart, which is all that a cache needs.
    static int Slot(ReadOnlySpan<byte> utf8)
    {
        var hash = 2166136261u;
        foreach (var letter in utf8)
            hash = (hash ^ letter) * 16777619;
        return (int)((hash ^ hash >> 16) % Slots);
    }
}
