using System.Globalization;
using Npgsql;
using SettlementGrid.Postgres;
using SettlementGrid.Testbed;

namespace SettlementGrid.LoadTest.Measuring;

/// <summary>
/// What the server, its database and this generator have used so far, as the system counts it; differences of two are
/// what a run cost. Only of a server that this program started on Linux.
/// </summary>
/// <param name="Server">Processor seconds.</param>
/// <param name="Database">Processor seconds of PostgreSQL and all its children, those that ended too.</param>
/// <param name="Generator">Processor seconds.</param>
/// <param name="WalBytes">Written ahead so far.</param>
/// <param name="GcPauses">Seconds that the server's collector stopped it.</param>
/// <param name="AllocatedBytes">On the server's managed heap so far.</param>
/// <param name="ResidentBytes">Of the server, now.</param>
/// <param name="Turns">Decisions begun.</param>
/// <param name="ColdLoads">Of these, how many read their account from the ledger first.</param>
/// <param name="Pauses">How often the collector stopped the server for how long.</param>
public sealed record ServerFigures(
    double Server, double Database, double Generator, long WalBytes, double Commits, double Rows, double GcPauses,
    double Collections, double AllocatedBytes, long ResidentBytes, double Turns, double ColdLoads, PauseCounts Pauses)
{
    const double TicksPerSecond = 100;

    public double WalBytesPerRow => WalBytes / Math.Max(1, Rows);

    /// <summary>Of all programs together; the first keeps the database.</summary>
    public static async Task<ServerFigures> ReadAsync(
        IReadOnlyList<RunningServer> servers, CancellationToken cancellation)
    {
        var metrics = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var server in servers)
            await AddMetricsAsync(server.Place.Http, metrics, cancellation);
        return new ServerFigures(
            servers.Sum(server => Processor(server.ProcessId, withEndedChildren: false)),
            DatabaseProcessor(servers[0].Place.Data),
            Environment.CpuUsage.TotalTime.TotalSeconds,
            await WalAsync(servers[0], cancellation),
            metrics.GetValueOrDefault("ledger_commits_total"),
            metrics.GetValueOrDefault("ledger_rows_total"),
            metrics.GetValueOrDefault("dotnet_gc_pause_time_seconds_total"),
            metrics.GetValueOrDefault("dotnet_gc_collections_total"),
            metrics.GetValueOrDefault("dotnet_gc_heap_total_allocated_bytes_total"),
            servers.Sum(server => Resident(server.ProcessId)),
            metrics.GetValueOrDefault("settlementgrid_grid_turns_total"),
            metrics.GetValueOrDefault("settlementgrid_grid_cold_loads_total"),
            PauseCounts.Of(metrics));
    }

    public static ServerFigures operator -(ServerFigures later, ServerFigures earlier) => new(
        later.Server - earlier.Server, later.Database - earlier.Database, later.Generator - earlier.Generator,
        later.WalBytes - earlier.WalBytes, later.Commits - earlier.Commits, later.Rows - earlier.Rows,
        later.GcPauses - earlier.GcPauses, later.Collections - earlier.Collections,
        later.AllocatedBytes - earlier.AllocatedBytes, later.ResidentBytes, later.Turns - earlier.Turns,
        later.ColdLoads - earlier.ColdLoads, later.Pauses.Since(earlier.Pauses));

    /// <summary>Processor seconds of the PostgreSQL on these data and all its children.</summary>
    public static double DatabaseProcessor(DataDirectory data)
    {
        var file = Path.Combine(data.Cluster, "postmaster.pid");
        var postmaster = int.Parse(File.ReadLines(file).First(), CultureInfo.InvariantCulture);
        var sum = Processor(postmaster, withEndedChildren: true);
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), out var process) && Fields(process) is { } fields
                && fields[1] == postmaster)
                sum += Processor(process, withEndedChildren: false);
        }
        return sum;
    }

    static double Processor(int process, bool withEndedChildren) => Fields(process) is { } fields
        ? (fields[11] + fields[12] + (withEndedChildren ? fields[13] + fields[14] : 0)) / TicksPerSecond
        : 0;

    /// <summary>
    /// The numbers of /proc/N/stat after the name: 1 is the parent, 11 to 14 are the processor's ticks.
    /// </summary>
    static long[]? Fields(int process)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{process}/stat");
            var afterName = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return Array.ConvertAll(afterName, one => long.TryParse(one, out var number) ? number : 0);
        }
        catch (IOException)
        {
            // It ended while the list was read.
            return null;
        }
    }

    static long Resident(int process)
    {
        var line = File.ReadLines($"/proc/{process}/status")
            .First(one => one.StartsWith("VmRSS", StringComparison.Ordinal));
        var kilobytes = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        return 1024 * long.Parse(kilobytes, CultureInfo.InvariantCulture);
    }

    static async Task<long> WalAsync(RunningServer server, CancellationToken cancellation)
    {
        await using var source = NpgsqlDataSource.Create(server.Place.Data.Connection.Read());
        await using var ask = source.CreateCommand("SELECT (pg_current_wal_lsn() - '0/0'::pg_lsn)::bigint");
        return (long)(await ask.ExecuteScalarAsync(cancellation))!;
    }

    // One connection for all readings: beside a hostile client a new one may have to come several times.
    static readonly HttpClient s_http = new();

    static async Task AddMetricsAsync(Uri server, Dictionary<string, double> sums, CancellationToken cancellation)
    {
        var text = await s_http.GetStringAsync(new Uri(server, "/metrics"), cancellation);
        foreach (var line in text.Split('\n').Where(one => one.Length > 0 && one[0] != '#'))
        {
            var value = line[(line.LastIndexOf(' ') + 1)..];
            // Series of one name are added up; the buckets of a histogram are kept apart.
            var isBucket = line.Contains("_bucket{", StringComparison.Ordinal);
            var end = isBucket ? line.LastIndexOf(' ') : line.IndexOfAny(['{', ' ']);
            var name = line[..end];
            sums[name] = sums.GetValueOrDefault(name) + double.Parse(value, CultureInfo.InvariantCulture);
        }
    }
}
