using System.Diagnostics;
using SettlementGrid.Faults.Running;

namespace SettlementGrid.Faults.Writers;

/// <summary>
/// One of two servers stands still (SIGSTOP) with a full queue, the other settles for the same persons, and the first
/// goes on where it stood: all it remembers is stale by then, and its batches fail by the fence.
/// </summary>
public sealed class StandsStill : Fault
{
    // Half of them are under way at the server that stops: several batches.
    const int InFlight = 128;

    // Short, so that who waits for the one that stands still soon asks the other.
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    static readonly TimeSpan s_pauseInSlice = TimeSpan.FromSeconds(3);

    /// <summary>Past a decision's 30 s and every deadline.</summary>
    static readonly TimeSpan s_pauseMax = TimeSpan.FromSeconds(60);

    public override string Name => "stands-still";

    public override IReadOnlyList<int> Numbers => [13];

    public override string What =>
        "one of two servers stopped for seconds to a minute with a full queue, then going on";

    public override string WhatChinese => "两个服务之一带着满队列停顿数秒至一分钟，再继续";

    public override async Task RunAsync(FaultRun run)
    {
        var servers = await run.ServersAsync(2);
        var habits = FaultLimits.Closed with
        {
            InFlight = InFlight, Patience = s_patience, AwayFor = Timeout.InfiniteTimeSpan,
        };
        var load = await run.LoadAsync(servers, habits);
        await load.Hospitals.SettleAsync(WritersLimits.SettledBetween);
        var pause = run.IsSlice ? s_pauseInSlice : run.Lasts / 2 < s_pauseMax ? run.Lasts / 2 : s_pauseMax;
        var since = Stopwatch.GetTimestamp();
        do
        {
            var still = servers[run.Draw.Next(servers.Count)];
            var before = load.Hospitals.Receipts().Count;
            await still.PauseAsync();
            try
            {
                await Task.Delay(pause); // The time that it stands still is what is tried here.
                await load.Hospitals.SettleAsync(WritersLimits.SettledBetween);
            }
            finally
            {
                await still.ResumeAsync();
            }
            var settled = load.Hospitals.Receipts().Count - before;
            run.Say($"{settled} settled while one stood still for {pause.TotalSeconds:0} s");
            load.Hospitals.AllBack();
            await load.Hospitals.SettleAsync(WritersLimits.SettledBetween);
        }
        while (Stopwatch.GetElapsedTime(since) < run.Lasts);
        await load.FinishAsync();
        run.Verdict.Require(load.Hospitals.SentAgain > 0, "No call met the server that stood still.");
    }
}
