using System.Buffers.Binary;
using System.Collections;
using SettlementGrid.Plans;

namespace SettlementGrid.Enrollees;

/// <summary>SHA-256 of a fact's canonical bytes; all zero before the first.</summary>
public readonly record struct EntryHash(UInt128 High, UInt128 Low)
{
    /// <summary>64 hexadecimal digits; empty before the first fact.</summary>
    public override string ToString()
    {
        if (this == default)
            return "";
        Span<byte> bytes = stackalloc byte[32];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt128BigEndian(bytes[16..], Low);
        return Convert.ToHexStringLower(bytes);
    }
}

/// <summary>
/// The state of one enrollee: the roster entry and the accumulators of every period, at a version. Immutable; it
/// changes only through <see cref="Evolve"/>, and only after the ledger has the facts.
/// </summary>
/// <param name="Version">How many facts the person has, over all years; 0: unknown to the ledger.</param>
/// <param name="LastHash">Of the newest fact; the next fact hashes it.</param>
/// <param name="LastAt">Milliseconds since 1970 of the newest fact; no later fact is before it.</param>
/// <param name="Roster">Null: never enrolled (there may still be barred request ids).</param>
public sealed record Account(
    string EnrolleeId, long Version, EntryHash LastHash, long LastAt, RosterEntry? Roster, AccumulatorSet Accumulators)
{
    /// <summary>What was settled last, by discharge date, of each policy year.</summary>
    public LatestDischarges Discharges { get; init; } = LatestDischarges.None;

    public static Account Unknown(string enrolleeId) =>
        new(enrolleeId, 0, default, 0, null, AccumulatorSet.Empty);

    /// <summary>(state, fact) → state. Version, time and hash are the entry's business, not the fact's.</summary>
    public Account Evolve(Fact fact) => fact switch
    {
        Fact.Enrolled enrolled => this with { Roster = enrolled.Entry },
        Fact.RosterChanged changed => this with { Roster = changed.Entry },
        Fact.OpeningBalanceSet opening => this with { Accumulators = Accumulators.Plus([opening.Change]) },
        Fact.Settled settled => this with
        {
            Accumulators = Accumulators.Plus(settled.Outcome.Changes),
            Discharges = Discharges.Plus(settled.Request.Bill.DischargedOn),
        },
        Fact.Money money => this with { Accumulators = Accumulators.Plus(money.Outcome.Changes) },
        Fact.Barred => this,
        _ => throw new InvalidOperationException($"{fact.Kind} is no fact of a person."),
    };
}

/// <summary>
/// A person's accumulators, sorted by <see cref="AccumulatorKey.Compare"/>; zeros are not kept, so that reversing
/// everything gives the first set again. A handful of entries: a scan beats hashing.
/// </summary>
public sealed class AccumulatorSet : IReadOnlyDictionary<AccumulatorKey, Accumulator>, IEquatable<AccumulatorSet>
{
    public static readonly AccumulatorSet Empty = new([]);

    readonly KeyValuePair<AccumulatorKey, Accumulator>[] _items;

    AccumulatorSet(KeyValuePair<AccumulatorKey, Accumulator>[] sorted) => _items = sorted;

    /// <summary>From entries that are already sorted and free of zeros, as the codec stores them.</summary>
    public static AccumulatorSet OfSorted(KeyValuePair<AccumulatorKey, Accumulator>[] sorted) =>
        sorted.Length == 0 ? Empty : new AccumulatorSet(sorted);

    public int Count => _items.Length;

    public IEnumerable<AccumulatorKey> Keys => _items.Select(i => i.Key);

    public IEnumerable<Accumulator> Values => _items.Select(i => i.Value);

    public ReadOnlySpan<KeyValuePair<AccumulatorKey, Accumulator>> Items => _items;

    public Accumulator this[AccumulatorKey key] => TryGetValue(key, out var value) ? value : default;

    public bool ContainsKey(AccumulatorKey key) => TryGetValue(key, out _);

    public bool TryGetValue(AccumulatorKey key, out Accumulator value)
    {
        foreach (ref readonly var item in _items.AsSpan())
        {
            if (item.Key == key)
            {
                value = item.Value;
                return true;
            }
        }
        value = default;
        return false;
    }

    public AccumulatorSet Plus(IReadOnlyList<AccumulatorChange> changes)
    {
        if (changes.Count == 0)
            return this;
        var items = new KeyValuePair<AccumulatorKey, Accumulator>[_items.Length + changes.Count];
        _items.CopyTo(items, 0);
        var count = _items.Length;
        for (var i = 0; i < changes.Count; i++)
            count = Add(items, count, changes[i]);
        if (count < items.Length)
            Array.Resize(ref items, count);
        return OfSorted(items);
    }

    /// <summary>
    /// Keeps the first <paramref name="count"/> items sorted and free of zeros; gives how many they are now.
    /// </summary>
    static int Add(KeyValuePair<AccumulatorKey, Accumulator>[] items, int count, in AccumulatorChange change)
    {
        var at = 0;
        while (at < count && AccumulatorKey.Compare(items[at].Key, change.Key) < 0)
            at++;
        if (at == count || items[at].Key != change.Key)
        {
            if (change.Change.IsZero)
                return count;
            Array.Copy(items, at, items, at + 1, count - at);
            items[at] = new(change.Key, change.Change);
            return count + 1;
        }
        var sum = items[at].Value + change.Change;
        if (!sum.IsZero)
        {
            items[at] = new(change.Key, sum);
            return count;
        }
        Array.Copy(items, at + 1, items, at, count - at - 1);
        return count - 1;
    }

    public bool Equals(AccumulatorSet? other) => other is not null && _items.AsSpan().SequenceEqual(other._items);

    public override bool Equals(object? obj) => Equals(obj as AccumulatorSet);

    public override int GetHashCode() => _items.Length == 0 ? 0 : HashCode.Combine(_items.Length, _items[0]);

    public IEnumerator<KeyValuePair<AccumulatorKey, Accumulator>> GetEnumerator() =>
        ((IEnumerable<KeyValuePair<AccumulatorKey, Accumulator>>)_items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
