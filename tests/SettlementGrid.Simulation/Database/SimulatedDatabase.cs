using System.Security.Cryptography;
using SettlementGrid.Enrollees;
using SettlementGrid.Ledger;
using SettlementGrid.Ledger.Writing;
using SettlementGrid.Simulation.World;

namespace SettlementGrid.Simulation.Database;

/// <summary>One commit, as ledger.commits holds it.</summary>
readonly record struct StoredCommit(long Id, long Number, long FirstPosition, int Count, long Revision, EntryHash Hash);

/// <summary>
/// PostgreSQL as the ledger uses it, in virtual time: transactions insert row by row in the order they were sent,
/// wait for each other's keys, run the two functions of migration 0001 (commit_entries, resolve_commit, here in C#),
/// are flushed and only then seen. It goes on with what it was sent when the sender is gone; a restart kills what is
/// under way, and of what is being flushed some is there afterwards and some is not.
/// </summary>
sealed class SimulatedDatabase(SimulatedThread thread)
{
    readonly HashSet<LockKey> _taken = [];
    readonly Dictionary<long, StoredCommit> _commits = [];
    readonly List<StoredCommit> _byNumber = [];
    readonly List<Transaction> _underWay = [];
    readonly Locks _locks = new();
    LedgerHead _head = new(0, 0, 0, default);
    long _upAt;
    int _transactions;
    long _writers;

    /// <summary>What is committed, in the shipped adapter that reads everything back from canonical bytes.</summary>
    public VolatileLedger Stored { get; } = new(thread.Clock);

    public Locks Locks => _locks;

    public IReadOnlyList<StoredCommit> Commits => _byNumber;

    public LedgerHead Head => _head;

    /// <summary>Rises with each restart: connections of before are dead.</summary>
    public int Epoch { get; private set; }

    public bool IsUp => thread.Milliseconds >= _upAt;

    /// <summary>Settlement ids that PostgreSQL refuses as values.</summary>
    public HashSet<Guid> Poison { get; } = [];

    /// <summary>The first thing in here that PostgreSQL would not have done or a server should not have sent.</summary>
    public string? Finding { get; private set; }

    public long NextWriter() => ++_writers;

    public void Restart(int milliseconds)
    {
        Epoch++;
        _upAt = thread.Milliseconds + milliseconds;
        foreach (var transaction in _underWay)
            transaction.IsKilled |= !transaction.IsFlushing || thread.Chance(0.5);
    }

    /// <summary>One group commit: all rows, then ledger.commit_entries, in one transaction.</summary>
    public async Task<CommitReply> Commit(CommitRequest request)
    {
        var transaction = Begin();
        try
        {
            foreach (var row in request.Rows)
                await Insert(transaction, row);
            await Last(transaction, request);
            var commit = Next(request.Id, request.Count, request.Digest, request.Raise);
            await Flush(transaction);
            Store(request, commit);
            return new CommitReply(commit.Number, commit.FirstPosition, commit.Hash, request.Rows.Count);
        }
        finally
        {
            End(transaction);
        }
    }

    /// <summary>ledger.resolve_commit.</summary>
    public async Task<Resolution> Resolve(long id)
    {
        var transaction = Begin();
        try
        {
            await _locks.Take(transaction, LockKey.Head);
            if (_commits.TryGetValue(id, out var known))
                return new Resolution(known.Count > 0, known.Number, known.FirstPosition, known.Hash);
            var empty = Next(id, 0, SHA256.HashData([]), 0);
            await Flush(transaction);
            Add(empty);
            thread.Count(Happening.CommitBarred);
            thread.Say($"commit {id:x} was not stored and is barred by the empty commit {empty.Number}");
            return new Resolution(false, empty.Number, empty.FirstPosition, empty.Hash);
        }
        finally
        {
            End(transaction);
        }
    }

    /// <summary>Whether the key is committed.</summary>
    public bool Has(LockKey key) => _taken.Contains(key);

    Transaction Begin()
    {
        var transaction = new Transaction(++_transactions);
        _underWay.Add(transaction);
        return transaction;
    }

    void End(Transaction transaction)
    {
        _underWay.Remove(transaction);
        _locks.Release(transaction);
    }

    async Task Insert(Transaction transaction, SentRow row)
    {
        if (thread.Chance(0.3))
            await thread.Delay(1);
        else
            await Task.Yield();
        if (transaction.IsKilled)
            throw SqlErrors.Gone();
        if (row.Settlement is { } refused && Poison.Contains(refused))
            throw SqlErrors.Of("22P05");
        // In the order of the indexes, as PostgreSQL fills them.
        await Claim(transaction, LockKey.OfStream(row.Stream, row.Version));
        if (row.Settlement is { } settlement)
            await Claim(transaction, LockKey.OfSettlement(settlement));
        if (row.Place is { } place)
            await Claim(transaction, LockKey.OfPlace(place));
    }

    async Task Claim(Transaction transaction, LockKey key)
    {
        var isOwn = _locks.IsHeld(transaction, key);
        await _locks.Take(transaction, key);
        if (isOwn || _taken.Contains(key))
            throw SqlErrors.Of(SqlErrors.UniqueViolation, key.Index);
    }

    /// <summary>The checks of ledger.commit_entries, in its order.</summary>
    async Task Last(Transaction transaction, CommitRequest request)
    {
        if (request.Rows.Count != request.Count)
            throw SqlErrors.Of("SG003");
        foreach (var (stream, version) in request.Before)
            if (!_taken.Contains(LockKey.OfStream(stream, version))
                && !transaction.Held.Contains(LockKey.OfStream(stream, version)))
                throw SqlErrors.Of("SG005");
        await _locks.Take(transaction, LockKey.Head);
        if (request.Revision is { } revision && revision != _head.CatalogRevision)
            throw SqlErrors.Of("SG001");
        if (request.SeenNumber is { } seen
            && (seen > _byNumber.Count || _byNumber[(int)seen - 1].Hash != Keys.Hash(request.SeenHash)))
            throw SqlErrors.Of("SG002");
        if (_commits.ContainsKey(request.Id))
            throw SqlErrors.Of(SqlErrors.UniqueViolation, "commits_id");
    }

    StoredCommit Next(long id, int count, byte[] digest, int raise)
    {
        var revision = _head.CatalogRevision + raise;
        return new StoredCommit(
            id, _head.CommitNumber + 1, _head.Position + 1, count, revision,
            CommitChain.Next(_head, count, revision, Keys.Hash(digest)));
    }

    async Task Flush(Transaction transaction)
    {
        transaction.IsFlushing = true;
        await thread.Delay(thread.Random.Next(4));
        if (transaction.IsKilled)
            throw SqlErrors.Gone();
    }

    void Store(CommitRequest request, StoredCommit commit)
    {
        var entries = new Entry[request.Rows.Count];
        foreach (var row in request.Rows)
        {
            var entry = entries[row.Ordinal] = Entry.Read(row.Body);
            if (entry.Stream != row.Stream || entry.Version != row.Version || entry.Hash != Keys.Hash(row.Hash)
                || (entry.RequestKey is { } key ? Keys.Of(key) : null) != row.Settlement
                || Keys.PlaceOf(entry) != row.Place)
                Finding ??= $"{row.Stream.Id}/{row.Version}: the columns say otherwise than the canonical bytes";
            _taken.Add(LockKey.OfStream(row.Stream, row.Version));
            if (row.Settlement is { } settlement)
                _taken.Add(LockKey.OfSettlement(settlement));
            if (row.Place is { } place)
                _taken.Add(LockKey.OfPlace(place));
        }
        if (Keys.Hash(request.Digest) != CommitChain.Digest(entries))
            Finding ??= $"commit {commit.Number} has another digest than its entries";
        Add(commit);
        // It answers at once, and it checks again what was checked here.
        var now = thread.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        var outcome = Stored.Append(new Append(entries, null, now), CancellationToken.None)
            .AsTask().GetAwaiter().GetResult();
        if (outcome is not AppendOutcome.Committed { Positions: var positions } || positions[0] != commit.FirstPosition)
            Finding ??= $"commit {commit.Number} passed the keys and the ledger in memory says {outcome}";
        thread.Count(Happening.Commit);
        if (entries.Length is >= LedgerLimits.CompanyRows and < SimulationLimits.ImportPersons)
            thread.Count(Happening.CommitInCompany);
        if (thread.IsTold)
            thread.Say($"commit {commit.Number} ({request.Id:x}): {string.Join(", ", entries.Select(Told.Of))}");
    }

    void Add(StoredCommit commit)
    {
        _commits.Add(commit.Id, commit);
        _byNumber.Add(commit);
        _head = new LedgerHead(commit.Number, commit.FirstPosition + commit.Count - 1, commit.Revision, commit.Hash);
    }
}
