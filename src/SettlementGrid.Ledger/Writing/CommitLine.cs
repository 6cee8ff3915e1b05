using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using SettlementGrid.Enrollees;
using SettlementGrid.Ledger.Seeing;

namespace SettlementGrid.Ledger.Writing;

/// <summary>What one try to commit came to.</summary>
/// <param name="FirstPosition">
/// Of the batch; null: nothing of it is stored, for certain, because of <see cref="Error"/>.
/// </param>
readonly record struct Try(long? FirstPosition, Exception? Error)
{
    public Fault Fault => Error is null ? default : Reach.Of(Error);
}

/// <summary>What the database says of a commit that it stored.</summary>
/// <param name="Rows">How many entries were stored with it.</param>
readonly record struct CommitReply(long Number, long FirstPosition, EntryHash Hash, int Rows);

/// <summary>What became of a commit whose reply was lost; final.</summary>
/// <param name="Number">Of the commit, or of the empty one that took its id.</param>
readonly record struct Resolution(bool IsStored, long Number, long FirstPosition, EntryHash Hash);

/// <summary>
/// One connection's way into the ledger. Where the reply is lost, the outcome is asked for on a new connection until it
/// is known; until then nothing else happens here. What is said to the database stands in <see cref="PostgresLine"/>;
/// the simulation puts a database of its own in that place. Not thread-safe.
/// </summary>
abstract class CommitLine(SeenLedger seen, TimeProvider clock, ILogger log, Instruments instruments) : IAsyncDisposable
{
    readonly EntryColumns _columns = new();
    readonly NpgsqlParameter<long> _id = new() { NpgsqlDbType = NpgsqlDbType.Bigint };
    readonly NpgsqlParameter<int> _count = new() { NpgsqlDbType = NpgsqlDbType.Integer };
    readonly NpgsqlParameter<byte[]> _digest = new() { NpgsqlDbType = NpgsqlDbType.Bytea };
    readonly NpgsqlParameter<long?> _revision = new() { NpgsqlDbType = NpgsqlDbType.Bigint };
    readonly NpgsqlParameter<int> _raise = new() { NpgsqlDbType = NpgsqlDbType.Integer };
    readonly NpgsqlParameter<long?> _seenNumber = new() { NpgsqlDbType = NpgsqlDbType.Bigint };
    readonly NpgsqlParameter<byte[]?> _seenHash = new() { NpgsqlDbType = NpgsqlDbType.Bytea };
    readonly NpgsqlParameter<List<short>> _beforeKind = Array<short>(NpgsqlDbType.Smallint);
    readonly NpgsqlParameter<List<string>> _beforeStream = Array<string>(NpgsqlDbType.Text);
    readonly NpgsqlParameter<List<long>> _beforeVersion = Array<long>(NpgsqlDbType.Bigint);
    long? _writer;
    long _counter;

    /// <summary>The entries, as <see cref="EntryColumns.Insert"/> takes them.</summary>
    protected IReadOnlyList<NpgsqlParameter> EntryParameters => _columns.Parameters;

    /// <summary>What ledger.commit_entries takes, in its order.</summary>
    protected NpgsqlParameter[] CommitParameters =>
    [
        _id, _count, _digest, _revision, _raise, _seenNumber, _seenHash, _beforeKind, _beforeStream, _beforeVersion,
    ];

    /// <summary>
    /// Commits all or nothing. Returns only when the outcome is certain; throws only when stopped before that.
    /// </summary>
    public async Task<Try> Store(IReadOnlyList<Pending> appends, CancellationToken stop)
    {
        long id;
        try
        {
            _writer = await Open(_writer);
            id = _writer.Value << 32 | _counter++;
            Fill(id, appends);
        }
        catch (Exception e)
        {
            // Nothing was sent yet.
            await Close();
            return new Try(null, e);
        }
        try
        {
            return new Try(await Commit(), null);
        }
        catch (PostgresException e) when (Reach.Of(e) != Fault.Lost)
        {
            return new Try(null, e);
        }
        catch (Exception e) when (e is not MissingRowsException)
        {
            await Close();
            log.LogWarning("The outcome of commit {Id} is unknown ({Error}); asking", id, Reach.Describe(e));
            var position = await Resolve(id, stop);
            log.LogInformation(
                "Commit {Id} was {Outcome}", id, position is null ? "not stored and never will be" : "stored");
            return new Try(position, position is null ? e : null);
        }
    }

    public ValueTask DisposeAsync() => Close();

    /// <summary>Connects where there is no connection; gives the writer's number, drawn where there is none.</summary>
    protected abstract Task<long> Open(long? writer);

    /// <summary>
    /// Sends what the parameters hold as one transaction; null: it ended without a reply row. Returns only after the
    /// database said that the transaction is over.
    /// </summary>
    protected abstract Task<CommitReply?> Send();

    /// <summary>Asks, on a connection of its own, and bars the id where it is not stored.</summary>
    protected abstract Task<Resolution> Ask(long id, CancellationToken stop);

    protected abstract ValueTask Close();

    void Fill(long id, IReadOnlyList<Pending> appends)
    {
        _digest.TypedValue = _columns.Fill(id, appends);
        _id.TypedValue = id;
        _count.TypedValue = _columns.Rows;
        _revision.TypedValue = appends.Max(a => a.Append.CatalogRevision);
        _raise.TypedValue = appends.Sum(a => a.Raises);
        var head = seen.Head.Value;
        _seenNumber.TypedValue = head?.Number;
        _seenHash.TypedValue = head is null ? null : Keys.Of(head.Value.Hash);
        FillBefore(appends);
    }

    /// <summary>The versions before those appended that this process has not seen in the ledger itself.</summary>
    void FillBefore(IReadOnlyList<Pending> appends)
    {
        var (kinds, streams, versions) =
            (_beforeKind.TypedValue!, _beforeStream.TypedValue!, _beforeVersion.TypedValue!);
        kinds.Clear();
        streams.Clear();
        versions.Clear();
        foreach (var append in appends)
        {
            foreach (var row in append.Columns)
            {
                if (row.Before == 0 || seen.Versions.Has(row.Entry.Stream, row.Before))
                    continue;
                kinds.Add((short)row.Entry.Stream.Kind);
                streams.Add(row.Entry.Stream.Id);
                versions.Add(row.Before);
            }
        }
    }

    static NpgsqlParameter<List<T>> Array<T>(NpgsqlDbType type) =>
        new() { TypedValue = [], NpgsqlDbType = NpgsqlDbType.Array | type };

    async Task<long> Commit()
    {
        var start = clock.GetTimestamp();
        if (await Send() is not { } reply || reply.Rows != _columns.Rows)
            throw new MissingRowsException();
        seen.Head.Saw(reply.Number, reply.Hash);
        instruments.Committed(_columns.Rows, clock.GetElapsedTime(start));
        return reply.FirstPosition;
    }

    async Task<long?> Resolve(long id, CancellationToken stop)
    {
        for (var pause = LedgerLimits.ReachPause; ; pause = Reach.Longer(pause))
        {
            try
            {
                var outcome = await Ask(id, stop);
                seen.Head.Saw(outcome.Number, outcome.Hash);
                return outcome.IsStored ? outcome.FirstPosition : null;
            }
            catch (Exception e) when (e is NpgsqlException or IOException or TimeoutException
                && !stop.IsCancellationRequested)
            {
                // Away or restarting: this batch's persons wait, and the queue behind them is bounded.
            }
            await Task.Delay(pause, clock, stop);
        }
    }
}

/// <summary>
/// PostgreSQL committed another number of rows than were sent: an invariant is broken, nothing may go on.
/// </summary>
sealed class MissingRowsException() : Exception("PostgreSQL stored another number of rows than it was given.");
