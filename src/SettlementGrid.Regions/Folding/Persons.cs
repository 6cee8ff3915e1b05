using System.Runtime.CompilerServices;

namespace SettlementGrid.Regions.Folding;

/// <summary>
/// What the fold remembers of a person: 24 bytes. <see cref="Shape"/> is the roster's, <see cref="Cases"/> where the
/// settlements that stand begin.
/// </summary>
struct Person
{
    public UInt128 Key;

    /// <summary>Number of the roster shape; 0: not on the roster.</summary>
    public int Shape;

    /// <summary>Number of the first <see cref="StandingCase"/>; 0: none.</summary>
    public int Cases;
}

/// <summary>
/// Persons by key, numbered from 0 in the order met: a table of numbers beside them, half to three quarters full, and the
/// persons themselves in chunks, which are never copied when there come to be more. Never shrinks.
/// </summary>
sealed class Persons
{
    readonly Chunks<Person> _all = new();
    int[] _slots = new int[1 << 10];

    public int Count => _all.Count;

    public ref Person this[int person] => ref _all[person];

    /// <summary>The person's number; a new one where the key was never met.</summary>
    public int Of(UInt128 key)
    {
        var mask = _slots.Length - 1;
        var slot = (int)Hash(key) & mask;
        while (_slots[slot] is var taken && taken != 0)
        {
            if (_all[taken - 1].Key == key)
                return taken - 1;
            slot = (slot + 1) & mask;
        }
        if (_all.Count >= _slots.Length / 4 * 3)
        {
            Grow();
            return Of(key);
        }
        var person = _all.Add(new Person { Key = key });
        _slots[slot] = person + 1;
        return person;
    }

    void Grow()
    {
        var slots = new int[checked(_slots.Length * 2)];
        var mask = slots.Length - 1;
        for (var person = 0; person < _all.Count; person++)
        {
            var slot = (int)Hash(_all[person].Key) & mask;
            while (slots[slot] != 0)
                slot = (slot + 1) & mask;
            slots[slot] = person + 1;
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

/// <summary>A list of structs in chunks: items stay where they are, so growing copies nothing and wastes little.</summary>
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
