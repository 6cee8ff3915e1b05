using Microsoft.Extensions.Logging;
using Npgsql;
using SettlementGrid.Enrollees;
using SettlementGrid.Ledger.Checkpoints;
using SettlementGrid.Ledger.Reading;
using SettlementGrid.Ledger.Seeing;
using SettlementGrid.Ledger.Starting;
using SettlementGrid.Ledger.Writing;
using SettlementGrid.Regions.Following;

namespace SettlementGrid.Ledger;

/// <summary>
/// The ledger in PostgreSQL. What it acknowledges is committed and flushed; several servers may work on one database,
/// the unique keys are the fence between them. Thread-safe. Closing it writes what is queued.
/// </summary>
public sealed class PostgresLedger : ILedger, ILedgerTail, IAsyncDisposable
{
    readonly Sessions _sessions;
    readonly Instruments _instruments = new();
    readonly CommitFollowers _followers = new();
    readonly SeenLedger _seen = new();
    readonly GroupCommit _writing;
    readonly Coalesced<string, Account> _loads;
    readonly Coalesced<Question, Knowledge> _questions;
    readonly Pages _pages;
    readonly Bodies _bodies;

    PostgresLedger(Sessions sessions, TimeProvider clock, ILogger log)
    {
        var turns = new Readings(sessions.ForTurns, _seen.Head, clock);
        var lists = new Readings(sessions.ForLists, _seen.Head, clock);
        var lookUps = new LookUps(turns, _seen, _instruments);
        _sessions = sessions;
        _writing = new GroupCommit(
            () => new PostgresLine(sessions, _seen, clock, log, _instruments),
            new Conflicts(new TakenKeys(sessions).Look, clock), _seen, _followers, clock, TaskScheduler.Default, log,
            _instruments);
        _loads = new Coalesced<string, Account>(lookUps.Load, clock, TaskScheduler.Default);
        _questions = new Coalesced<Question, Knowledge>(lookUps.Confirm, clock, TaskScheduler.Default);
        _pages = new Pages(turns, lists, _seen.Head);
        _bodies = new Bodies(lists, clock);
        Checkpoints = new PostgresCheckpoints(sessions);
    }

    /// <summary>The funds' checkpoints, kept in the same database.</summary>
    public ICheckpoints Checkpoints { get; }

    /// <summary>
    /// Checks that the database may be trusted, makes or migrates the schema with the given login, and opens the ledger
    /// under the working role. <see cref="LedgerRefusedException"/>: it must not be used as it is.
    /// <see cref="NpgsqlException"/>: it cannot be reached.
    /// </summary>
    public static async Task<PostgresLedger> Open(
        string connectionString, TimeProvider clock, ILogger log, CancellationToken cancellation)
    {
        var login =
            new NpgsqlConnectionStringBuilder(Sessions.Common(connectionString).ConnectionString) { Pooling = false };
        await using (var connection = new NpgsqlConnection(login.ConnectionString))
        {
            await connection.OpenAsync(cancellation);
            foreach (var warning in await Safety.Require(connection, cancellation))
                log.LogWarning("{Warning}", warning);
            await AppRole.Ensure(connection, cancellation);
            foreach (var warning in await Migrations.Apply(connection, cancellation))
                log.LogWarning("{Warning}", warning);
        }
        var ledger = new PostgresLedger(new Sessions(connectionString), clock, log);
        try
        {
            // What is seen here is what every later commit of this process stands on.
            await ledger.ReadHead(cancellation);
            return ledger;
        }
        catch
        {
            await ledger.DisposeAsync();
            throw;
        }
    }

    public ValueTask<Account> Load(string enrolleeId, CancellationToken cancellation) =>
        new(_loads.Ask(enrolleeId, cancellation));

    public ValueTask<AppendOutcome> Append(Append append, CancellationToken cancellation) =>
        new(_writing.Append(append, cancellation));

    public ValueTask<Knowledge> Confirm(Question question, CancellationToken cancellation) =>
        new(_questions.Ask(question, cancellation));

    public bool Remembers(SettlementId requestKey) => _seen.Requests.Has(requestKey);

    public ValueTask<Recorded?> Find(SettlementId id, CancellationToken cancellation) =>
        new(_pages.Find(id, cancellation));

    public ValueTask<IReadOnlyList<Recorded>> ReadStream(
        StreamKey stream, long fromVersion, int max, CancellationToken cancellation) =>
        new(_pages.Stream(stream, fromVersion, max, cancellation));

    public ValueTask<IReadOnlyDictionary<SettlementId, SettlementId>> Reversals(
        IReadOnlyCollection<Fact.Settled> settlements, CancellationToken cancellation) =>
        new(_pages.Reversals(settlements, cancellation));

    public ValueTask<IReadOnlyList<Recorded>> ListFacility(
        string facilityId, string within, long from, long to, long afterPosition, int max,
        CancellationToken cancellation) =>
        new(_pages.Facility(facilityId, within, from, to, afterPosition, max, cancellation));

    public ValueTask<IReadOnlyList<Recorded>> ReadTail(long afterPosition, int max, CancellationToken cancellation) =>
        new(_pages.After(afterPosition, max, cancellation));

    public ValueTask<CatalogEntries> ReadCatalog(CancellationToken cancellation) =>
        new(_pages.ReadCatalog(cancellation));

    public ValueTask<LedgerHead> ReadHead(CancellationToken cancellation) => new(_pages.Head(cancellation));

    public IAsyncEnumerable<BodyRun> ReadBodies(long after, long upTo, CancellationToken cancellation) =>
        _bodies.Read(after, upTo, cancellation);

    public ValueTask<CommitMark?> CommitOf(long position, CancellationToken cancellation) =>
        new(_pages.CommitOf(position, cancellation));

    public IDisposable Follow(Action<long, IReadOnlyList<Entry>> take) => _followers.Add(take);

    public async ValueTask DisposeAsync()
    {
        await _writing.DisposeAsync();
        await _sessions.DisposeAsync();
        _instruments.Dispose();
    }
}
