using System.Buffers.Binary;
using System.Security.Cryptography;
using SettlementGrid.Enrollees.Canonical;
using SettlementGrid.Plans;

namespace SettlementGrid.Enrollees;

/// <summary>
/// A fact made ready for the ledger: its place in its stream, its canonical bytes and their hash. Made only by
/// <see cref="Next"/> or read back by <see cref="Read"/>, so bytes, fact and hash always belong together. Immutable.
/// </summary>
/// <param name="At">Milliseconds since 1970, never before the stream's entry before it.</param>
/// <param name="After">The person's whole state after the fact; null in other streams.</param>
/// <param name="Body">Canonical bytes; whoever holds them must not write to them.</param>
public sealed record Entry(
    StreamKey Stream, long Version, long At, Fact Fact, EntryHash Previous, Account? After, byte[] Body, EntryHash Hash)
{
    /// <summary>The format in which entries are written; those of older formats stay readable for good.</summary>
    public const byte CurrentFormat = EntryCodec.Current;

    /// <summary>The format of the canonical bytes.</summary>
    public byte Format => Body[0];

    /// <summary>The person's next entry: evolves the account and gives it the new version, time and hash.</summary>
    /// <param name="format">
    /// Another than the current one only to compute again what was written in it. What it cannot hold is not in the
    /// entry's state either, since nobody could read it back.
    /// </param>
    public static Entry Next(Account account, Fact fact, long now, byte format = CurrentFormat)
    {
        var at = Math.Max(now, account.LastAt);
        var version = account.Version + 1;
        var after = account.Evolve(fact) with { Version = version, LastAt = at };
        if (format < EntryCodec.WithDischarges)
            after = after with { Discharges = LatestDischarges.None };
        var stream = StreamKey.Person(account.EnrolleeId);
        var body = EntryCodec.Encode(format, stream, version, at, account.LastHash, after, fact);
        var hash = HashOf(body);
        return new Entry(stream, version, at, fact, account.LastHash, after with { LastHash = hash }, body, hash);
    }

    /// <summary>The next entry of a stream that has no account (plans, facilities, funds).</summary>
    /// <param name="last">The stream's newest entry, null for its first.</param>
    public static Entry Next(StreamKey stream, Entry? last, Fact fact, long now, byte format = CurrentFormat)
    {
        var at = Math.Max(now, last?.At ?? 0);
        var version = (last?.Version ?? 0) + 1;
        var previous = last?.Hash ?? default;
        var body = EntryCodec.Encode(format, stream, version, at, previous, null, fact);
        return new Entry(stream, version, at, fact, previous, null, body, HashOf(body));
    }

    /// <summary>
    /// From stored bytes; the hash is computed from them. Damaged bytes: <see cref="InvalidDataException"/>.
    /// </summary>
    public static Entry Read(byte[] body)
    {
        var hash = HashOf(body);
        var (stream, version, at, previous, after, fact) = EntryCodec.Decode(body, hash);
        return new Entry(stream, version, at, fact, previous, after, body, hash);
    }

    /// <summary>The state after a person's entry, without the fact: all that a cold load needs.</summary>
    /// <param name="person">Whose it is known to be: the account then holds this string and none of its own.</param>
    public static Account ReadAccount(ReadOnlySpan<byte> body, string? person = null) =>
        EntryCodec.DecodeAccount(body, HashOf(body), person);

    public static EntryHash HashOf(ReadOnlySpan<byte> body)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(body, hash);
        return new EntryHash(
            BinaryPrimitives.ReadUInt128BigEndian(hash), BinaryPrimitives.ReadUInt128BigEndian(hash[16..]));
    }

    /// <summary>
    /// The request key the fact occupies: settlement, reversal, adjustment, barred request or fund record; else null.
    /// </summary>
    public SettlementId? RequestKey => Fact switch
    {
        Fact.Money money => money.Id,
        Fact.Barred barred => barred.Id,
        Fact.FundRecorded recorded => recorded.Id,
        _ => null,
    };

    /// <summary>
    /// The encounter's place: a settlement takes (key, attempt), its reversal (key, attempt, reversal); both unique, so
    /// a settlement is reversed at most once whoever tries.
    /// </summary>
    public (EncounterKey Key, int Attempt, bool Reversal)? Encounter => Fact switch
    {
        Fact.Settled settled => (settled.Request.EncounterKey, settled.Attempt, false),
        Fact.Reversed reversed => (reversed.Request.EncounterKey, reversed.Attempt, true),
        _ => null,
    };

    /// <summary>The facility whose daily reconciliation lists the fact; null for what carries no money.</summary>
    public string? FacilityId => (Fact as Fact.Money)?.Request.FacilityId;

    /// <summary>The books the fact stands in.</summary>
    public string? RegionId => Fact switch
    {
        Fact.Money money => money.RegionId,
        Fact.FundRecorded recorded => recorded.Request.RegionId,
        _ => null,
    };

    /// <summary>"plan/layer" of each layer, beside <see cref="LayerPaid"/>, for SQL.</summary>
    public string[] LayerKeys => OfLayers(static layer => layer.PlanId + "/" + layer.LayerId);

    /// <summary>Fen, in the order of <see cref="LayerKeys"/>.</summary>
    public long[] LayerPaid => OfLayers(static layer => layer.Paid.Fen);

    T[] OfLayers<T>(Func<LayerResult, T> value)
    {
        if (Fact is not Fact.Money { Outcome.Layers: var layers })
            return [];
        var values = new T[layers.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = value(layers[i]);
        return values;
    }

    public bool Equals(Entry? other) => other is not null && Hash == other.Hash && Stream == other.Stream;

    public override int GetHashCode() => Hash.GetHashCode();
}

/// <summary>An entry that the ledger has, at its position in the one gapless sequence (1…n).</summary>
public sealed record Recorded(Entry Entry, long Position)
{
    public Fact Fact => Entry.Fact;
}
