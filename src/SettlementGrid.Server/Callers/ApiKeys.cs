using Npgsql;
using NpgsqlTypes;
using SettlementGrid.Api;

namespace SettlementGrid.Server.Callers;

/// <summary>The table of keys. A key is added and later revoked; it is never changed otherwise, nor deleted.</summary>
public sealed class ApiKeys(NpgsqlDataSource source)
{
    private const string Columns =
        "key_id, secret_sha256, name, roles, facility_id, region_id, created_at, expires_at, revoked_at";

    public async Task AddAsync(ApiKey key, CancellationToken cancellation)
    {
        await using var command = source.CreateCommand(
            $"INSERT INTO ledger.api_keys ({Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL)");
        command.Parameters.AddWithValue(key.KeyId);
        command.Parameters.AddWithValue(key.SecretHash);
        command.Parameters.AddWithValue(key.Name);
        command.Parameters.AddWithValue(NamesOf(key.Roles));
        command.Parameters.AddWithValue(key.FacilityId);
        command.Parameters.AddWithValue(key.RegionId);
        command.Parameters.AddWithValue(NpgsqlDbType.TimestampTz, key.CreatedAt.UtcDateTime);
        command.Parameters.AddWithValue(NpgsqlDbType.TimestampTz, key.ExpiresAt.UtcDateTime);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>False if there is no such key or it was revoked before.</summary>
    public async Task<bool> RevokeAsync(string keyId, DateTimeOffset at, CancellationToken cancellation)
    {
        await using var command = source.CreateCommand(
            "UPDATE ledger.api_keys SET revoked_at = $2 WHERE key_id = $1 AND revoked_at IS NULL");
        command.Parameters.AddWithValue(keyId);
        command.Parameters.AddWithValue(NpgsqlDbType.TimestampTz, at.UtcDateTime);
        return await command.ExecuteNonQueryAsync(cancellation) == 1;
    }

    /// <summary>All keys in the order of their making, at most <see cref="ServerLimits.KeysRememberedMax"/>.</summary>
    public Task<IReadOnlyList<ApiKey>> ListAsync(CancellationToken cancellation) => ReadAsync("", cancellation);

    /// <summary>The keys that may still be taken, at most <see cref="ServerLimits.KeysRememberedMax"/>.</summary>
    public Task<IReadOnlyList<ApiKey>> HoldingAsync(CancellationToken cancellation) =>
        ReadAsync("WHERE revoked_at IS NULL AND expires_at > now() ", cancellation);

    private async Task<IReadOnlyList<ApiKey>> ReadAsync(string where, CancellationToken cancellation)
    {
        await using var command = source.CreateCommand(
            $"SELECT {Columns} FROM ledger.api_keys {where}"
            + $"ORDER BY created_at, key_id LIMIT {ServerLimits.KeysRememberedMax}");
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var keys = new List<ApiKey>();
        while (await reader.ReadAsync(cancellation))
        {
            keys.Add(new ApiKey(
                reader.GetString(0),
                reader.GetFieldValue<byte[]>(1),
                reader.GetString(2),
                RolesOf(reader.GetFieldValue<string[]>(3)),
                reader.GetString(4),
                reader.GetString(5),
                reader.GetFieldValue<DateTimeOffset>(6),
                reader.GetFieldValue<DateTimeOffset>(7),
                reader.IsDBNull(8) ? null : reader.GetFieldValue<DateTimeOffset>(8)));
        }

        return keys;
    }

    /// <summary>`hospital`, `county` …: as the command line and the table write them.</summary>
    public static string[] NamesOf(Roles roles) =>
        [.. KeyRoles.All.Where(role => roles.HasFlag(role)).Select(KeyRoles.NameOf)];

    // A role of a newer version is no role here: the key then opens less, never more.
    private static Roles RolesOf(string[] names) => names
        .Select(name => KeyRoles.Find(name) ?? Roles.None)
        .Aggregate(Roles.None, (all, role) => all | role);
}
