using System.Security.Cryptography;
using Npgsql;
using NpgsqlTypes;
using SettlementGrid.Enrollees;
using SettlementGrid.Ledger;

namespace SettlementGrid.ScaleLedger;

/// <summary>
/// Appends commits to a ledger that nobody else works on, by COPY instead of INSERT and in one transaction: rows, hash
/// chain, positions and head are what the ledger's own writers would have stored, or nothing is there. The indexes of
/// the entries are taken away and built again in the same transaction, which is several times quicker.
/// </summary>
sealed class CopiedLedger : IAsyncDisposable
{
    const string Entries = """
        COPY ledger.entries (commit_id, version, at, facility_key, ordinal, kind, stream_kind, settlement_id,
            encounter_place, stream_id, facility_id, region_id, layer_keys, layer_paid, hash, body)
        FROM STDIN (FORMAT BINARY)
        """;

    const string Commits = """
        COPY ledger.commits (number, id, first_position, count, catalog_revision, at, digest, hash)
        FROM STDIN (FORMAT BINARY)
        """;

    readonly record struct Commit(
        long Number, long Id, long First, int Count, long At, EntryHash Digest, EntryHash Hash);

    readonly NpgsqlConnection _connection;
    readonly NpgsqlTransaction _transaction;
    readonly List<string> _indexes;
    readonly long _writer;
    LedgerHead _head;
    long _counter;

    CopiedLedger(
        NpgsqlConnection connection, NpgsqlTransaction transaction, List<string> indexes, long writer, LedgerHead head)
    {
        (_connection, _transaction, _indexes, _writer, _head) = (connection, transaction, indexes, writer, head);
    }

    public LedgerHead Head => _head;

    /// <param name="connectionString">Of the schema's owner.</param>
    public static async Task<CopiedLedger> Open(
        string connectionString, LedgerHead head, CancellationToken cancellation)
    {
        var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, CommandTimeout = 0 }.ConnectionString);
        await connection.OpenAsync(cancellation);
        var transaction = await connection.BeginTransactionAsync(cancellation);
        var indexes = new List<string>();
        await Run(connection, "SET LOCAL idle_in_transaction_session_timeout = 0", cancellation);
        await Run(connection, "SET LOCAL synchronous_commit = off", cancellation);
        await using (var ask = new NpgsqlCommand(
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'ledger' AND tablename = 'entries'", connection))
        await using (var rows = await ask.ExecuteReaderAsync(cancellation))
        {
            while (await rows.ReadAsync(cancellation))
                indexes.Add($"DROP INDEX ledger.{rows.GetString(0)};{rows.GetString(1)}");
        }
        foreach (var index in indexes)
            await Run(connection, index[..index.IndexOf(';', StringComparison.Ordinal)], cancellation);
        await using var draw = new NpgsqlCommand("SELECT nextval('ledger.writers')", connection);
        var writer = (long)(await draw.ExecuteScalarAsync(cancellation))!;
        return new CopiedLedger(connection, transaction, indexes, writer, head);
    }

    /// <summary>Appends the entries in commits of this many; none of them may be of the catalog.</summary>
    public void Append(IReadOnlyList<Entry> entries, int commitRows)
    {
        var commits = new List<Commit>(entries.Count / commitRows + 1);
        using (var copy = _connection.BeginBinaryImport(Entries))
        {
            for (var first = 0; first < entries.Count; first += commitRows)
                commits.Add(Write(copy, entries, first, Math.Min(commitRows, entries.Count - first)));
            copy.Complete();
        }
        using (var copy = _connection.BeginBinaryImport(Commits))
        {
            foreach (var commit in commits)
                Write(copy, commit);
            copy.Complete();
        }
    }

    /// <summary>Indexes, head, COMMIT, then what a load leaves to be tidied. Nothing is stored before this.</summary>
    public async Task Finish(Action<string> say, CancellationToken cancellation)
    {
        await using (var head = new NpgsqlCommand(
            "UPDATE ledger.head SET number = $1, position = $2, hash = $3", _connection))
        {
            head.Parameters.Add(new NpgsqlParameter { Value = _head.CommitNumber });
            head.Parameters.Add(new NpgsqlParameter { Value = _head.Position });
            head.Parameters.Add(new NpgsqlParameter { Value = Keys.Of(_head.Hash) });
            await head.ExecuteNonQueryAsync(cancellation);
        }
        foreach (var index in _indexes)
        {
            var definition = index[(index.IndexOf(';', StringComparison.Ordinal) + 1)..];
            say("building " + definition[..definition.IndexOf(" ON ", StringComparison.Ordinal)]);
            await Run(_connection, definition, cancellation);
        }
        await _transaction.CommitAsync(cancellation);
        say("VACUUM ANALYZE");
        await Run(_connection, "VACUUM (ANALYZE) ledger.entries, ledger.commits", cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync();
        await _connection.DisposeAsync();
    }

    Commit Write(NpgsqlBinaryImporter copy, IReadOnlyList<Entry> entries, int first, int count)
    {
        var id = _writer << 32 | _counter++;
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var ordinal = 0; ordinal < count; ordinal++)
        {
            var hash = Keys.Of(entries[first + ordinal].Hash);
            digest.AppendData(hash);
            Write(copy, entries[first + ordinal], id, ordinal, hash);
        }
        var of = Keys.Hash(digest.GetHashAndReset());
        var next = CommitChain.Next(_head, count, _head.CatalogRevision, of);
        var commit = new Commit(
            _head.CommitNumber + 1, id, _head.Position + 1, count, entries[first + count - 1].At, of, next);
        _head = new LedgerHead(commit.Number, _head.Position + count, _head.CatalogRevision, next);
        return commit;
    }

    static void Write(NpgsqlBinaryImporter copy, Entry entry, long commit, int ordinal, byte[] hash)
    {
        copy.StartRow();
        copy.Write(commit, NpgsqlDbType.Bigint);
        copy.Write(entry.Version, NpgsqlDbType.Bigint);
        copy.Write(Keys.Time(entry.At), NpgsqlDbType.TimestampTz);
        var facility = entry.FacilityId;
        if (facility is null)
            copy.WriteNull();
        else
            copy.Write(Keys.Facility(facility, entry.At), NpgsqlDbType.Bigint);
        copy.Write(ordinal, NpgsqlDbType.Integer);
        copy.Write((short)entry.Fact.Kind, NpgsqlDbType.Smallint);
        copy.Write((short)entry.Stream.Kind, NpgsqlDbType.Smallint);
        WriteOrNull(copy, entry.RequestKey is { } key ? Keys.Of(key) : null);
        WriteOrNull(copy, Keys.PlaceOf(entry));
        copy.Write(entry.Stream.Id, NpgsqlDbType.Text);
        WriteOrNull(copy, facility);
        WriteOrNull(copy, entry.RegionId);
        var paid = entry.LayerPaid;
        if (paid.Length == 0)
        {
            copy.WriteNull();
            copy.WriteNull();
        }
        else
        {
            copy.Write(entry.LayerKeys, NpgsqlDbType.Array | NpgsqlDbType.Text);
            copy.Write(paid, NpgsqlDbType.Array | NpgsqlDbType.Bigint);
        }
        copy.Write(hash, NpgsqlDbType.Bytea);
        copy.Write(entry.Body, NpgsqlDbType.Bytea);
    }

    void Write(NpgsqlBinaryImporter copy, Commit commit)
    {
        copy.StartRow();
        copy.Write(commit.Number, NpgsqlDbType.Bigint);
        copy.Write(commit.Id, NpgsqlDbType.Bigint);
        copy.Write(commit.First, NpgsqlDbType.Bigint);
        copy.Write(commit.Count, NpgsqlDbType.Integer);
        copy.Write(_head.CatalogRevision, NpgsqlDbType.Bigint);
        copy.Write(Keys.Time(commit.At), NpgsqlDbType.TimestampTz);
        copy.Write(Keys.Of(commit.Digest), NpgsqlDbType.Bytea);
        copy.Write(Keys.Of(commit.Hash), NpgsqlDbType.Bytea);
    }

    static void WriteOrNull(NpgsqlBinaryImporter copy, Guid? value)
    {
        if (value is { } some)
            copy.Write(some, NpgsqlDbType.Uuid);
        else
            copy.WriteNull();
    }

    static void WriteOrNull(NpgsqlBinaryImporter copy, string? value)
    {
        if (value is null)
            copy.WriteNull();
        else
            copy.Write(value, NpgsqlDbType.Text);
    }

    static async Task Run(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
