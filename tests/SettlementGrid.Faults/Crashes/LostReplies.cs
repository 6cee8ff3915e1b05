using System.Diagnostics;
using SettlementGrid.Faults.Running;
using SettlementGrid.Testbed.Proxying;

namespace SettlementGrid.Faults.Crashes;

/// <summary>
/// The line to the database breaks at a commit: before it was passed on, while it is carried out, or when it is done
/// and only the answer is lost. The outcome is unknown to the server, which must find out before anybody goes on.
/// </summary>
public sealed class LostReplies : Fault
{
    // A commit holds a few; so each mishap meets the load as it ordinarily is.
    const int SettledBetweenMin = 10, SettledBetweenMax = 200;

    static readonly Mishap[] s_quick = [Mishap.LoseReply, Mishap.LoseRequest, Mishap.CutWhileAtWork];

    public override string Name => "lost-replies";

    public override IReadOnlyList<int> Numbers => [4];

    public override string What =>
        "the database's reply to COMMIT is swallowed, or the line is cut before or during it";

    public override string WhatChinese => "提交的回复丢失，或提交前、提交中断线";

    public override async Task RunAsync(FaultRun run)
    {
        var (server, proxy) = await run.ProxiedAsync();
        var load = await run.LoadAsync([server]);
        var before = proxy.Mishaps;
        var since = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(since) < run.Lasts)
        {
            proxy.NextCommit(s_quick[run.Draw.Next(s_quick.Length)]);
            await load.Hospitals.SettleAsync(run.Draw.Next(SettledBetweenMin, SettledBetweenMax));
        }
        // A line that falls silent is given up after the longest that a statement may take: too long for the slice.
        if (!run.IsSlice)
        {
            proxy.NextCommit(Mishap.FallSilent);
            await load.Hospitals.SettleAsync(SettledBetweenMax);
        }
        await load.FinishAsync();
        run.Say($"{proxy.Mishaps - before} commits met a mishap");
        run.Verdict.Require(proxy.Mishaps > before, "No commit met a mishap: this run has shown nothing.");
    }
}
