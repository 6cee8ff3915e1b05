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
/// <remarks>
/// A file whose name ends with <see cref="AdditiveEnd"/> promises that the release before works on the schema that it
/// leaves: it only adds, and nothing that it adds must be filled by whoever writes. The name is stored with the number,
/// so an older program that is started again in the middle of a rolling upgrade reads the promise and starts. Without
/// it an older program does not start on a newer schema. The files up to 0104 promise nothing.
/// </remarks>
static class Migrations
{
    /// <summary>Of the names of files that the release before works beside.</summary>
    public const string AdditiveEnd = ".additive.sql";

    const long LockKey = 0x5347_4c45_4447;

    public sealed record Migration(int Number, string Name, string Sql)
    {
        public byte[] Checksum => SHA256.HashData(Encoding.UTF8.GetBytes(Sql.ReplaceLineEndings("\n")));
    }

    public static IReadOnlyList<Migration> All { get; } = Read(typeof(Migrations).Assembly);

    /// <summary>Sentences about what was found and may be worked beside; throws where it may not.</summary>
    public static async Task<IReadOnlyList<string>> Apply(NpgsqlConnection connection, CancellationToken cancellation)
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
            var newer = applied.Where(one => All.All(m => m.Number != one.Key)).OrderBy(one => one.Key).ToList();
            if (newer.Find(one => !IsAdditive(one.Value.Name)) is { Value.Name: { } breaking })
                throw new LedgerRefusedException(
                    $"The database has migration {breaking}, which this version does not know and may not work beside: "
                    + "start the newer version.");
            foreach (var migration in All)
            {
                if (!applied.TryGetValue(migration.Number, out var stored))
                    await Apply(connection, migration, cancellation);
                else if (!stored.Checksum.AsSpan().SequenceEqual(migration.Checksum))
                    throw new LedgerRefusedException($"Migration {migration.Name} was applied with another content.");
            }
            await transaction.CommitAsync(cancellation);
            return
            [
                .. newer.Select(one => $"The database has migration {one.Value.Name}, which this version does not know "
                    + "and may work beside: a newer version runs or ran here."),
            ];
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

    static bool IsAdditive(string name) => name.EndsWith(AdditiveEnd, StringComparison.Ordinal);

    static async Task<Dictionary<int, (string Name, byte[] Checksum)>> Applied(
        NpgsqlConnection connection, CancellationToken cancellation)
    {
        var applied = new Dictionary<int, (string Name, byte[] Checksum)>();
        await using var command = new NpgsqlCommand("SELECT number, name, checksum FROM ledger.migrations", connection);
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
            applied.Add(rows.GetInt32(0), (rows.GetString(1), rows.GetFieldValue<byte[]>(2)));
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
