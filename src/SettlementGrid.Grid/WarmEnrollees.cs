using System.Runtime.InteropServices;
using SettlementGrid.Enrollees;

namespace SettlementGrid.Grid;

/// <summary>
/// Idle persons' accounts, least recently used out first, bounded by number and by estimated bytes. A person whose turn
/// runs is not in here, so what is evicted is always idle. Losing an entry costs one cold load, never correctness.
/// Guarded by its shard's lock. Slots form a ring through arrays, so a turn allocates nothing here.
/// </summary>
sealed class WarmEnrollees(int countMax, long bytesMax)
{
    const int None = -1;

    struct Slot
    {
        public string Id;
        public Enrollee? Enrollee;
        public int Bytes;
        public int Newer;
        public int Older;
    }

    readonly Dictionary<string, int> _slotOf = new(StringComparer.Ordinal);
    readonly List<Slot> _slots = [];
    readonly Stack<int> _free = [];
    int _newest = None;
    int _oldest = None;

    public int Count => _slotOf.Count;

    public long Bytes { get; private set; }

    public long Evictions { get; private set; }

    /// <summary>Gives the person's account out of the cache; null: it is not warm.</summary>
    public Enrollee? Take(string id)
    {
        if (!_slotOf.Remove(id, out var at))
            return null;
        return Release(at);
    }

    /// <summary>Keeps an account that just became idle, and evicts the longest idle ones above the bounds.</summary>
    public void Put(string id, Enrollee enrollee)
    {
        var bytes = enrollee.EstimatedBytes;
        if (countMax == 0 || bytes > bytesMax)
        {
            Evictions++;
            return;
        }
        while (_slotOf.Count >= countMax || Bytes + bytes > bytesMax)
        {
            _slotOf.Remove(Slots[_oldest].Id);
            Release(_oldest);
            Evictions++;
        }
        if (!_free.TryPop(out var at))
        {
            at = _slots.Count;
            _slots.Add(default);
        }
        var slots = Slots;
        slots[at] = new Slot { Id = id, Enrollee = enrollee, Bytes = bytes, Newer = None, Older = _newest };
        if (_newest != None)
            slots[_newest].Newer = at;
        _newest = at;
        if (_oldest == None)
            _oldest = at;
        _slotOf.Add(id, at);
        Bytes += bytes;
    }

    Span<Slot> Slots => CollectionsMarshal.AsSpan(_slots);

    Enrollee Release(int at)
    {
        var slots = Slots;
        var slot = slots[at];
        if (slot.Newer == None)
            _newest = slot.Older;
        else
            slots[slot.Newer].Older = slot.Older;
        if (slot.Older == None)
            _oldest = slot.Newer;
        else
            slots[slot.Older].Newer = slot.Newer;
        slots[at] = default;
        _free.Push(at);
        Bytes -= slot.Bytes;
        return slot.Enrollee!;
    }
}
