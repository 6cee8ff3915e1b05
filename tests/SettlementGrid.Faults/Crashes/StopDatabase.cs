using System.Diagnostics;
using SettlementGrid.Faults.Running;

namespace SettlementGrid.Faults.Crashes;

/// <summary>
/// The database is stopped as a crash would (`pg_ctl stop -m immediate`) and started again, under load.
/// </summary>
public sealed class StopDatabase : Fault
{
    const int Servers = 2;
    const int SettledBetweenMin = 50, SettledBetweenMax = 800;

    public override string Name => "stop-database";

    public override IReadOnlyList<int> Numbers => [3];

    public override string What =>
        "the database stopped (-m immediate) and started again; with --minutes 2 twenty times";

    public override string WhatChinese => "数据库立即停止再启动";

    public override async Task RunAsync(FaultRun run)
    {
        var load = await run.LoadAsync(await run.ServersAsync(Servers));
        // Six seconds each: stop, start, recovery and some settling between.
        var stops = Math.Max(1, (int)(run.Lasts / TimeSpan.FromSeconds(6)));
        var shortest = TimeSpan.MaxValue;
        for (var stop = 1; stop <= stops; stop++)
        {
            await load.Hospitals.SettleAsync(run.Draw.Next(SettledBetweenMin, SettledBetweenMax));
            var since = Stopwatch.GetTimestamp();
            await run.Site.Postgres.StopAsync(immediate: true, CancellationToken.None);
            await run.Site.Postgres.StartAgainAsync(CancellationToken.None);
            var up = Stopwatch.GetTimestamp();
            var down = Stopwatch.GetElapsedTime(since, up);
            shortest = down < shortest ? down : shortest;
            await load.Hospitals.SettleAsync(1);
            run.Say($"stop {stop} of {stops}: down for {down.TotalSeconds:0.0} s, settling "
                + $"again {Stopwatch.GetElapsedTime(up).TotalSeconds:0.0} s after it was up");
        }
        await load.FinishAsync();
        // A short one is ridden out by the servers: then nobody has to send again, but somebody waited as long as it
        // lasted.
        run.Verdict.Require(
            load.Hospitals.SentAgain > 0 || load.Hospitals.LongestUnanswered >= shortest,
            "No call met a stop: this run has shown nothing.");
    }
}
