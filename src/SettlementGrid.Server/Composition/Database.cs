using Npgsql;
using SettlementGrid.Postgres;
using SettlementGrid.Server.CommandLine;

namespace SettlementGrid.Server.Composition;

/// <summary>Where the ledger is.</summary>
/// <param name="Directory">DIR: the embedded database, logs, the anchor.</param>
/// <param name="Postgres">a PostgreSQL of one's own, or null for the embedded one.</param>
public sealed record DatabasePlace(string Directory, string? Postgres);

/// <summary>
/// A database that answered, takes writes and is set up safely; embedded or given. Disposing it stops an embedded
/// one that this process started.
/// </summary>
public sealed class Database : IAsyncDisposable
{
    private Database(string connectionString, PostgresInstance? embedded)
    {
        ConnectionString = connectionString;
        Embedded = embedded;
    }

    public string ConnectionString { get; }

    /// <summary>Null where a PostgreSQL was given.</summary>
    public PostgresInstance? Embedded { get; }

    /// <summary>For the server: owns an embedded database, or fails while another program does.</summary>
    public static Task<Database> OwnAsync(
        DatabasePlace place, Action<string> say, CancellationToken cancellation) =>
        OpenAsync(place, say, PostgresInstance.StartAsync, cancellation);

    /// <summary>For the commands that work with the server up or down.</summary>
    public static Task<Database> UseAsync(
        DatabasePlace place, Action<string> say, CancellationToken cancellation) =>
        OpenAsync(place, say, PostgresInstance.UseAsync, cancellation);

    /// <summary>
    /// VACUUM ANALYZE of the ledger's entries: after a load, cold reads are several times faster with the visibility map
    /// and statistics that it makes.
    /// </summary>
    public async Task TidyAsync(CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(ConnectionString) { Pooling = false, CommandTimeout = 0 }.ConnectionString);
        await connection.OpenAsync(cancellation);
        await using var tidy = new NpgsqlCommand("VACUUM (ANALYZE) ledger.entries", connection);
        await tidy.ExecuteNonQueryAsync(cancellation);
    }

    public ValueTask DisposeAsync() => Embedded?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static async Task<Database> OpenAsync(
        DatabasePlace place,
        Action<string> say,
        Func<PostgresOptions, Action<string>, CancellationToken, Task<PostgresInstance>> embed,
        CancellationToken cancellation)
    {
        Database? opened = null;
        try
        {
            var embedded = place.Postgres is null
                ? await embed(new PostgresOptions(place.Directory), say, cancellation)
                : null;
            opened = new Database(place.Postgres ?? embedded!.ConnectionString, embedded);
            await opened.RequireSafetyAsync(say, cancellation);
            return opened;
        }
        catch (Exception failed)
        {
            await (opened?.DisposeAsync() ?? ValueTask.CompletedTask);
            if (failed is PostgresUnavailableException or NpgsqlException or ArgumentException)
            {
                throw new CannotStartException(Advice(place, failed), failed);
            }

            throw;
        }
    }

    // A settlement acknowledged on a database with fsync off is a promise nobody can keep: refuse, don't warn.
    private async Task RequireSafetyAsync(Action<string> say, CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(cancellation);
        var safety = await PostgresSafety.AskAsync(connection, cancellation);
        foreach (var warning in safety.Warnings)
        {
            say($"warning: {warning}");
        }

        if (safety.Unsafe.Count > 0)
        {
            throw new CannotStartException(
                $"The database {connection.Host}:{connection.Port}/{connection.Database} is not safe to settle on:\n  "
                + string.Join("\n  ", safety.Unsafe));
        }
    }

    private static string Advice(DatabasePlace place, Exception failed) => place.Postgres is null
        ? failed.Message
        : $"The database given with --postgres cannot be used: {failed.Message}";
}
