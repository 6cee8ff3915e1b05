using SettlementGrid.Enrollees;

namespace SettlementGrid.Grid;

/// <summary>
/// Idle persons' accounts, least recently used out first, bounded by number and by estimated bytes. A person whose turn
/// runs is not in here, so what is evicted is always idle. Losing an entry costs one cold load, never correctness.
/// Guarded by its shard's lock. A hash table whose chains and whose ring of use run through the same slots, in pages: a
/// turn allocates nothing here, growing copies no slot, and an account takes 32 bytes and the share of a bucket besides
/// itself, half of what a dictionary beside a list took.
/// </summary>
sealed class WarmEnrollees(int countMax, long bytesMax)
{
    const int None = -1;
    const int PageBits = 10;
    const int PageSlots = 1 << PageBits;
    const int BucketsMin = 64;

    struct Slot
    {
        public Enrollee? Enrollee;
        public int Hash;
        public int Bytes;
        public int Newer;
        public int Older;

        /// <summary>The next of the bucket's chain; of a free slot the next free one.</summary>
        public int Next;
    }

    readonly List<Slot[]> _pages = [];

    // Slot + 1 of each chain's first; 0: none. Their number is a power of two.
    int[] _buckets = new int[BucketsMin];
    int _used;
    int _free = None;
    int _newest = None;
    int _oldest = None;

    public int Count { get; private set; }

    public long Bytes { get; private set; }

    public long Evictions { get; private set; }

    /// <summary>Gives the person's account out of the cache; null: it is not warm.</summary>
    public Enrollee? Take(string id)
    {
        var hash = HashOf(id);
        var at = _buckets[hash & _buckets.Length - 1] - 1;
        while (at != None)
        {
            ref var slot = ref At(at);
            if (slot.Hash == hash && string.Equals(slot.Enrollee!.Id, id, StringComparison.Ordinal))
                return Release(at);
            at = slot.Next;
        }
        return null;
    }

    /// <summary>Keeps an account that just became idle, and evicts the longest idle ones above the bounds.</summary>
    public void Put(Enrollee enrollee)
    {
        var bytes = enrollee.EstimatedBytes;
        if (countMax == 0 || bytes > bytesMax)
        {
            Evictions++;
            return;
        }
        while (Count >= countMax || Bytes + bytes > bytesMax)
        {
            Release(_oldest);
            Evictions++;
        }
        if (Count == _buckets.Length)
            Grow();
        var at = Free();
        var hash = HashOf(enrollee.Id);
        ref var bucket = ref _buckets[hash & _buckets.Length - 1];
        At(at) = new Slot
        {
            Enrollee = enrollee, Hash = hash, Bytes = bytes, Newer = None, Older = _newest, Next = bucket - 1,
        };
        bucket = at + 1;
        if (_newest != None)
            At(_newest).Newer = at;
        _newest = at;
        if (_oldest == None)
            _oldest = at;
        Count++;
        Bytes += bytes;
    }

    // Randomized for the process: nobody chooses ids that all fall into one chain.
    static int HashOf(string id) => string.GetHashCode(id, StringComparison.Ordinal);

    ref Slot At(int at) => ref _pages[at >> PageBits][at & PageSlots - 1];

    int Free()
    {
        if (_free is not None and var free)
        {
            _free = At(free).Next;
            return free;
        }
        if (_used == _pages.Count * PageSlots)
            _pages.Add(new Slot[PageSlots]);
        return _used++;
    }

    Enrollee Release(int at)
    {
        ref var slot = ref At(at);
        Unchain(at, ref slot);
        if (slot.Newer == None)
            _newest = slot.Older;
        else
            At(slot.Newer).Older = slot.Older;
        if (slot.Older == None)
            _oldest = slot.Newer;
        else
            At(slot.Older).Newer = slot.Newer;
        Count--;
        Bytes -= slot.Bytes;
        var enrollee = slot.Enrollee!;
        slot = new Slot { Next = _free };
        _free = at;
        return enrollee;
    }

    void Unchain(int at, ref Slot slot)
    {
        ref var bucket = ref _buckets[slot.Hash & _buckets.Length - 1];
        if (bucket == at + 1)
        {
            bucket = slot.Next + 1;
            return;
        }
        var before = bucket - 1;
        while (At(before).Next != at)
            before = At(before).Next;
        At(before).Next = slot.Next;
    }

    void Grow()
    {
        var buckets = new int[_buckets.Length * 2];
        for (var at = _oldest; at != None; at = At(at).Newer)
        {
            ref var slot = ref At(at);
            ref var bucket = ref buckets[slot.Hash & buckets.Length - 1];
            slot.Next = bucket - 1;
            bucket = at + 1;
        }
        _buckets = buckets;
    }
}
