using System.Text;

namespace SettlementGrid.Postgres;

/// <summary>
/// How the embedded database is set up. Written anew at every start into DIR/postgres.conf, which the cluster's
/// postgresql.conf includes last; what a person sets by ALTER SYSTEM still wins, and the server refuses to serve
/// on unsafe values of it.
/// </summary>
/// <param name="MemoryBytes">the memory to plan with; a test takes little, the server the machine's.</param>
public sealed record PostgresSettings(long MemoryBytes)
{
    private const long MiB = 1024 * 1024;

    /// <summary>
    /// How much of its log a database has ready before it is written to, in MiB, where the disk has room for it
    /// (<see cref="LogAhead"/>). As much is kept ready from then on.
    /// </summary>
    public int LogAheadMiB { get; init; }

    /// <summary>For the machine (or container) this process runs on.</summary>
    public static PostgresSettings ForThisMachine() =>
        new(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes) { LogAheadMiB = PostgresLimits.LogAheadMiB };

    /// <summary>For tests: 64 MB of buffers, no log ahead, everything else alike.</summary>
    public static PostgresSettings Small() => new(512 * MiB);

    /// <summary>The file's text.</summary>
    public string Text(int port, string logFolder, bool lz4)
    {
        var text = new StringBuilder("# Written at every start. Change settings with ALTER SYSTEM.\n");
        Add(text, "Reached from this machine only, by password; no socket file to leave behind.",
            ("listen_addresses", "'127.0.0.1'"), ("port", $"{port}"), ("unix_socket_directories", "''"),
            ("password_encryption", "'scram-sha-256'"));
        Add(text, "An acknowledged settlement is on disk. The server refuses to run with any of these off.",
            ("fsync", "on"), ("synchronous_commit", "on"), ("full_page_writes", "on"));
        Add(text, "A server takes two dozen at the most; four servers, command line tools and a person with psql.",
            ("max_connections", "120"));
        Add(text, "An eighth of the memory: newest rows, upper index pages; the system's cache holds the rest.",
            ("shared_buffers", $"{Clamp(MemoryBytes / 8, 64, 4096)}MB"),
            ("effective_cache_size", $"{Clamp(MemoryBytes / 2, 256, 65536)}MB"));
        Add(text, "Index builds of an import; sorts of a report.",
            ("maintenance_work_mem", $"{Clamp(MemoryBytes / 32, 64, 512)}MB"), ("work_mem", "16MB"));
        Add(text, "Checkpoints every few minutes, spread out, so that no commit waits for one; 2 GB of log is also the "
            + "most that a start after a crash replays. Its files are kept for the next peak: making one stops every "
            + "commit for as long as 16 MB of zeros take to the disk.",
            ("max_wal_size", "'2GB'"), ("min_wal_size", $"'{Math.Max(PostgresLimits.LogKeptLeastMiB, LogAheadMiB)}MB'"),
            ("checkpoint_timeout", "'5min'"), ("checkpoint_completion_target", "0.9"));
        Add(text, "Full page images after a checkpoint are most of the log; lz4 costs less than writing them.",
            ("wal_compression", lz4 ? "lz4" : "on"));
        Add(text, "A server that hangs inside a transaction holds the head row and with it everybody's commits.",
            ("idle_in_transaction_session_timeout", "'30s'"));
        Add(text, "Short statements only: compiling them costs more than running them. SSD.",
            ("jit", "off"), ("random_page_cost", "1.1"));
        Add(text, "The ledger only grows: its statistics and visibility map must follow soon (cold loads are five "
            + "times slower without).",
            ("autovacuum_naptime", "'20s'"), ("autovacuum_analyze_scale_factor", "0.05"),
            ("autovacuum_vacuum_insert_scale_factor", "0.05"));
        Add(text, "Errors go to the server, which logs them masked; a log here would hold person ids and, with "
            + "repeated requests, fill up. One file a weekday, written over after a week.",
            ("log_min_messages", "log"), ("log_min_error_statement", "panic"), ("log_error_verbosity", "terse"),
            ("logging_collector", "on"), ("log_directory", Quoted(logFolder)), ("log_filename", "'postgres-%a.log'"),
            ("log_rotation_age", "'1d'"), ("log_rotation_size", "0"), ("log_truncate_on_rotation", "on"),
            ("log_line_prefix", "'%m [%p] '"), ("log_timezone", "'UTC'"), ("lc_messages", "'C'"));
        Add(text, "Times are stored and shown in one zone.", ("timezone", "'UTC'"));
        if (OperatingSystem.IsLinux())
        {
            Add(text, "A client that died in a long query is noticed (Linux and BSD only).",
                ("client_connection_check_interval", "'5s'"));
        }

        return text.ToString();
    }

    private static void Add(StringBuilder text, string reason, params (string Name, string Value)[] settings)
    {
        text.Append("\n# ").Append(reason).Append('\n');
        foreach (var (name, value) in settings)
        {
            text.Append(name).Append(" = ").Append(value).Append('\n');
        }
    }

    private static long Clamp(long bytes, long leastMiB, long mostMiB) => Math.Clamp(bytes / MiB, leastMiB, mostMiB);

    private static string Quoted(string path) =>
        "'" + path.Replace('\\', '/').Replace("'", "''", StringComparison.Ordinal) + "'";
}
