using Npgsql;
using SettlementGrid.Enrollees;
using SettlementGrid.Ledger.Reading;
using SettlementGrid.Ledger.Starting;
using SettlementGrid.Regions.Following;

namespace SettlementGrid.Ledger.Checkpoints;

/// <summary>
/// The funds' checkpoints in the ledger's database. One may be half a gigabyte, so no time bounds the whole of it: the
/// driver bounds each wait (<see cref="LedgerLimits.StatementTimeMax"/>), and whoever gives up ends the statement.
/// </summary>
sealed class PostgresCheckpoints(Sessions sessions) : ICheckpoints
{
    public ValueTask<StoredCheckpoint?> Newest(long mark, CancellationToken cancellation) => Reaching(
        async connection =>
        {
            await using var command = Rows.Command(
                connection,
                """
                SELECT mark, commit_number, commit_hash, at, packed, digest FROM ledger.fund_checkpoints
                WHERE mark <= $1 ORDER BY mark DESC LIMIT 1
                """,
                mark);
            await using var row = await command.ExecuteReaderAsync(cancellation);
            return !await row.ReadAsync(cancellation) ? null : new StoredCheckpoint(
                row.GetInt64(0), new CommitMark(row.GetInt64(1), Keys.Hash(row.GetFieldValue<byte[]>(2))),
                new DateTimeOffset(row.GetDateTime(3)).ToUnixTimeMilliseconds(),
                row.GetFieldValue<byte[]>(4), row.GetFieldValue<byte[]>(5));
        },
        cancellation);

    public ValueTask<long> NewestMark(long mark, CancellationToken cancellation) => Reaching(
        async connection =>
        {
            await using var command = Rows.Command(
                connection, "SELECT coalesce(max(mark), 0) FROM ledger.fund_checkpoints WHERE mark <= $1", mark);
            return (long)(await command.ExecuteScalarAsync(cancellation))!;
        },
        cancellation);

    public ValueTask<long?> NextMark(long mark, CancellationToken cancellation) => Reaching(
        async connection =>
        {
            await using var command = Rows.Command(
                connection, "SELECT min(mark) FROM ledger.fund_checkpoints WHERE mark > $1", mark);
            return await command.ExecuteScalarAsync(cancellation) as long?;
        },
        cancellation);

    public ValueTask<bool> Write(StoredCheckpoint checkpoint, CancellationToken cancellation) => Reaching(
        async connection =>
        {
            await using var command = Rows.Command(
                connection,
                """
                INSERT INTO ledger.fund_checkpoints (mark, commit_number, commit_hash, at, packed, digest)
                VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING
                """,
                checkpoint.Mark, checkpoint.Commit.Number, Keys.Of(checkpoint.Commit.Hash), Keys.Time(checkpoint.At),
                checkpoint.Packed, checkpoint.Digest);
            return await command.ExecuteNonQueryAsync(cancellation) == 1;
        },
        cancellation);

    async ValueTask<T> Reaching<T>(Func<NpgsqlConnection, Task<T>> ask, CancellationToken cancellation)
    {
        try
        {
            await using var connection = await sessions.ForLists(cancellation);
            return await ask(connection);
        }
        catch (Exception e) when (e is NpgsqlException or IOException or TimeoutException)
        {
            throw new LedgerUnavailableException("The fund checkpoints are out of reach: " + Reach.Describe(e), e);
        }
    }
}
