using Npgsql;
using NpgsqlTypes;
using SettlementGrid.Api.Methods;
using SettlementGrid.Enrollees;

namespace SettlementGrid.Server.Servers;

/// <summary>
/// The leases of live servers in the database, for people alone: nothing that decides reads them. All times are the
/// database's, so that it does not matter how the servers' clocks stand.
/// </summary>
public sealed class LeaseTable(NpgsqlDataSource source)
{
    private const string Rows = """
        SELECT id, started_at, seen_at, seen_at > clock_timestamp() - $1, host, process_id, version, address,
            grpc_address, state, fund_mark, catalog_revision, calls_per_second, clock_ahead_ms
        FROM ledger.servers ORDER BY started_at, id LIMIT $2
        """;

    /// <summary>
    /// Writes the server's row; gives its id and how far the server's clock is ahead, in milliseconds.
    /// </summary>
    /// <param name="id">Null: its first.</param>
    public async Task<(long Id, long ClockAheadMs)> NoteAsync(
        long? id, ServerSelf self, ServerFigures figures, TimeProvider clock, CancellationToken cancellation)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation);
        await using var command = new NpgsqlCommand(
            "SELECT noted, clock_ahead FROM ledger.note_server($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            connection);
        command.Parameters.Add(
            new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Bigint, Value = id ?? (object)DBNull.Value });
        command.Parameters.AddWithValue(self.Host);
        command.Parameters.AddWithValue(self.ProcessId);
        command.Parameters.AddWithValue(self.Version);
        command.Parameters.AddWithValue(self.Address);
        command.Parameters.AddWithValue(self.GrpcAddress);
        command.Parameters.AddWithValue(figures.State);
        command.Parameters.AddWithValue(figures.FundMark);
        command.Parameters.AddWithValue(figures.CatalogRevision);
        command.Parameters.AddWithValue(figures.CallsPerSecond);
        // Read last: what lies between here and the database's look at its own clock is the difference's fault.
        command.Parameters.AddWithValue(NpgsqlDbType.TimestampTz, clock.GetUtcNow().UtcDateTime);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        await row.ReadAsync(cancellation);
        return (row.GetInt64(0), row.GetInt64(1));
    }

    /// <summary>Takes a server's row off: it stops in order.</summary>
    public async Task ForgetAsync(long id, CancellationToken cancellation)
    {
        await using var command = source.CreateCommand("SELECT ledger.forget_server($1)");
        command.Parameters.AddWithValue(id);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>For OperationsService.</summary>
    /// <exception cref="LedgerUnavailableException">The database does not answer.</exception>
    public async Task<ServerList> ReadAsync(CancellationToken cancellation)
    {
        try
        {
            await using var connection = await source.OpenConnectionAsync(cancellation);
            return await ReadAsync(connection, cancellation);
        }
        catch (Exception failed) when (failed is NpgsqlException or TimeoutException)
        {
            throw new LedgerUnavailableException("The leases of servers cannot be read.", failed);
        }
    }

    /// <summary>Over a connection of the caller's.</summary>
    public static async Task<ServerList> ReadAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var time = new NpgsqlCommand("SELECT clock_timestamp()", connection);
        var now = new DateTimeOffset((DateTime)(await time.ExecuteScalarAsync(cancellation))!);
        await using var command = new NpgsqlCommand(Rows, connection);
        command.Parameters.AddWithValue(ServerLimits.LeaseAliveFor);
        command.Parameters.AddWithValue(ServerLimits.LeasesShownMax);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var servers = new List<ServerLease>();
        while (await row.ReadAsync(cancellation))
        {
            servers.Add(new ServerLease(
                row.GetInt64(0), row.GetFieldValue<DateTimeOffset>(1), row.GetFieldValue<DateTimeOffset>(2),
                row.GetBoolean(3),
                new ServerSelf(
                    row.GetString(4), row.GetInt32(5), row.GetString(6), row.GetString(7), row.GetString(8)),
                new ServerFigures(
                    row.GetString(9), row.GetInt64(10), row.GetInt64(11), row.GetDouble(12), row.GetInt64(13))));
        }

        return new ServerList(servers, now);
    }
}
