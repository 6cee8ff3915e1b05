using System.Globalization;
using Npgsql;

namespace SettlementGrid.Postgres;

/// <summary>
/// The files of the write-ahead log that a database will write to next. PostgreSQL writes over old ones where it has
/// any; a database that is new has none, makes each when it is needed (16 MB of zeros, and their flush) and lets every
/// commit wait for it: 15 ms every three seconds at 5,000 settlements a second.
/// </summary>
internal static class LogAhead
{
    private const long MiB = 1024 * 1024;
    private const int FileMiB = 16;

    // Each statement is bounded in time (PostgresLimits.CommandMax), and each file is written twice: made, then filled.
    private const int FilesAtOnce = 4;

    /// <summary>The settings with as much log ahead as the disk has room for, what is there already counted.</summary>
    public static PostgresSettings Fitted(PostgresSettings settings, DataDirectory directory)
    {
        if (settings.LogAheadMiB == 0)
        {
            return settings;
        }

        try
        {
            var room = new DriveInfo(directory.FullPath).AvailableFreeSpace + (FilesIn(directory) * FileMiB * MiB);
            var fitting = room / PostgresLimits.LogAheadOfFree / (FileMiB * MiB) * FileMiB;
            return settings with { LogAheadMiB = (int)Math.Min(settings.LogAheadMiB, fitting) };
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException)
        {
            return settings with { LogAheadMiB = 0 };
        }
    }

    /// <summary>
    /// Goes through the files that are missing and has them kept for what comes next. Where that fails the database is
    /// as good as before, only slower now and then; it is said.
    /// </summary>
    public static async Task WriteAsync(
        string superuser, DataDirectory directory, PostgresSettings settings, Action<string> say,
        CancellationToken cancellation)
    {
        try
        {
            var wanted = settings.LogAheadMiB / FileMiB;
            var missing = wanted - FilesIn(directory);

            // One that works has about as many; a few less are not worth a checkpoint at every start.
            if (missing <= wanted / 4)
            {
                return;
            }

            for (var left = missing; left > 0; left -= FilesAtOnce)
            {
                await Login.ExecuteAsync(superuser, Through(Math.Min(left, FilesAtOnce)), cancellation);
            }

            await Login.ExecuteAsync(superuser, "CHECKPOINT", cancellation);
        }
        catch (Exception failed) when (failed is NpgsqlException or TimeoutException or IOException
            or UnauthorizedAccessException)
        {
            say("the database's log could not be written ahead, which makes commits wait now and then: "
                + failed.Message);
        }
    }

    private static int FilesIn(DataDirectory directory)
    {
        var log = Path.Combine(directory.Cluster, "pg_wal");
        return Directory.Exists(log) ? Directory.GetFiles(log).Length : 0;
    }

    // A file is only left where something stands in it.
    private static string Through(int files) => string.Create(CultureInfo.InvariantCulture, $"""
        DO $$ BEGIN
            FOR file IN 1..{files} LOOP
                PERFORM pg_logical_emit_message(false, 'settlementgrid', 'log ahead');
                PERFORM pg_switch_wal();
            END LOOP;
        END $$
        """);
}
