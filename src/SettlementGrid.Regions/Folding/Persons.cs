using System.Runtime.CompilerServices;

namespace SettlementGrid.Regions.Folding;

/// <summary>What the fold remembers of a person: 32 bytes, half a cache line.</summary>
struct Person
{
    public UInt128 Key;

    /// <summary>Number of the roster shape; 0: not on the roster.</summary>
    public int Shape;

    /// <summary>Where settlements stand: the first link here, since most persons have but one.</summary>
    public StandingCase First;
}

/// <summary>
/// Persons by key, numbered from 0 in the order met: a table of numbers beside them, three quarters full at the most,
/// each with the key's hash, so that a search reads no other person; and the persons themselves in chunks, which are
/// never copied when there come to be more. Never shrinks.
/// </summary>
sealed class Persons
{
    readonly Chunks<Person> _all = new();

    /// <summary>The key's hash in the upper half, the person's number + 1 in the lower; 0: free.</summary>
    ulong[] _slots = new ulong[1 << 10];

    public int Count => _all.Count;

    public ref Person this[int person] => ref _all[person];

    /// <summary>The person's number; a new one where the key was never met.</summary>
    public int Of(UInt128 key)
    {
        var hash = Hash(key);
        var mask = (uint)_slots.Length - 1;
        var slot = hash & mask;
        while (_slots[slot] is var taken && taken != 0)
        {
            if (taken >> 32 == hash && _all[(int)(uint)taken - 1].Key == key)
                return (int)(uint)taken - 1;
            slot = (slot + 1) & mask;
        }
        if (_all.Count >= _slots.Length / 4 * 3)
        {
            Grow();
            return Of(key);
        }
        var person = _all.Add(new Person { Key = key });
        _slots[slot] = (ulong)hash << 32 | (uint)(person + 1);
        return person;
    }

    void Grow()
    {
        var slots = new ulong[checked(_slots.Length * 2)];
        var mask = (uint)slots.Length - 1;
        foreach (var taken in _slots)
        {
            if (taken == 0)
                continue;
            var slot = (uint)(taken >> 32) & mask;
            while (slots[slot] != 0)
                slot = (slot + 1) & mask;
            slots[slot] = taken;
        }
        _slots = slots;
    }

    // Ids that count upwards share their high half and most of the low one, so both are multiplied and mixed.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static uint Hash(UInt128 key)
    {
        var mixed = ((ulong)(key >> 64) * 0x9E3779B97F4A7C15) ^ ((ulong)key * 0xC2B2AE3D27D4EB4F);
        mixed ^= mixed >> 32;
        mixed *= 0xD6E8FEB86659FD93;
        return (uint)(mixed >> 32);
    }
}

/// <summary>
/// A list of structs in chunks: items stay where they are, so growing copies nothing and wastes little.
/// </summary>
sealed class Chunks<T>
    where T : struct
{
    const int Bits = 14;
    const int Size = 1 << Bits;

    T[][] _chunks = [];

    public int Count { get; private set; }

    public ref T this[int index] => ref _chunks[index >> Bits][index & (Size - 1)];

    public int Add(in T item)
    {
        if (Count == _chunks.Length * Size)
        {
            Array.Resize(ref _chunks, _chunks.Length + 1);
            _chunks[^1] = new T[Size];
        }
        this[Count] = item;
        return Count++;
    }
}
