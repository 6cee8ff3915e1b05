using Microsoft.Extensions.Logging;
using Npgsql;
using SettlementGrid.Ledger.Seeing;
using SettlementGrid.Ledger.Starting;

namespace SettlementGrid.Ledger.Writing;

/// <summary>
/// A line to PostgreSQL: two prepared statements in one batch, which PostgreSQL runs as one transaction. There is no
/// BEGIN and no COMMIT of ours, so an error can never be followed by a commit that stores nothing and says yes.
/// </summary>
sealed class PostgresLine(
    Sessions sessions, SeenLedger seen, TimeProvider clock, ILogger log, Instruments instruments)
    : CommitLine(seen, clock, log, instruments)
{
    const string Commit = """
        SELECT number, first_position, hash FROM ledger.commit_entries($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """;

    NpgsqlConnection? _connection;
    NpgsqlBatch? _batch;

    protected override async Task<long> Open(long? writer)
    {
        if (_connection is { State: System.Data.ConnectionState.Open } && writer is { } known)
            return known;
        await Close();
        _connection = await sessions.ForWriting(CancellationToken.None);
        // A role's or database's synchronous_commit may have been changed since the start.
        await Safety.Require(_connection, CancellationToken.None);
        if (writer is null)
        {
            await using var draw = new NpgsqlCommand("SELECT nextval('ledger.writers')", _connection);
            writer = (long)(await draw.ExecuteScalarAsync())!;
        }
        var insert = new NpgsqlBatchCommand(EntryColumns.Insert);
        foreach (var parameter in EntryParameters)
            insert.Parameters.Add(parameter);
        var commit = new NpgsqlBatchCommand(Commit);
        foreach (var parameter in CommitParameters)
            commit.Parameters.Add(parameter);
        _batch = new NpgsqlBatch(_connection) { BatchCommands = { insert, commit } };
        await _batch.PrepareAsync();
        return writer.Value;
    }

    protected override async Task<CommitReply?> Send()
    {
        await using var reader = await _batch!.ExecuteReaderAsync();
        if (!await reader.ReadAsync())
            return null;
        var (number, first, hash) =
            (reader.GetInt64(0), reader.GetInt64(1), Keys.Hash(reader.GetFieldValue<byte[]>(2)));
        // Runs to the end of the reply: only ReadyForQuery says that the transaction is over.
        await reader.CloseAsync();
        return new CommitReply(number, first, hash, reader.RecordsAffected);
    }

    protected override async Task<Resolution> Ask(long id, CancellationToken stop)
    {
        await using var connection = await sessions.ForWriting(stop);
        await using var ask = new NpgsqlCommand(
            "SELECT stored, number, first_position, hash FROM ledger.resolve_commit($1)", connection);
        ask.Parameters.AddWithValue(id);
        await using var row = await ask.ExecuteReaderAsync(stop);
        await row.ReadAsync(stop);
        var outcome = new Resolution(
            row.GetBoolean(0), row.GetInt64(1), row.GetInt64(2), Keys.Hash(row.GetFieldValue<byte[]>(3)));
        await row.CloseAsync();
        return outcome;
    }

    protected override async ValueTask Close()
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
