using Npgsql;

namespace SettlementGrid.Ledger.Starting;

/// <summary>
/// Whether what PostgreSQL acknowledges is on disk. Asked by the login that will write, because synchronous_commit can
/// be set for a role or a database alone.
/// </summary>
static class Safety
{
    const int OldestServer = 150_000;

    const string Question = """
        SELECT current_setting('server_version_num')::int, current_setting('server_version'),
            current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit'),
            current_setting('server_encoding'), pg_is_in_recovery() OR current_setting('transaction_read_only')::bool,
            current_setting('data_checksums')
        """;

    /// <summary>Sentences about what could go unseen; throws on what could lose an acknowledged settlement.</summary>
    public static async Task<IReadOnlyList<string>> Require(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(Question, connection);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        await row.ReadAsync(cancellation);
        if (row.GetInt32(0) < OldestServer)
            throw new LedgerRefusedException($"PostgreSQL {row.GetString(1)} is too old: 15 or newer is needed.");
        foreach (var (setting, value, why) in new[]
        {
            ("fsync", row.GetString(2), "a power cut would lose acknowledged settlements and may break the database"),
            ("full_page_writes", row.GetString(3), "a power cut in the middle of a page write would break the page"),
            ("synchronous_commit", row.GetString(4), "a crash would lose the settlements acknowledged last"),
        })
        {
            if (value == "off")
                throw new LedgerRefusedException($"PostgreSQL's {setting} is off: {why}. Set {setting} = on.");
        }
        if (row.GetString(5) != "UTF8")
            throw new LedgerRefusedException("The database's encoding is not UTF8. Make one with ENCODING 'UTF8'.");
        if (row.GetBoolean(6))
            throw new LedgerRefusedException("This PostgreSQL takes no writes (a standby?). Name the primary.");
        return row.GetString(7) == "on"
            ? []
            : ["PostgreSQL's data checksums are off: a damaged page would be read without notice "
                + "(pg_checksums --enable, while it is stopped, turns them on)."];
    }
}
