using System.Diagnostics;
using Npgsql;

namespace SettlementGrid.Server.Composition;

/// <summary>
/// Looks every second whether a commit gets through to the disk, and says so to the readiness. Starts an embedded
/// database again whose postmaster died. So a full disk, a dead or a read-only database show within seconds, and
/// their end shows as soon.
/// </summary>
/// <remarks>
/// The look is a transaction of one empty message in the write-ahead log: flushed like any commit, no row, no table.
/// It is never in a settlement's way (own connection) and proves nothing about a single settlement.
/// </remarks>
public sealed class CommitWatch(Database database, Readiness readiness, ILogger<CommitWatch> log)
{
    private const string Look = "SELECT pg_logical_emit_message(true, 'settlementgrid', 'look')";

    /// <summary>Runs until cancelled. Returns early, and readiness stays off, if the embedded database had to move
    /// to another port: only a new start of the server follows it there.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        await using var source = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(database.ConnectionString)
            {
                ApplicationName = "settlementgrid look",
                MaxPoolSize = 1,
                Timeout = (int)ServerLimits.CommitLookMax.TotalSeconds,
                CommandTimeout = (int)ServerLimits.CommitLookMax.TotalSeconds,
            }.ConnectionString);
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await CommitAsync(source, cancellation);
                if (!readiness.IsReady)
                {
                    log.LogInformation("commits get through: ready");
                    readiness.Ready();
                }
            }
            catch (Exception failed) when (failed is NpgsqlException or TimeoutException)
            {
                if (readiness.IsReady)
                {
                    log.LogError("commits do not get through: {Reason}", failed.Message);
                    readiness.CannotCommit();
                }

                if (!await StartAgainAsync(cancellation))
                {
                    return;
                }
            }

            await Task.Delay(ServerLimits.CommitLookInterval, cancellation)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>One durable commit; throws if it does not get through.</summary>
    public static async Task CommitAsync(NpgsqlDataSource source, CancellationToken cancellation)
    {
        await using var command = source.CreateCommand(Look);
        await command.ExecuteScalarAsync(cancellation);
    }

    private async Task<bool> StartAgainAsync(CancellationToken cancellation)
    {
        if (database.Embedded is not { ProcessId: null } embedded)
        {
            return true;
        }

        var since = Stopwatch.GetTimestamp();
        log.LogWarning("the embedded PostgreSQL died; starting it again");
        try
        {
            await embedded.StartAgainAsync(cancellation);
        }
        catch (Postgres.PostgresUnavailableException failed)
        {
            log.LogError("the embedded PostgreSQL does not start: {Reason}", failed.Message);
            return true;
        }

        log.LogWarning(
            "the embedded PostgreSQL runs again after {Seconds:0.0} s", Stopwatch.GetElapsedTime(since).TotalSeconds);
        if (embedded.ConnectionString == database.ConnectionString)
        {
            return true;
        }

        log.LogCritical("the embedded PostgreSQL had to move to another port: start the server again");
        return false;
    }
}
