using Microsoft.Extensions.Logging;
using SettlementGrid.Enrollees;
using SettlementGrid.Ledger;
using SettlementGrid.Ledger.Reading;
using SettlementGrid.Ledger.Seeing;
using SettlementGrid.Ledger.Writing;
using SettlementGrid.Simulation.World;

namespace SettlementGrid.Simulation.Database;

/// <summary>
/// One server's ledger over the simulated database: put together as <see cref="PostgresLedger"/> is. Real are the
/// group commit (queue, pacing, batches, ordering, bisection, retries, resolving, conflicts), the coalesced look-ups,
/// and what tells a lost connection from a refusal; only what is said in SQL is answered here.
/// </summary>
sealed class SimulatedConnection : ILedger, IAsyncDisposable
{
    readonly SimulatedDatabase _database;
    readonly Link _link;
    readonly TimeProvider _clock;
    readonly SeenLedger _seen = new(SimulationLimits.KnownVersions, SimulationLimits.KnownRequests);
    readonly Instruments _instruments = new();
    readonly GroupCommit _writing;
    readonly Coalesced<string, Account> _loads;
    readonly Coalesced<Question, Knowledge> _questions;

    public SimulatedConnection(
        SimulatedDatabase database, Link link, SimulatedThread thread, TimeProvider clock, ILogger log,
        Func<CommitRequest, CommitRequest> prepare)
    {
        (_database, _link, _clock) = (database, link, clock);
        _writing = new GroupCommit(
            () => new SimulatedLine(database, link, prepare, _seen, clock, log, _instruments),
            new Conflicts(Look, clock), _seen, new CommitFollowers(), clock, thread, log, _instruments);
        _loads = new Coalesced<string, Account>(Load, clock, thread);
        _questions = new Coalesced<Question, Knowledge>(Confirm, clock, thread);
    }

    // Tokens are not passed on to the look-ups: WaitAsync would leave the simulated thread.
    public ValueTask<Account> Load(string enrolleeId, CancellationToken cancellation) =>
        new(_loads.Ask(enrolleeId, CancellationToken.None));

    public ValueTask<Knowledge> Confirm(Question question, CancellationToken cancellation) =>
        new(_questions.Ask(question, CancellationToken.None));

    public ValueTask<AppendOutcome> Append(Append append, CancellationToken cancellation) =>
        new(_writing.Append(append, cancellation));

    public bool Remembers(SettlementId requestKey) => _seen.Requests.Has(requestKey);

    public ValueTask<Recorded?> Find(SettlementId id, CancellationToken cancellation) =>
        Read(ledger => ledger.Find(id, CancellationToken.None));

    public ValueTask<IReadOnlyList<Recorded>> ReadStream(
        StreamKey stream, long fromVersion, int max, CancellationToken cancellation) =>
        Read(ledger => ledger.ReadStream(stream, fromVersion, max, CancellationToken.None));

    public ValueTask<IReadOnlyDictionary<SettlementId, SettlementId>> Reversals(
        IReadOnlyCollection<Fact.Settled> settlements, CancellationToken cancellation) =>
        Read(ledger => ledger.Reversals(settlements, CancellationToken.None));

    public ValueTask<IReadOnlyList<Recorded>> ListFacility(
        string facilityId, string within, long from, long to, long afterPosition, int max,
        CancellationToken cancellation) =>
        Read(ledger => ledger.ListFacility(
            facilityId, within, from, to, afterPosition, max, CancellationToken.None));

    public ValueTask<IReadOnlyList<Recorded>> ReadTail(long afterPosition, int max, CancellationToken cancellation) =>
        Read(ledger => ledger.ReadTail(afterPosition, max, CancellationToken.None));

    public ValueTask<CatalogEntries> ReadCatalog(CancellationToken cancellation) =>
        Read(ledger => ledger.ReadCatalog(CancellationToken.None));

    public async ValueTask<LedgerHead> ReadHead(CancellationToken cancellation) =>
        await Reach.Repeated(_clock, _ => _link.Ask(() => _database.Head), CancellationToken.None);

    /// <summary>A graceful stop: writes what is queued.</summary>
    public async ValueTask DisposeAsync()
    {
        await _writing.DisposeAsync();
        _instruments.Dispose();
    }

    /// <summary>A crash: nothing is written any more, nobody is answered.</summary>
    public void Crash()
    {
        _link.Cut();
        _instruments.Dispose();
    }

    /// <summary>Each reading is one statement, answered by what is committed at its moment.</summary>
    async ValueTask<T> Read<T>(Func<VolatileLedger, ValueTask<T>> read) => await Reach.Repeated(
        _clock, _ => _link.Ask(() => read(_database.Stored).AsTask()), CancellationToken.None);

    Task<IReadOnlyList<Account>> Load(IReadOnlyList<string> persons, CancellationToken cancellation) =>
        Reach.Repeated(_clock, async _ =>
        {
            var (accounts, head) = await _link.Ask(() => (Accounts(persons), _database.Head));
            if (head.CommitNumber > 0)
                _seen.Head.Saw(head.CommitNumber, head.Hash);
            foreach (var account in accounts)
                if (account.Version > 0)
                    _seen.Versions.Add(StreamKey.Person(account.EnrolleeId), account.Version);
            return accounts;
        }, cancellation);

    IReadOnlyList<Account> Accounts(IReadOnlyList<string> persons) =>
        [.. persons.Select(p => Now(_database.Stored.Load(p, CancellationToken.None)))];

    Task<IReadOnlyList<Knowledge>> Confirm(IReadOnlyList<Question> questions, CancellationToken cancellation) =>
        Reach.Repeated<IReadOnlyList<Knowledge>>(_clock, _ => _link.Ask<IReadOnlyList<Knowledge>>(
            () => [.. questions.Select(q => Now(_database.Stored.Confirm(q, CancellationToken.None)))]), cancellation);

    Task<IReadOnlyList<Taken>> Look(IReadOnlyList<Row> rows, CancellationToken cancellation) =>
        _link.Ask<IReadOnlyList<Taken>>(() => [.. rows.Select(Look)]);

    Taken Look(Row row)
    {
        var entry = row.Entry;
        var stored = entry.RequestKey is { } key ? Now(_database.Stored.Find(key, CancellationToken.None)) : null;
        var isStale = _database.Has(LockKey.OfStream(entry.Stream, entry.Version))
            || row.Before > 0 && !_database.Has(LockKey.OfStream(entry.Stream, row.Before));
        var uses = stored is null && !isStale && row.Place is { } place && _database.Has(LockKey.OfPlace(place))
            ? Now(_database.Stored.Confirm(
                new Question(entry.Stream.Id, null, entry.Encounter!.Value.Key), CancellationToken.None)).Uses
            : null;
        return new Taken(_database.Head.CatalogRevision, stored, isStale, uses);
    }

    /// <summary>The ledger in memory answers at once.</summary>
    static T Now<T>(ValueTask<T> answered) => answered.AsTask().GetAwaiter().GetResult();
}
