using Npgsql;
using SettlementGrid.Enrollees;
using SettlementGrid.Ledger.Seeing;

namespace SettlementGrid.Ledger.Reading;

/// <summary>
/// One statement a reading, so its answer is of one moment, and of a moment at which all was there that this process
/// has seen: where the database was taken back to an older state it holds less than was acknowledged, and nobody is
/// shown it (<see cref="SeenHead.TakenBack"/>). Both are asked in one round trip, for a database is not taken back
/// while a connection to it lives. Once sent a statement is not cancelled: see <see cref="Reach.InTime"/>.
/// </summary>
/// <param name="connect">To the pool that these readings may use up.</param>
sealed class Readings(
    Func<CancellationToken, ValueTask<NpgsqlConnection>> connect, SeenHead seen, TimeProvider clock)
{
    const string Seen = "SELECT c.hash FROM ledger.commits c WHERE c.number = $1";

    /// <summary>What <paramref name="take"/> makes of the statement's rows; it may be made more than once.</summary>
    public Task<T> Read<T>(
        string sql, object[] values, Func<NpgsqlDataReader, Task<T>> take, CancellationToken cancellation) =>
        Reach.Repeated(
            clock,
            async c =>
            {
                await using var connection = await connect(c);
                await using var batch = new NpgsqlBatch(connection);
                var before = seen.Value;
                if (before is var (number, _))
                    batch.BatchCommands.Add(Rows.BatchCommand(Seen, number));
                batch.BatchCommands.Add(Rows.BatchCommand(sql, values));
                await using var rows = await batch.ExecuteReaderAsync(CancellationToken.None);
                if (before is var (_, hash))
                {
                    await RequireStill(rows, hash);
                    await rows.NextResultAsync(CancellationToken.None);
                }
                return await take(rows);
            },
            cancellation);

    /// <summary>A connection for what no batch takes (COPY); what was seen is still there while it lives.</summary>
    public async Task<NpgsqlConnection> Open()
    {
        var connection = await connect(CancellationToken.None);
        try
        {
            if (seen.Value is var (number, hash))
            {
                await using var command = Rows.Command(connection, Seen, number);
                await using var rows = await command.ExecuteReaderAsync();
                await RequireStill(rows, hash);
            }
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    static async Task RequireStill(NpgsqlDataReader rows, EntryHash hash)
    {
        if (!await rows.ReadAsync() || Keys.Hash(rows.GetFieldValue<byte[]>(0)) != hash)
            throw new LedgerUnavailableException(SeenHead.TakenBack);
    }
}
