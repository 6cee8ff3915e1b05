using System.Runtime.CompilerServices;

namespace SettlementGrid.Enrollees;

/// <summary>
/// The ledger in memory: tests, simulations and demonstrations that may forget. The same answers as PostgreSQL's, but
/// nothing outlives the process. It keeps canonical bytes only and reads every fact back from them, so that an error of
/// the codec shows here. Safe because one lock guards the <see cref="VolatileStore"/>; bodies are decoded outside it,
/// which they allow since no body is ever written again.
/// </summary>
/// <param name="entriesMax">How many entries it takes; from then on it is unavailable for appends.</param>
public sealed class VolatileLedger(TimeProvider clock, int entriesMax = Limits.VolatileEntriesMax)
    : ILedger, ILedgerTail
{
    readonly Lock _lock = new();
    readonly CommitFollowers _followers = new();
    readonly VolatileStore _store = new();

    public ValueTask<Account> Load(string enrolleeId, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        byte[]? last;
        lock (_lock)
            last = _store.LastBody(StreamKey.Person(enrolleeId));
        return new(last is null ? Account.Unknown(enrolleeId) : Entry.ReadAccount(last));
    }

    public ValueTask<AppendOutcome> Append(Append append, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (append.Entries.Count is 0 or > Limits.AppendEntriesMax)
            throw new ArgumentException($"An append has 1 to {Limits.AppendEntriesMax} entries.", nameof(append));
        if (append.Entries.Count > 1 && ContradictsItself(append.Entries))
            throw new ArgumentException("Two entries of the append claim the same key.", nameof(append));
        // Outside the lock: hashing is most of the work.
        var digest = CommitChain.Digest(append.Entries);
        AppendOutcome.Committed? committed = null;
        StoredBody? taken = null;
        IReadOnlyList<EncounterUse>? uses = null;
        lock (_lock)
        {
            if (_store.Head.Position + append.Entries.Count > entriesMax)
                throw new LedgerUnavailableException($"The ledger in memory holds at most {entriesMax} entries.");
            if (clock.GetUtcNow().ToUnixTimeMilliseconds() - append.DecidedAt > Limits.DecisionAgeMax.TotalMilliseconds)
                return new(new AppendOutcome.Expired());
            if (append.CatalogRevision is { } revision && revision != _store.Head.CatalogRevision)
                return new(new AppendOutcome.CatalogMoved());
            taken = _store.RequestTaken(append.Entries);
            if (taken is null)
            {
                if (!_store.VersionsFollow(append.Entries))
                    return new(new AppendOutcome.VersionTaken());
                uses = _store.EncounterTaken(append.Entries);
                if (uses is null)
                    committed = new AppendOutcome.Committed(_store.Add(append.Entries, digest));
            }
        }
        if (committed is not null)
            _followers.Tell(committed.Positions[0], append.Entries);
        return new(
            taken is { } stored ? new AppendOutcome.RequestTaken(stored.Read())
            : uses is not null ? new AppendOutcome.EncounterTaken(uses)
            : committed!);
    }

    public bool Remembers(SettlementId requestKey)
    {
        lock (_lock)
            return _store.Request(requestKey) is not null;
    }

    public ValueTask<Knowledge> Confirm(Question question, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        long version;
        long revision;
        StoredBody? request;
        IReadOnlyList<EncounterUse> uses;
        lock (_lock)
        {
            version = _store.Version(StreamKey.Person(question.EnrolleeId));
            revision = _store.Head.CatalogRevision;
            request = question.RequestKey is { } key ? _store.Request(key) : null;
            uses = question.Encounter is { } encounter ? _store.Uses(encounter) : [];
        }
        return new(new Knowledge(version, request?.Read(), uses) { CatalogRevision = revision });
    }

    public ValueTask<Recorded?> Find(SettlementId id, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        StoredBody? stored;
        lock (_lock)
            stored = _store.Request(id);
        return new(stored?.Read());
    }

    public ValueTask<IReadOnlyList<Recorded>> ReadStream(
        StreamKey stream, long fromVersion, int max, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(fromVersion, 1);
        return Read(store => store.Stream(stream, fromVersion, max), max, cancellation);
    }

    public ValueTask<IReadOnlyDictionary<SettlementId, SettlementId>> Reversals(
        IReadOnlyCollection<Fact.Settled> settlements, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var reversals = new Dictionary<SettlementId, SettlementId>();
        lock (_lock)
        {
            foreach (var settled in settlements)
                if (_store.ReversalOf(settled) is { } reversal)
                    reversals[settled.Id] = reversal;
        }
        return new(reversals);
    }

    public ValueTask<IReadOnlyList<Recorded>> ListFacility(
        string facilityId, string within, long from, long to, long afterPosition, int max,
        CancellationToken cancellation) =>
        Read(store => store.Facility(facilityId, within, from, to, afterPosition, max), max, cancellation);

    public ValueTask<IReadOnlyList<Recorded>> ReadTail(long afterPosition, int max, CancellationToken cancellation) =>
        Read(store => store.Tail(afterPosition, max), max, cancellation);

    public ValueTask<CatalogEntries> ReadCatalog(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        long revision;
        List<StoredBody> bodies;
        lock (_lock)
            (revision, bodies) = (_store.Head.CatalogRevision, _store.Catalog());
        return new(new CatalogEntries(revision, [.. bodies.Select(b => b.Read())]));
    }

    public ValueTask<LedgerHead> ReadHead(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (_lock)
            return new(_store.Head);
    }

    public async IAsyncEnumerable<BodyRun> ReadBodies(
        long after, long upTo, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        while (after < upTo)
        {
            cancellation.ThrowIfCancellationRequested();
            List<StoredBody> bodies;
            lock (_lock)
                bodies = _store.Tail(after, (int)Math.Min(Limits.VolatileRunMax, upTo - after));
            if (bodies.Count == 0)
                throw new InvalidDataException($"The ledger has nothing after position {after}.");
            var run = Run(bodies);
            yield return run;
            after = run.Last;
        }
    }

    public ValueTask<CommitMark?> CommitOf(long position, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (_lock)
            return new(_store.CommitOf(position));
    }

    public IDisposable Follow(Action<long, IReadOnlyList<Entry>> take) => _followers.Add(take);

    static BodyRun Run(List<StoredBody> bodies)
    {
        var bytes = new byte[bodies.Sum(b => b.Body.Length)];
        var places = new Range[bodies.Count];
        var end = 0;
        for (var i = 0; i < places.Length; i++)
        {
            bodies[i].Body.CopyTo(bytes, end);
            places[i] = end..(end += bodies[i].Body.Length);
        }
        return new BodyRun(bodies[0].Position, bytes, places);
    }

    ValueTask<IReadOnlyList<Recorded>> Read(
        Func<VolatileStore, List<StoredBody>> pick, int max, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        List<StoredBody> bodies;
        lock (_lock)
            bodies = pick(_store);
        return new([.. bodies.Select(b => b.Read())]);
    }

    static bool ContradictsItself(IReadOnlyList<Entry> entries)
    {
        var requests = new HashSet<SettlementId>();
        var encounters = new HashSet<(EncounterKey, int, bool)>();
        foreach (var entry in entries)
            if (entry.RequestKey is { } request && !requests.Add(request)
                || entry.Encounter is { } encounter && !encounters.Add(encounter))
                return true;
        return false;
    }
}
