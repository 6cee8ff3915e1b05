using System.Diagnostics;
using SettlementGrid.Faults.Running;
using SettlementGrid.Testbed;
using SettlementGrid.Testbed.Calling;

namespace SettlementGrid.Faults.Crashes;

/// <summary>
/// A disk of the database runs full and is freed again. While it is full nothing is acknowledged and the servers live
/// on; freed, they settle again by themselves.
/// </summary>
public abstract class FullDisk : Fault
{
    const int SettledBetween = 300;

    static readonly TimeSpan s_full = TimeSpan.FromSeconds(5);
    static readonly TimeSpan s_fullInSlice = TimeSpan.FromSeconds(1);

    private protected abstract int Megabytes { get; }

    /// <summary>Moves a part of the database to the disk; servers may be up.</summary>
    private protected abstract Task MoveAsync(FaultRun run, SmallDisk disk);

    /// <summary>Moves it back, where the site is shared.</summary>
    private protected virtual Task MoveBackAsync(FaultRun run) => Task.CompletedTask;

    /// <summary>After it ran full: hurries on what meets the full disk.</summary>
    private protected abstract Task HurryAsync(FaultRun run);

    public override async Task RunAsync(FaultRun run)
    {
        var disk = run.Ending(await SmallDisk.MakeAsync(Megabytes));
        await run.Site.ServersAsync(1);
        await MoveAsync(run, disk);
        var servers = await run.ServersAsync(1);
        var load = await run.LoadAsync(servers);
        var since = Stopwatch.GetTimestamp();
        do
        {
            await load.Hospitals.SettleAsync(SettledBetween);
            disk.Fill();
            await HurryAsync(run);
            await NothingMoreAsync(run, load);
            disk.Free();
            await run.Site.Postgres.StartAgainAsync(CancellationToken.None);
            var freed = Stopwatch.GetTimestamp();
            await load.Hospitals.SettleAsync(1);
            run.Say($"full and freed; settling again after {Stopwatch.GetElapsedTime(freed).TotalSeconds:0.0} s");
        }
        while (Stopwatch.GetElapsedTime(since) < run.Lasts);
        await load.Hospitals.SettleAsync(SettledBetween);
        await load.FinishAsync();
        await MoveBackAsync(run);
        run.Verdict.Require(
            load.Hospitals.SentAgain > 0 || load.Hospitals.LongestUnanswered > s_fullInSlice,
            "No call met the full disk: this run has shown nothing.");
    }

    // There is room left in the page or the segment in work: what fits there is acknowledged, and then nothing.
    static async Task NothingMoreAsync(FaultRun run, Load load)
    {
        var since = Stopwatch.GetTimestamp();
        var settled = -1;
        while (settled != load.Hospitals.Receipts().Count)
        {
            if (Stopwatch.GetElapsedTime(since) > FaultLimits.AnswerMax)
                throw new InvalidOperationException("Settling goes on although the disk is full.");
            settled = load.Hospitals.Receipts().Count;
            await Task.Delay(run.IsSlice ? s_fullInSlice : s_full); // How long it is full is what is tried here.
        }
    }
}

/// <summary>The write-ahead log's disk: PostgreSQL panics, and again at every start until there is room.</summary>
public sealed class FullLog : FullDisk
{
    public override string Name => "full-log-disk";

    public override bool Shares => false;

    public override IReadOnlyList<int> Numbers => [6];

    public override string What => "the disk of the write-ahead log runs full until PostgreSQL panics, and is freed";

    public override string WhatChinese => "预写日志磁盘写满后释放";

    // Segments are 16 MB: some to begin with, and one more for recovery.
    private protected override int Megabytes => 96;

    private protected override async Task MoveAsync(FaultRun run, SmallDisk disk)
    {
        // Few segments are kept for later, or they would be used before any is asked of the disk.
        await run.Site.ExecuteAsync("ALTER SYSTEM SET min_wal_size = '32MB'");
        await run.Site.ExecuteAsync("ALTER SYSTEM SET max_wal_size = '32MB'");
        await run.Site.ExecuteAsync("SELECT pg_reload_conf()");
        await run.Site.ExecuteAsync("CHECKPOINT");
        await run.Site.Postgres.StopAsync(immediate: false, CancellationToken.None);
        var log = Path.Combine(run.Site.Postgres.Directory.Cluster, "pg_wal");
        var moved = Path.Combine(disk.Own, "pg_wal");
        var copied = await Postgres.ChildProgram.RunAsync(
            ["cp", "-a", log, moved], "/", TestbedLimits.CommandMax, CancellationToken.None);
        if (!copied.Succeeded)
            throw new FaultSkippedException($"the write-ahead log cannot be moved here: {copied.Output}");
        Directory.Delete(log, recursive: true);
        Directory.CreateSymbolicLink(log, moved);
    }

    private protected override async Task HurryAsync(FaultRun run)
    {
        try
        {
            // To the end of the segments that are there, so that the next commit asks the disk for one.
            for (var segment = 0; segment < 8; segment++)
                await run.Site.ExecuteAsync("SELECT pg_logical_emit_message(false, 'full', repeat('x', 16000000))");
        }
        catch (Npgsql.NpgsqlException panicked)
        {
            run.Say($"the database is down: {panicked.Message.Split('\n')[0]}");
        }
    }
}

/// <summary>The disk of the ledger's table: PostgreSQL lives on and refuses what needs a new page (53100).</summary>
public sealed class FullTable : FullDisk
{
    public override string Name => "full-data-disk";

    public override IReadOnlyList<int> Numbers => [7];

    public override string What => "the disk of the ledger's table runs full (53100) and is freed";

    public override string WhatChinese => "账本数据磁盘写满后释放";

    // What the table holds on a shared site after an hour of faults, and a part of it more.
    private protected override int Megabytes => 1_024;

    private protected override async Task MoveAsync(FaultRun run, SmallDisk disk)
    {
        await run.Site.ExecuteAsync($"CREATE TABLESPACE small LOCATION '{disk.Own}'");
        await run.Site.ExecuteAsync("ALTER TABLE ledger.entries SET TABLESPACE small");
    }

    private protected override async Task MoveBackAsync(FaultRun run)
    {
        await run.Site.ExecuteAsync("ALTER TABLE ledger.entries SET TABLESPACE pg_default");
        await run.Site.ExecuteAsync("DROP TABLESPACE small");
    }

    private protected override Task HurryAsync(FaultRun run) => Task.CompletedTask;
}
