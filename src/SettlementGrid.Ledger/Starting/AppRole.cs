using Npgsql;

namespace SettlementGrid.Ledger.Starting;

/// <summary>
/// The role every session works under: it may insert and read, never change or delete. The given login makes it and
/// becomes a member; a login that may not make roles needs it made beforehand.
/// </summary>
static class AppRole
{
    public const string Name = "settlementgrid_app";

    // Roles belong to the whole cluster: two servers starting on two of its databases meet here.
    const int MeetingsMax = 8;

    public static async Task Ensure(NpgsqlConnection connection, CancellationToken cancellation)
    {
        for (var meeting = 1; ; meeting++)
        {
            try
            {
                var exists = $"SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = '{Name}')";
                if (!await Ask(connection, exists, cancellation))
                    await Do(connection, $"CREATE ROLE {Name} NOLOGIN", cancellation);
                if (!await Ask(connection, $"SELECT pg_has_role(current_user, '{Name}', 'MEMBER')", cancellation))
                    await Do(connection, $"GRANT {Name} TO CURRENT_USER", cancellation);
                return;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
            {
                throw new LedgerRefusedException(
                    $"The login may not make the role {Name} that the server works under. As an administrator: "
                    + $"CREATE ROLE {Name} NOLOGIN; GRANT {Name} TO the login; or ALTER ROLE the login CREATEROLE.", e);
            }
            catch (PostgresException e) when (meeting < MeetingsMax && e.SqlState
                is PostgresErrorCodes.DuplicateObject or PostgresErrorCodes.UniqueViolation
                    or PostgresErrorCodes.InternalError)
            {
                // Somebody made or granted it in the same moment; look again.
            }
        }
    }

    static async Task<bool> Ask(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (bool)(await command.ExecuteScalarAsync(cancellation))!;
    }

    static async Task Do(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
