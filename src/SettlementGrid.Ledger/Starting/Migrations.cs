using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace SettlementGrid.Ledger.Starting;

/// <summary>
/// The numbered SQL files of this assembly, each applied once, in order, in one transaction under a lock. An applied
/// file never changes afterwards: its checksum is kept and compared at every start.
/// </summary>
static class Migrations
{
    const long LockKey = 0x5347_4c45_4447;

    public sealed record Migration(int Number, string Name, string Sql)
    {
        public byte[] Checksum => SHA256.HashData(Encoding.UTF8.GetBytes(Sql.ReplaceLineEndings("\n")));
    }

    public static IReadOnlyList<Migration> All { get; } = Read(typeof(Migrations).Assembly);

    public static async Task Apply(NpgsqlConnection connection, CancellationToken cancellation)
    {
        try
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            await Do(connection, $"SELECT pg_advisory_xact_lock({LockKey})", cancellation);
            await Do(
                connection,
                """
                CREATE SCHEMA IF NOT EXISTS ledger;
                CREATE TABLE IF NOT EXISTS ledger.migrations (
                    number integer NOT NULL PRIMARY KEY, name text NOT NULL, checksum bytea NOT NULL,
                    applied_at timestamptz NOT NULL DEFAULT clock_timestamp());
                """,
                cancellation);
            var applied = await Applied(connection, cancellation);
            if (applied.Keys.Except(All.Select(m => m.Number)).ToList() is [var newer, ..])
                throw new LedgerRefusedException(
                    $"The database has migration {newer}, which this version does not know.");
            foreach (var migration in All)
            {
                if (!applied.TryGetValue(migration.Number, out var checksum))
                    await Apply(connection, migration, cancellation);
                else if (!checksum.AsSpan().SequenceEqual(migration.Checksum))
                    throw new LedgerRefusedException($"Migration {migration.Name} was applied with another content.");
            }
            await transaction.CommitAsync(cancellation);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new LedgerRefusedException(
                $"The login may not set up the ledger's schema: {e.MessageText}. It must own the database.", e);
        }
    }

    static async Task Apply(NpgsqlConnection connection, Migration migration, CancellationToken cancellation)
    {
        await Do(connection, migration.Sql, cancellation);
        await using var note = new NpgsqlCommand(
            "INSERT INTO ledger.migrations (number, name, checksum) VALUES ($1, $2, $3)", connection);
        note.Parameters.AddWithValue(migration.Number);
        note.Parameters.AddWithValue(migration.Name);
        note.Parameters.AddWithValue(migration.Checksum);
        await note.ExecuteNonQueryAsync(cancellation);
    }

    static async Task<Dictionary<int, byte[]>> Applied(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var applied = new Dictionary<int, byte[]>();
        await using var command = new NpgsqlCommand("SELECT number, checksum FROM ledger.migrations", connection);
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
            applied.Add(rows.GetInt32(0), rows.GetFieldValue<byte[]>(1));
        return applied;
    }

    static async Task Do(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    static List<Migration> Read(Assembly assembly)
    {
        var migrations = new List<Migration>();
        var names = assembly.GetManifestResourceNames().Where(n => n.EndsWith(".sql", StringComparison.Ordinal));
        foreach (var name in names)
        {
            using var text = new StreamReader(assembly.GetManifestResourceStream(name)!);
            var number = int.Parse(name.AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture);
            migrations.Add(new Migration(number, name, text.ReadToEnd()));
        }
        migrations.Sort((a, b) => a.Number.CompareTo(b.Number));
        return migrations;
    }
}
