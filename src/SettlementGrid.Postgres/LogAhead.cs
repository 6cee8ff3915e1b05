using System.Globalization;

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

    // Each statement is bounded in time (PostgresLimits.CommandMax): 512 MB of zeros at a time.
    private const int FilesAtOnce = 16;

    /// <summary>How many files a database in this folder is to have ready.</summary>
    public static int FilesFor(string folder, PostgresSettings settings) => (int)Math.Min(
        settings.LogAheadMiB / FileMiB,
        new DriveInfo(folder).AvailableFreeSpace / PostgresLimits.LogAheadOfFree / (FileMiB * MiB));

    /// <summary>Goes through so many files of the log and has them kept for what comes next.</summary>
    public static async Task WriteAsync(string superuser, int files, CancellationToken cancellation)
    {
        for (var left = files; left > 0; left -= FilesAtOnce)
        {
            // A file is only left where something stands in it.
            await Login.ExecuteAsync(
                superuser,
                string.Create(CultureInfo.InvariantCulture, $"""
                    DO $$ BEGIN
                        FOR file IN 1..{Math.Min(left, FilesAtOnce)} LOOP
                            PERFORM pg_logical_emit_message(false, 'settlementgrid', 'log ahead');
                            PERFORM pg_switch_wal();
                        END LOOP;
                    END $$
                    """),
                cancellation);
        }

        await Login.ExecuteAsync(superuser, "CHECKPOINT", cancellation);
    }
}
