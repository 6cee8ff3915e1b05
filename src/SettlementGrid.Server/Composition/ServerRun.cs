using System.Diagnostics;
using Npgsql;
using SettlementGrid.Enrollees;
using SettlementGrid.Ledger.Anchoring;
using SettlementGrid.SampleCity;
using SettlementGrid.Server.CommandLine;
using SettlementGrid.Server.Logging;
using SettlementGrid.Server.Metrics;
using SettlementGrid.Server.Servers;

namespace SettlementGrid.Server.Composition;

/// <summary>
/// The program of one machine, from start to stop, in order. What is started last is stopped first; calls under
/// way are finished before the engine goes, and the database goes last.
/// </summary>
public static class ServerRun
{
    /// <summary>Runs until cancelled (SIGTERM, Ctrl-C).</summary>
    /// <param name="settings">what the command line said.</param>
    /// <param name="clock">the only clock of the process.</param>
    /// <param name="ready">told once, with the address, when settlements can be taken.</param>
    /// <param name="cancellation">begins the stop.</param>
    /// <param name="parts">of a program that is not Server itself; null: mailboxes.</param>
    /// <exception cref="CannotStartException">with what to do.</exception>
    public static async Task RunAsync(
        RunSettings settings, TimeProvider clock, Action<HttpFront> ready, CancellationToken cancellation,
        ProgramParts? parts = null)
    {
        using var folder = OwnFolder.Take(settings.Database.Directory);
        settings = settings with { Folder = folder.Path };
        await using var logFile = new LogFile(Path.Combine(folder.Path, "log"));
        using var logs = new JsonLines(logFile, clock, Terminal.Say);
        using var metrics = new MetricCollection();
        using var pauses = new GcPauses();
        var readiness = new Readiness();
        var gate = new Gate(readiness);
        Doorway? entered = null;

        // 1. Listeners, so that a port in use shows at once. They answer "starting".
        await using var front = await HttpFront.StartAsync(
            settings, readiness, gate, metrics, logs, clock,
            async context => entered is not null && await entered.MayReadMetricsAsync(context),
            cancellation, parts?.Configure);
        var log = front.Logs.CreateLogger(typeof(ServerRun));

        // 2. The database: found or started, safe to settle on.
        await using var database = await Database.OwnAsync(settings.Database, Terminal.Say, cancellation);
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);

        // 3. The engine: schema, catalog, plans, the sample city. Then the methods.
        await using var engine = await Engine.StartAsync(
            database.ConnectionString, clock, front.Logs.CreateLogger<Engine>(), cancellation, settings.Bounds,
            parts is null ? null : ground => parts.StartAsync(ground, front.Logs, cancellation));
        await ShippedPlans.PublishAsync(engine, settings.Sample, Terminal.Say, cancellation);
        await LoadSampleAsync(settings, engine, database, clock, cancellation);

        await using var doorway = new Doorway(database.ConnectionString, settings.KeysRequired, clock, front.Logs);

        // The funds fold from here on; whoever asks for them before they have caught up waits.
        await using var lease = new Lease(database.ConnectionString, clock, front.Logs.CreateLogger<Lease>());
        gate.Open(front.Pipeline(
            engine.Methods(() => readiness.IsReady, doorway.Table.ReadAsync, lease.Table.ReadAsync), doorway, clock,
            parts is null ? null : (app, methods) => parts.Wire(app, methods, doorway, clock)));
        entered = doorway;

        // 4. Ready when a commit went through to the disk.
        using var anchors = OpenAnchors(settings, engine, clock, front.Logs);
        await CommitWatch.CommitAsync(source, cancellation);
        readiness.Ready();
        ready(front);
        ServiceNotice.Ready(Terminal.Say);
        log.LogInformation("ready on {Addresses}", string.Join(' ', front.Addresses));
        if (settings.ShowsKeys)
        {
            log.LogWarning(
                "callers' keys and citizens' bills cross the network in clear text on {Address}: "
                + "give --tls-cert and --tls-key", settings.Listen);
        }

        long since;
        await using (var rounds = new Rounds(clock, front.Logs, database, engine, readiness, anchors))
        {
            rounds.Add(stop => lease.RunAsync(Lease.Self(front.Addresses), readiness, engine, metrics, stop));
            await Task.Delay(Timeout.Infinite, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

            // 5. The stop: no new calls, those under way finish, then everything else.
            Terminal.Say("stopping");
            since = Stopwatch.GetTimestamp();
            readiness.Stopping();
            ServiceNotice.Stopping(Terminal.Say);
            await front.DrainAsync();
            await engine.DrainAsync();
        }

        log.LogInformation("stopped after {Seconds:0.0} s", Stopwatch.GetElapsedTime(since).TotalSeconds);
    }

    private static AnchorWriting OpenAnchors(
        RunSettings settings, Engine engine, TimeProvider clock, ILoggerFactory logs)
    {
        try
        {
            return new AnchorWriting(
                engine.Ledger, settings.AnchorPath, clock, logs.CreateLogger<AnchorWriting>());
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new CannotStartException(
                $"The anchor file {settings.AnchorPath} cannot be written: {failed.Message} Each server anchors into a "
                + "file of its own; name another with --anchor.", failed);
        }
    }

    // Loading again changes nothing, so an interrupted first start is completed by the second.
    private static async Task LoadSampleAsync(
        RunSettings settings, Engine engine, Database database, TimeProvider clock, CancellationToken cancellation)
    {
        if (!settings.Sample)
        {
            return;
        }

        var load = new SampleLoad(
            engine.Ledger, engine.Grid, engine.Catalogs, engine.Writing,
            new RosterLoad(engine.Ledger, engine.Grid, clock), engine.FundWriting, clock, Terminal.Say);
        var today = Plans.BeijingTime.DayOf(clock.GetUtcNow());
        var counts = await load.Load(Sample.Generate(Sample.DefaultSeed, today), cancellation);
        if (counts.Enrolled > 0)
        {
            await database.TidyAsync(cancellation);
        }
    }
}

/// <summary>
/// What a program with the same front, ledger and commands has in the place of mailboxes: another engine of turns, and
/// what stands before the methods with it.
/// </summary>
/// <param name="Configure">Adds services to the front's host.</param>
/// <param name="StartAsync">Starts the engine of turns, once the ledger is open.</param>
/// <param name="Wire">Adds to what a request passes once it is known who calls.</param>
public sealed record ProgramParts(
    Action<WebApplicationBuilder> Configure,
    Func<EngineGround, ILoggerFactory, CancellationToken, Task<GridRun>> StartAsync,
    Action<IApplicationBuilder, Api.MethodTable, Doorway, TimeProvider> Wire);
