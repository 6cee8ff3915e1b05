using SettlementGrid.Enrollees;

namespace SettlementGrid.Simulation.Database;

/// <summary>What a transaction takes before it may write it: an index's key, or the head row.</summary>
readonly record struct LockKey(string Index, StreamKey Stream, long Version, Guid Id)
{
    public static readonly LockKey Head = new("head", default, 0, default);

    /// <summary>The order of a batch is the order of these; sorted batches never deadlock on them.</summary>
    public bool IsOfStream => Index == StreamIndex;

    public const string StreamIndex = "entries_stream";

    public static LockKey OfStream(StreamKey stream, long version) => new(StreamIndex, stream, version, default);

    public static LockKey OfSettlement(Guid id) => new("entries_settlement", default, 0, id);

    public static LockKey OfPlace(Guid id) => new("entries_encounter", default, 0, id);

    public override string ToString() =>
        IsOfStream ? $"{Stream.Id}/{Version}" : this == Head ? "the head row" : $"{Index} {Id:N}";
}

/// <summary>A transaction under way.</summary>
sealed class Transaction(int number)
{
    readonly TaskCompletionSource _ended = new();

    public int Number => number;

    public List<LockKey> Held { get; } = [];

    public (Transaction Owner, LockKey Key)? WaitsFor { get; set; }

    /// <summary>The database restarted under it: nothing of it will be stored.</summary>
    public bool IsKilled { get; set; }

    /// <summary>It is on its way to the disk; a restart may find it there or not.</summary>
    public bool IsFlushing { get; set; }

    public Task Ended => _ended.Task;

    public void End() => _ended.TrySetResult();
}

/// <summary>
/// Who holds which key until its transaction ends. Whoever wants a key that is held waits for that end, as an INSERT
/// does in PostgreSQL; whoever closes a circle of waiting is the victim, with 40P01.
/// </summary>
sealed class Locks
{
    readonly Dictionary<LockKey, Transaction> _held = [];

    /// <summary>Circles of keys of streams alone, which no sorted batch can close.</summary>
    public string? Deadlock { get; private set; }

    /// <summary>
    /// Circles through a request id or an encounter that was crossed between two servers: these may happen.
    /// </summary>
    public int Crossed { get; private set; }

    public async Task Take(Transaction me, LockKey key)
    {
        while (_held.TryGetValue(key, out var owner) && owner != me)
        {
            me.WaitsFor = (owner, key);
            if (Circle(me) is { } circle)
            {
                me.WaitsFor = null;
                if (circle.TrueForAll(k => k.IsOfStream))
                    Deadlock ??= "two batches waited for each other: " + string.Join(" and ", circle);
                else
                    Crossed++;
                throw SqlErrors.Of("40P01");
            }
            await owner.Ended;
            me.WaitsFor = null;
            if (me.IsKilled)
                throw SqlErrors.Gone();
        }
        if (_held.TryAdd(key, me))
            me.Held.Add(key);
    }

    public bool IsHeld(Transaction me, LockKey key) => _held.GetValueOrDefault(key) == me;

    public void Release(Transaction me)
    {
        foreach (var key in me.Held)
            _held.Remove(key);
        me.End();
    }

    static List<LockKey>? Circle(Transaction me)
    {
        var keys = new List<LockKey>();
        for (var at = me; at.WaitsFor is var (owner, key); at = owner)
        {
            keys.Add(key);
            if (owner == me)
                return keys;
        }
        return null;
    }
}
