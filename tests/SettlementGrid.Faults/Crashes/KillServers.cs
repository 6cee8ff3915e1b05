using SettlementGrid.Faults.Running;

namespace SettlementGrid.Faults.Crashes;

/// <summary>
/// Three servers on one database, one of them killed every few seconds at any point of a commit and started again.
/// </summary>
public sealed class KillServers : Fault
{
    const int Servers = 3;

    // What is accepted: all three together, on two cores.
    const int PerSecond = 2_000;

    // The slice shares its cores with other tests.
    const int PerSecondInSlice = 300;

    const int Persons = 2_000;

    // A commit takes about 10 ms: so a kill meets any point of one.
    const int AnywhereMilliseconds = 25;

    static readonly TimeSpan s_every = TimeSpan.FromSeconds(5);
    static readonly TimeSpan s_everyInSlice = TimeSpan.FromSeconds(1.5);

    public override string Name => "kill-servers";

    public override IReadOnlyList<int> Numbers => [1, 23];

    public override string What => "one of three servers killed (-9) every 5 s under 2,000 settlements a second";

    public override string WhatChinese => "每秒两千笔时每五秒强杀三个服务之一";

    public override async Task RunAsync(FaultRun run)
    {
        var servers = await run.ServersAsync(Servers);
        var load = await run.LoadAsync(
            servers, FaultLimits.At(run.IsSlice ? PerSecondInSlice : PerSecond), run.IsSlice ? FaultLimits.Persons : Persons);
        var every = run.IsSlice ? s_everyInSlice : s_every;
        var kills = Math.Max(2, (int)(run.Lasts / every));
        for (var kill = 1; kill <= kills; kill++)
        {
            await Task.Delay(every + TimeSpan.FromMilliseconds(run.Draw.NextDouble() * AnywhereMilliseconds));
            var victim = run.Draw.Next(Servers);
            // It may still be on its way up: then another one is killed.
            while (!servers[victim].IsAlive)
                victim = (victim + 1) % Servers;
            await servers[victim].KillAsync();
            await load.Hospitals.SettleAsync(1);
            await servers[victim].StartAgainAsync();
            run.Say($"kill {kill} of {kills}: server {victim + 1}, ready again after "
                + $"{servers[victim].StartTook.TotalSeconds:0.0} s, {load.Hospitals.Receipts().Count} settled");
        }
        await load.FinishAsync();
        run.Verdict.Require(load.Hospitals.SentAgain > 0, "No call met a kill: this run has shown nothing.");
    }
}
