using System.Net.Sockets;
using Npgsql;

namespace SettlementGrid.Postgres;

internal enum Health
{
    /// <summary>Answers, and is the database of this folder.</summary>
    Healthy,

    /// <summary>Is there, but starting, recovering or stopping (SQLSTATE class 57).</summary>
    NotYet,

    /// <summary>No answer, or another database's.</summary>
    Unreachable,
}

/// <summary>What is asked of a running PostgreSQL: is it ours and well, is the server's own login there?</summary>
internal static class Login
{
    public const string Server = "settlementgrid";

    public static async Task<Health> AskAsync(
        string superuser, string cluster, CancellationToken cancellation)
    {
        try
        {
            await using var connection = await OpenAsync(superuser, cancellation);
            await using var command = new NpgsqlCommand("SHOW data_directory", connection);
            return Equals(await command.ExecuteScalarAsync(cancellation), cluster.Replace('\\', '/'))
                ? Health.Healthy
                : Health.Unreachable;
        }
        catch (PostgresException answer) when (answer.SqlState.StartsWith("57", StringComparison.Ordinal))
        {
            return Health.NotYet;
        }
        catch (Exception silent) when (silent is NpgsqlException or TimeoutException or SocketException)
        {
            return Health.Unreachable;
        }
    }

    /// <summary>
    /// The server's role and database. It may create roles (the ledger works under a lesser one of its making) and
    /// ask for checkpoints and figures, but is no superuser. Safe to repeat; also puts a changed password right.
    /// </summary>
    public static async Task EnsureAsync(string superuser, string server, CancellationToken cancellation)
    {
        if (await OpensAsync(server, cancellation))
        {
            return;
        }

        var password = new NpgsqlConnectionStringBuilder(server).Password!;
        await using var connection = await OpenAsync(superuser, cancellation);
        if (await CountAsync(connection, "SELECT count(*) FROM pg_roles WHERE rolname = $1", cancellation) == 0)
        {
            await RunAsync(connection, $"CREATE ROLE {Server} LOGIN CREATEROLE", cancellation);
        }

        // A password cannot be a parameter of a utility statement. Ours is hexadecimal (ConnectionFile).
        var quoted = password.Replace("'", "''", StringComparison.Ordinal);
        await RunAsync(connection, $"ALTER ROLE {Server} PASSWORD '{quoted}'", cancellation);
        await RunAsync(
            connection, $"GRANT pg_monitor, pg_checkpoint, pg_signal_backend TO {Server}", cancellation);
        if (await CountAsync(connection, "SELECT count(*) FROM pg_database WHERE datname = $1", cancellation) == 0)
        {
            await RunAsync(connection, $"CREATE DATABASE {Server} OWNER {Server} TEMPLATE template0", cancellation);
        }
    }

    public static async Task ExecuteAsync(string connectionString, string sql, CancellationToken cancellation)
    {
        await using var connection = await OpenAsync(connectionString, cancellation);
        await RunAsync(connection, sql, cancellation);
    }

    private static async Task<bool> OpensAsync(string connectionString, CancellationToken cancellation)
    {
        try
        {
            await using var connection = await OpenAsync(connectionString, cancellation);
            return true;
        }
        catch (PostgresException refused)
            when (refused.SqlState is PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidCatalogName)
        {
            return false;
        }
    }

    // Without the pool: these are single questions, and a pooled connection would outlive a stop.
    private static async Task<NpgsqlConnection> OpenAsync(string connectionString, CancellationToken cancellation)
    {
        var seconds = (int)PostgresLimits.HealthAnswerMax.TotalSeconds;
        var bounded = new NpgsqlConnectionStringBuilder(connectionString)
        {
            Pooling = false,
            Timeout = seconds,
            CommandTimeout = (int)PostgresLimits.CommandMax.TotalSeconds,
        };
        var connection = new NpgsqlConnection(bounded.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellation);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static async Task<long> CountAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddWithValue(Server);
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
