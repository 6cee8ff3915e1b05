using System.Diagnostics;
using SettlementGrid.Faults.Hostile.Clients;
using SettlementGrid.LoadTest;
using SettlementGrid.Testbed;

namespace SettlementGrid.Faults.Hostile.Measuring;

/// <summary>How healthy clients fared beside one hostile one.</summary>
/// <param name="Hostile">Null: nobody, for comparison.</param>
/// <param name="P99">From the intended start, microseconds.</param>
/// <param name="Failed">Healthy calls without a settlement, by reason; those never sent are among them.</param>
/// <param name="MemoryMax">Of the server, bytes.</param>
/// <param name="Processor">Seconds of processor time that the server used a second.</param>
/// <param name="Held">Connections that the hostile client held at one time, at the most.</param>
public sealed record HostileRow(
    HostileClient? Hostile, long Calls, long P50, long P99, long Max, IReadOnlyDictionary<string, long> Failed,
    long MemoryMax, double Processor, long Opened, long Held, long Closed, long Sent)
{
    public string Name => Hostile?.Name ?? "(nobody)";

    public long FailedCount => Failed.Values.Sum();
}

/// <summary>
/// Healthy hospitals settle at a steady rate while one hostile client after the other is at work, each a process of its
/// own with a quarter of a processor; at the end everything that was acknowledged is held against the ledger.
/// </summary>
/// <param name="rate">Healthy settlements a second, as they arrive.</param>
/// <param name="lasts">Beside each hostile client.</param>
/// <param name="share">How many of a hostile client's connections: 1 for all.</param>
public sealed class HostileRun(double rate, TimeSpan lasts, double share, int seed, Action<string> say)
{
    // A person is asked for every twenty seconds on the average: fewer would queue at one another's turns.
    const double PersonsPerRate = 20;

    // The hostile client has begun by then, and the code that it makes the server run is compiled.
    static readonly TimeSpan s_warmUpMax = TimeSpan.FromSeconds(1);

    /// <summary>Whether hostile clients were held to their quarter, and by what.</summary>
    public string Quarter { get; private set; } = "";

    /// <summary>The rows of these clients, between one of nobody before and one after.</summary>
    /// <exception cref="InvalidOperationException">What was acknowledged is not what the ledger holds.</exception>
    public async Task<IReadOnlyList<HostileRow>> RunAsync(
        IReadOnlyList<HostileClient> hostile, TimeProvider clock, CancellationToken cancellation)
    {
        var settings = new LoadSettings
        {
            Rate = rate, Measured = lasts, WarmUp = lasts < s_warmUpMax ? lasts / 2 : s_warmUpMax, Seed = seed,
            InFlight = 512, Connections = 4, Persons = (int)(rate * PersonsPerRate), DuplicatePercent = 2,
        };
        using var quarter = QuarterProcessor.TryMake(out var how);
        Quarter = quarter is null ? $"hostile clients ran without a bound of their processor ({how})"
            : $"each hostile client had a quarter of a processor ({how})";
        say(Quarter);
        await using var site = await LoadSite.OpenAsync(settings, clock, say, cancellation);
        var rows = new List<HostileRow>();
        foreach (var client in (HostileClient?[])[null, .. hostile, null])
        {
            say($"{client?.Name ?? "nobody"}: {client?.What ?? "healthy clients alone"}");
            rows.Add(await MeasureAsync(site, settings, client, quarter, cancellation));
            if (!site.Own!.IsAlive)
                throw new InvalidOperationException($"The server ended beside {client?.Name}:\n{site.Own.Output}");
        }
        if (await site.AuditAsync(cancellation) is not { } audited)
            throw new InvalidOperationException("What was acknowledged and what the ledger holds differ.");
        say(audited.InWords);
        return rows;
    }

    async Task<HostileRow> MeasureAsync(
        LoadSite site, LoadSettings settings, HostileClient? client, QuarterProcessor? quarter,
        CancellationToken cancellation)
    {
        await using var connections = await ConnectionSet.OpenAsync(site.Address, settings.Connections, cancellation);
        using var hostile = client is null
            ? null
            : HostileProcess.Start(client, site.Own!.Place, seed, share, quarter);
        if (hostile is not null)
            await hostile.BeginAsync();
        using var server = Process.GetProcessById(site.Own!.ProcessId);
        var (since, before) = (Stopwatch.GetTimestamp(), server.TotalProcessorTime);
        MeasuredRun run;
        long memory;
        await using (var watched = new Memory(site.Own.ProcessId))
        {
            run = await Measurement.RunAsync(site, settings, connections, cancellation);
            memory = watched.Most;
        }
        server.Refresh();
        var processor = (server.TotalProcessorTime - before) / Stopwatch.GetElapsedTime(since);
        var (opened, held, closed, sent) = hostile is null ? default : await hostile.EndAsync(cancellation);
        var failed = new Dictionary<string, long>(run.Result.Refused, StringComparer.Ordinal);
        if (run.GivenUp > 0)
            failed["NEVER_SENT"] = run.GivenUp;
        return new HostileRow(
            client, run.Result.Calls, run.Result.Latency.At(0.5), run.Result.Latency.At(0.99), run.Result.Latency.Max,
            failed, memory, processor, opened, held, closed, sent);
    }
}
