using Npgsql;
using SettlementGrid.Postgres;
using SettlementGrid.Server.CommandLine;

namespace SettlementGrid.Server.Composition;

/// <summary>Where the ledger is.</summary>
/// <param name="Directory">DIR: the embedded database, logs, the anchor.</param>
/// <param name="Postgres">a PostgreSQL of one's own, or null for the embedded one.</param>
public sealed record DatabasePlace(string Directory, string? Postgres);

/// <summary>
/// A database that answered; embedded or given. Whether it is safe to settle on is asked by the ledger when it is
/// opened. Disposing stops an embedded one that this process started.
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
    /// VACUUM ANALYZE of the ledger's entries: after a load, cold reads are several times faster with the visibility
    /// map and statistics that it makes.
    /// </summary>
    public async Task TidyAsync(CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(ConnectionString)
            {
                Pooling = false, CommandTimeout = 0,
            }.ConnectionString);
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
            await opened.RequireAnswerAsync(cancellation);
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

    private async Task RequireAnswerAsync(CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(cancellation);
    }

    private static string Advice(DatabasePlace place, Exception failed) => place.Postgres is null
        ? failed.Message
        : $"The database given with --postgres cannot be used: {failed.Message}";
}
