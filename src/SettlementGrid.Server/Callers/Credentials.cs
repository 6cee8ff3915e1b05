using Npgsql;
using NpgsqlTypes;
using SettlementGrid.Api;
using SettlementGrid.Server.Auditing;

namespace SettlementGrid.Server.Callers;

/// <summary>
/// The table of keys and certificates. One is added and later revoked; it is never changed otherwise, nor deleted. Each
/// change and its audit record are one transaction.
/// </summary>
public sealed class Credentials(NpgsqlDataSource source, TimeProvider clock)
{
    private const string Columns =
        "kind, key_id, sha256, name, roles, facility_id, region_id, created_at, expires_at, revoked_at";

    /// <summary>False if there is one of this id already: the same certificate, even a revoked one.</summary>
    /// <param name="by">who adds it, for the audit.</param>
    public async Task<bool> AddAsync(Credential credential, Caller by, CancellationToken cancellation)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using var command = new NpgsqlCommand(
            $"INSERT INTO ledger.credentials ({Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, NULL) "
            + "ON CONFLICT (key_id) DO NOTHING",
            connection);
        command.Parameters.AddWithValue(NameOf(credential.Kind));
        command.Parameters.AddWithValue(credential.Id);
        command.Parameters.AddWithValue(credential.Hash);
        command.Parameters.AddWithValue(credential.Name);
        command.Parameters.AddWithValue(KeyRoles.NamesOf(credential.Roles));
        command.Parameters.AddWithValue(credential.FacilityId);
        command.Parameters.AddWithValue(credential.RegionId);
        command.Parameters.AddWithValue(NpgsqlDbType.TimestampTz, credential.CreatedAt.UtcDateTime);
        command.Parameters.AddWithValue(NpgsqlDbType.TimestampTz, credential.ExpiresAt.UtcDateTime);
        if (await command.ExecuteNonQueryAsync(cancellation) == 0)
        {
            return false;
        }

        await NoteAsync(
            connection, by, $"key create {credential.Id}",
            $"{NameOf(credential.Kind)} roles={string.Join(',', KeyRoles.NamesOf(credential.Roles))} "
            + $"facility_id={credential.FacilityId} region_id={credential.RegionId}",
            cancellation);
        await transaction.CommitAsync(cancellation);
        return true;
    }

    /// <summary>False if there is no such key or certificate, or it was revoked before.</summary>
    /// <param name="by">who revokes it, for the audit.</param>
    public async Task<bool> RevokeAsync(string id, Caller by, CancellationToken cancellation)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using var command = new NpgsqlCommand(
            "UPDATE ledger.credentials SET revoked_at = $2 WHERE key_id = $1 AND revoked_at IS NULL RETURNING kind",
            connection);
        command.Parameters.AddWithValue(id);
        command.Parameters.AddWithValue(NpgsqlDbType.TimestampTz, clock.GetUtcNow().UtcDateTime);
        if (await command.ExecuteScalarAsync(cancellation) is not string kind)
        {
            return false;
        }

        await NoteAsync(connection, by, $"key revoke {id}", kind, cancellation);
        await transaction.CommitAsync(cancellation);
        return true;
    }

    /// <summary>
    /// All of them, at most <see cref="ServerLimits.KeysRememberedMax"/>: those that hold first, then by their making,
    /// the newest first.
    /// </summary>
    public async Task<IReadOnlyList<Credential>> ListAsync(CancellationToken cancellation)
    {
        await using var command = source.CreateCommand(
            $"SELECT {Columns} FROM ledger.credentials "
            + "ORDER BY (revoked_at IS NULL AND expires_at > now()) DESC, created_at DESC, key_id "
            + $"LIMIT {ServerLimits.KeysRememberedMax}");
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var found = new List<Credential>();
        while (await reader.ReadAsync(cancellation))
        {
            found.Add(new Credential(
                reader.GetString(0) == NameOf(CredentialKind.Key) ? CredentialKind.Key : CredentialKind.Certificate,
                reader.GetString(1),
                reader.GetFieldValue<byte[]>(2),
                reader.GetString(3),
                KeyRoles.Of(reader.GetFieldValue<string[]>(4)),
                reader.GetString(5),
                reader.GetString(6),
                reader.GetFieldValue<DateTimeOffset>(7),
                reader.GetFieldValue<DateTimeOffset>(8),
                reader.IsDBNull(9) ? null : reader.GetFieldValue<DateTimeOffset>(9)));
        }

        return found;
    }

    /// <summary>`key` or `certificate`: as the command line and the table write them.</summary>
    public static string NameOf(CredentialKind kind) => kind == CredentialKind.Key ? "key" : "certificate";

    // The id is part of what was done, so that two of them in one minute are two records.
    private Task NoteAsync(
        NpgsqlConnection connection, Caller by, string method, string subject, CancellationToken cancellation) =>
        AuditTable.NoteAsync(
            connection, [AuditTable.Record(new AuditedCall(by, method, "OK", subject, clock.GetUtcNow()))],
            cancellation);
}
