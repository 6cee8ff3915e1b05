using Npgsql;

namespace SettlementGrid.Faults.Hostile.Tampering;

/// <summary>
/// The ledger's tables as somebody sees them who owns the database: every trigger that refuses a change is off.
/// Keeps a copy from which each change is undone.
/// </summary>
sealed class LedgerCopy : IAsyncDisposable
{
    const string Keep = """
        CREATE TABLE public.kept_entries AS TABLE ledger.entries;
        CREATE TABLE public.kept_commits AS TABLE ledger.commits;
        CREATE TABLE public.kept_head AS TABLE ledger.head;
        """;

    const string Restore = """
        TRUNCATE ledger.entries, ledger.commits;
        DELETE FROM ledger.head;
        INSERT INTO ledger.commits TABLE public.kept_commits;
        INSERT INTO ledger.entries TABLE public.kept_entries;
        INSERT INTO ledger.head TABLE public.kept_head;
        """;

    readonly NpgsqlConnection _connection;

    LedgerCopy(NpgsqlConnection connection) => _connection = connection;

    /// <param name="superuser">A login that may do anything.</param>
    public static async Task<LedgerCopy> OfAsync(string superuser)
    {
        var connection = new NpgsqlConnection(superuser);
        await connection.OpenAsync();
        var copy = new LedgerCopy(connection);
        await copy.ChangeAsync("SET session_replication_role = replica");
        await copy.ChangeAsync(Keep);
        return copy;
    }

    public async Task ChangeAsync(string sql)
    {
        await using var command = new NpgsqlCommand(sql, _connection);
        await command.ExecuteNonQueryAsync();
    }

    public Task UndoAsync() => ChangeAsync(Restore);

    /// <summary>A number that the ledger holds.</summary>
    public async Task<long> NumberAsync(string sql)
    {
        await using var command = new NpgsqlCommand(sql, _connection);
        return Convert.ToInt64(await command.ExecuteScalarAsync());
    }

    /// <summary>A text that the ledger holds.</summary>
    public async Task<string> TextAsync(string sql)
    {
        await using var command = new NpgsqlCommand(sql, _connection);
        return (string)(await command.ExecuteScalarAsync())!;
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
