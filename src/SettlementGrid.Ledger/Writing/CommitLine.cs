using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using SettlementGrid.Enrollees;
using SettlementGrid.Ledger.Starting;

namespace SettlementGrid.Ledger.Writing;

/// <summary>What one try to commit came to.</summary>
/// <param name="FirstPosition">
/// Of the batch; null: nothing of it is stored, for certain, because of <see cref="Error"/>.
/// </param>
readonly record struct Try(long? FirstPosition, Exception? Error)
{
    public Fault Fault => Error is null ? default : Reach.Of(Error);
}

/// <summary>
/// One connection's way into the ledger: two prepared statements in one batch, which PostgreSQL runs as one
/// transaction.
/// There is no BEGIN and no COMMIT of ours, so an error can never be followed by a commit that stores nothing and says
/// yes. Where the reply is lost, the outcome is asked for on a new connection until it is known; until then nothing
/// else happens here. Not thread-safe.
/// </summary>
sealed class CommitLine(
    Sessions sessions, SeenHead seen, KnownVersions known, TimeProvider clock, ILogger log, Instruments instruments)
    : IAsyncDisposable
{
    const string Commit = """
        SELECT number, first_position, hash FROM ledger.commit_entries($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """;

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
    NpgsqlConnection? _connection;
    NpgsqlBatch? _batch;
    long? _writer;
    long _counter;

    /// <summary>
    /// Commits all or nothing. Returns only when the outcome is certain; throws only when stopped before that.
    /// </summary>
    public async Task<Try> Store(IReadOnlyList<Pending> appends, CancellationToken stop)
    {
        long id;
        try
        {
            await Open();
            id = _writer!.Value << 32 | _counter++;
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
            return new Try(await Send(), null);
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

    async Task Open()
    {
        if (_connection is { State: System.Data.ConnectionState.Open })
            return;
        await Close();
        _connection = await sessions.ForWriting(CancellationToken.None);
        // A role's or database's synchronous_commit may have been changed since the start.
        await Safety.Require(_connection, CancellationToken.None);
        if (_writer is null)
        {
            await using var draw = new NpgsqlCommand("SELECT nextval('ledger.writers')", _connection);
            _writer = (long)(await draw.ExecuteScalarAsync())!;
        }
        var insert = new NpgsqlBatchCommand(EntryColumns.Insert);
        foreach (var parameter in _columns.Parameters)
            insert.Parameters.Add(parameter);
        var commit = new NpgsqlBatchCommand(Commit);
        NpgsqlParameter[] last =
        [
            _id, _count, _digest, _revision, _raise, _seenNumber, _seenHash, _beforeKind, _beforeStream, _beforeVersion,
        ];
        foreach (var parameter in last)
            commit.Parameters.Add(parameter);
        _batch = new NpgsqlBatch(_connection) { BatchCommands = { insert, commit } };
        await _batch.PrepareAsync();
    }

    void Fill(long id, IReadOnlyList<Pending> appends)
    {
        _digest.TypedValue = _columns.Fill(id, appends);
        _id.TypedValue = id;
        _count.TypedValue = _columns.Rows;
        _revision.TypedValue = appends.Max(a => a.Append.CatalogRevision);
        _raise.TypedValue = appends.Sum(a => a.Raises);
        var head = seen.Value;
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
                if (row.Before == 0 || known.Has(row.Entry.Stream, row.Before))
                    continue;
                kinds.Add((short)row.Entry.Stream.Kind);
                streams.Add(row.Entry.Stream.Id);
                versions.Add(row.Before);
            }
        }
    }

    static NpgsqlParameter<List<T>> Array<T>(NpgsqlDbType type) =>
        new() { TypedValue = [], NpgsqlDbType = NpgsqlDbType.Array | type };

    async Task<long> Send()
    {
        var start = clock.GetTimestamp();
        await using var reader = await _batch!.ExecuteReaderAsync();
        if (!await reader.ReadAsync())
            throw new MissingRowsException();
        var (number, first, hash) =
            (reader.GetInt64(0), reader.GetInt64(1), Keys.Hash(reader.GetFieldValue<byte[]>(2)));
        // Runs to the end of the reply: only ReadyForQuery says that the transaction is over.
        await reader.CloseAsync();
        if (reader.RecordsAffected != _columns.Rows)
            throw new MissingRowsException();
        seen.Saw(number, hash);
        instruments.Committed(_columns.Rows, clock.GetElapsedTime(start));
        return first;
    }

    async Task<long?> Resolve(long id, CancellationToken stop)
    {
        for (var pause = LedgerLimits.ReachPause; ; pause = Reach.Longer(pause))
        {
            try
            {
                await using var connection = await sessions.ForWriting(stop);
                await using var ask = new NpgsqlCommand(
                    "SELECT stored, number, first_position, hash FROM ledger.resolve_commit($1)", connection);
                ask.Parameters.AddWithValue(id);
                await using var row = await ask.ExecuteReaderAsync(stop);
                await row.ReadAsync(stop);
                var stored = row.GetBoolean(0);
                var (number, first) = (row.GetInt64(1), row.GetInt64(2));
                var hash = Keys.Hash(row.GetFieldValue<byte[]>(3));
                await row.CloseAsync();
                seen.Saw(number, hash);
                return stored ? first : null;
            }
            catch (Exception e) when (e is NpgsqlException or IOException or TimeoutException
                && !stop.IsCancellationRequested)
            {
                // Away or restarting: this batch's persons wait, and the queue behind them is bounded.
            }
            await Task.Delay(pause, clock, stop);
        }
    }

    async ValueTask Close()
    {
        if (_batch is not null)
        {
            // The parameters outlive the connection and belong to the next one's commands.
            foreach (var command in _batch.BatchCommands)
                command.Parameters.Clear();
            await _batch.DisposeAsync();
        }
        if (_connection is not null)
            await _connection.DisposeAsync();
        (_batch, _connection) = (null, null);
    }
}

/// <summary>
/// PostgreSQL committed another number of rows than were sent: an invariant is broken, nothing may go on.
/// </summary>
sealed class MissingRowsException() : Exception("PostgreSQL stored another number of rows than it was given.");
