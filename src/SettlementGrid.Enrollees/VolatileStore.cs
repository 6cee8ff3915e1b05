using SettlementGrid.Plans;

namespace SettlementGrid.Enrollees;

/// <summary>
/// What <see cref="VolatileLedger"/> holds: bodies by position, and the unique keys over them. Not thread-safe.
/// </summary>
sealed class VolatileStore
{
    /// <summary>Index + 1 is the position.</summary>
    readonly List<StoredBody> _bodies = [];

    /// <summary>Last position and hash of each commit; index + 1 is its number.</summary>
    readonly List<(long Last, EntryHash Hash)> _commits = [];
    readonly Dictionary<StreamKey, List<long>> _streams = [];
    readonly Dictionary<SettlementId, long> _requests = [];
    readonly Dictionary<EncounterKey, EncounterUse[]> _encounters = [];
    readonly Dictionary<string, List<(long Position, string RegionId)>> _facilities = new(StringComparer.Ordinal);

    public LedgerHead Head { get; private set; } = new(0, 0, 0, default);

    public long Version(StreamKey stream) => _streams.TryGetValue(stream, out var positions) ? positions.Count : 0;

    public byte[]? LastBody(StreamKey stream) =>
        _streams.TryGetValue(stream, out var positions) ? At(positions[^1]).Body : null;

    public StoredBody? Request(SettlementId id) => _requests.TryGetValue(id, out var position) ? At(position) : null;

    public IReadOnlyList<EncounterUse> Uses(EncounterKey key) => _encounters.GetValueOrDefault(key, []);

    public SettlementId? ReversalOf(Fact.Settled settled) => Array.Find(
        _encounters.GetValueOrDefault(settled.Request.EncounterKey, []), u => u.Settlement == settled.Id)?.ReversedBy;

    public List<StoredBody> Stream(StreamKey stream, long fromVersion, int max) =>
        _streams.TryGetValue(stream, out var positions) && fromVersion <= positions.Count
            ? [.. positions.Skip((int)fromVersion - 1).Take(max).Select(At)]
            : [];

    public List<StoredBody> Facility(
        string facilityId, string within, long from, long to, long afterPosition, int max) =>
        _facilities.TryGetValue(facilityId, out var facts)
            ?
            [
                .. facts.Where(f => f.Position > afterPosition && Region.IsWithin(f.RegionId, within))
                    .Select(f => At(f.Position)).Where(b => b.At >= from && b.At < to).Take(max),
            ]
            : [];

    public List<StoredBody> Tail(long afterPosition, int max) =>
        [.. _bodies.Skip((int)Math.Min(_bodies.Count, Math.Max(0, afterPosition))).Take(max)];

    public CommitMark? CommitOf(long position)
    {
        if (position < 1 || position > Head.Position)
            return null;
        var (low, high) = (0, _commits.Count - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _commits[middle].Last < position ? (middle + 1, high) : (low, middle);
        }
        return new CommitMark(low + 1, _commits[low].Hash);
    }

    /// <summary>Every version of every plan, the newest entry of each facility.</summary>
    public List<StoredBody> Catalog() =>
    [
        .. _streams.Where(s => s.Key.Kind is StreamKind.Plan or StreamKind.Facility)
            .SelectMany(s => s.Key.Kind == StreamKind.Plan ? s.Value : s.Value.TakeLast(1))
            .Order().Select(At),
    ];

    /// <summary>The stored fact under the first request key of the append that is taken.</summary>
    public StoredBody? RequestTaken(IReadOnlyList<Entry> entries)
    {
        foreach (var entry in entries)
            if (entry.RequestKey is { } key && Request(key) is { } stored)
                return stored;
        return null;
    }

    /// <summary>Whether every entry is the very next one of its stream.</summary>
    public bool VersionsFollow(IReadOnlyList<Entry> entries)
    {
        if (entries.Count == 1)
            return entries[0].Version == Version(entries[0].Stream) + 1;
        var versions = new Dictionary<StreamKey, long>();
        foreach (var entry in entries)
        {
            var version = versions.GetValueOrDefault(entry.Stream, Version(entry.Stream));
            if (entry.Version != version + 1)
                return false;
            versions[entry.Stream] = version + 1;
        }
        return true;
    }

    /// <summary>All uses of the first encounter of the append whose place is taken; null: none is.</summary>
    public IReadOnlyList<EncounterUse>? EncounterTaken(IReadOnlyList<Entry> entries)
    {
        foreach (var entry in entries)
        {
            if (entry.Encounter is not { } place || !_encounters.TryGetValue(place.Key, out var uses))
                continue;
            var use = Array.Find(uses, u => u.Attempt == place.Attempt);
            if (place.Reversal ? use?.ReversedBy is not null : use is not null)
                return uses;
        }
        return null;
    }

    /// <summary>Adds entries that were checked; gives their positions.</summary>
    public long[] Add(IReadOnlyList<Entry> entries, EntryHash digest)
    {
        var positions = new long[entries.Count];
        var revision = Head.CatalogRevision;
        for (var i = 0; i < entries.Count; i++)
        {
            var entry = entries[i];
            var position = positions[i] = Head.Position + 1 + i;
            _bodies.Add(new StoredBody(position, entry.At, entry.Body));
            if (!_streams.TryGetValue(entry.Stream, out var stream))
                _streams.Add(entry.Stream, stream = new(1));
            stream.Add(position);
            if (entry.RequestKey is { } key)
                _requests.Add(key, position);
            if (entry.Fact is Fact.Money money)
            {
                if (!_facilities.TryGetValue(money.Request.FacilityId, out var facility))
                    _facilities.Add(money.Request.FacilityId, facility = []);
                facility.Add((position, money.RegionId));
            }
            TakeEncounter(entry);
            if (entry.Stream.Kind is StreamKind.Plan or StreamKind.Facility)
                revision++;
        }
        var hash = CommitChain.Next(Head, entries.Count, revision, digest);
        Head = new LedgerHead(Head.CommitNumber + 1, positions[^1], revision, hash);
        _commits.Add((positions[^1], hash));
        return positions;
    }

    void TakeEncounter(Entry entry)
    {
        if (entry.Encounter is not { } place)
            return;
        var uses = _encounters.GetValueOrDefault(place.Key, []);
        // Arrays are replaced, never changed: readers hold them outside the lock.
        _encounters[place.Key] = place.Reversal
            ? [.. uses.Select(u => u.Attempt == place.Attempt ? u with { ReversedBy = entry.RequestKey } : u)]
            : [.. uses, new EncounterUse(place.Attempt, entry.RequestKey!.Value, null)];
    }

    StoredBody At(long position) => _bodies[(int)position - 1];
}

/// <summary>One entry as it lies in memory.</summary>
readonly record struct StoredBody(long Position, long At, byte[] Body)
{
    public Recorded Read() => new(Entry.Read(Body), Position);
}
