using Npgsql;

namespace SettlementGrid.Postgres;

/// <summary>What a look at a PostgreSQL's settings found.</summary>
/// <param name="Unsafe">each a sentence; with one of them an acknowledged settlement could be lost.</param>
/// <param name="Warnings">each a sentence; nothing can be lost, but damage could stay unseen.</param>
public sealed record PostgresSafety(IReadOnlyList<string> Unsafe, IReadOnlyList<string> Warnings)
{
    private static readonly (string Setting, string Why)[] Required =
    [
        ("fsync", "a power cut would lose acknowledged settlements and may break the database"),
        ("synchronous_commit", "a crash would lose the settlements acknowledged last (and it gains nothing here)"),
        ("full_page_writes", "a power cut in the middle of a page write would break that page"),
    ];

    /// <summary>
    /// Asks as the login that will settle: synchronous_commit can be set per role and database.
    /// </summary>
    public static async Task<PostgresSafety> AskAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var @unsafe = new List<string>();
        var warnings = new List<string>();
        foreach (var (setting, why) in Required)
        {
            if (await ShowAsync(connection, setting, cancellation) == "off")
            {
                @unsafe.Add($"{setting} is off: {why}. Set {setting} = on.");
            }
        }

        if (connection.PostgreSqlVersion.Major < PostgresBinaries.OldestMajor)
        {
            @unsafe.Add($"it is PostgreSQL {connection.PostgreSqlVersion}: at least {PostgresBinaries.OldestMajor} "
                + "is needed.");
        }

        if (await ShowAsync(connection, "transaction_read_only", cancellation) == "on")
        {
            @unsafe.Add("it takes no writes (a standby, or default_transaction_read_only): name the primary.");
        }

        if (await ShowAsync(connection, "server_encoding", cancellation) != "UTF8")
        {
            @unsafe.Add("the database's encoding is not UTF8: make one with ENCODING 'UTF8'.");
        }

        if (await ShowAsync(connection, "data_checksums", cancellation) == "off")
        {
            warnings.Add("data checksums are off: a damaged page would be read without notice (pg_checksums --enable "
                + "turns them on while the database is down).");
        }

        return new PostgresSafety(@unsafe, warnings);
    }

    private static async Task<string> ShowAsync(
        NpgsqlConnection connection, string setting, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("SELECT current_setting($1)", connection);
        command.Parameters.AddWithValue(setting);
        return (string)(await command.ExecuteScalarAsync(cancellation))!;
    }
}
