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

    public override IReadOnlyList<int> Numbers => [1];

    public override string What => "one of three servers killed (-9) every 5 s under 2,000 settlements a second";

    public override string WhatChinese => "每秒两千笔时每五秒强杀三个服务之一";

    public override async Task RunAsync(FaultRun run)
    {
        var servers = await run.ServersAsync(Servers);
        var load = await (run.IsSlice
            ? run.LoadAsync(servers, FaultLimits.At(PerSecondInSlice))
            : run.LoadAsync(servers, FaultLimits.At(PerSecond), Persons));
        var every = run.IsSlice ? s_everyInSlice : s_every;
        var kills = Math.Max(2, (int)(run.Lasts / every));
        var starting = servers.Select(_ => Task.CompletedTask).ToArray();
        using var ticks = new PeriodicTimer(every);
        for (var kill = 1; kill <= kills; kill++)
        {
            await ticks.WaitForNextTickAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(run.Draw.NextDouble() * AnywhereMilliseconds));
            var victim = await LivingAsync(run.Draw.Next(Servers), starting);
            await servers[victim].KillAsync();
            starting[victim] = servers[victim].StartAgainAsync();
            run.Say($"kill {kill} of {kills}: server {victim + 1}; {load.Hospitals.Receipts().Count} settled");
        }
        await Task.WhenAll(starting);
        await load.Hospitals.SettleAsync(1);
        await load.FinishAsync();
        var took = servers.Select(one => $"{one.StartTook.TotalSeconds:0.0} s");
        run.Say($"the last starts took {string.Join(", ", took)}");
        run.Verdict.Require(load.Hospitals.SentAgain > 0, "No call met a kill: this run has shown nothing.");
    }

    /// <summary>
    /// From the chosen one on the first that is up; where starts take longer than the time between two kills, one is
    /// left for the callers.
    /// </summary>
    static async Task<int> LivingAsync(int chosen, Task[] starting)
    {
        while (starting.Count(one => one.IsCompletedSuccessfully) < 2)
            await await Task.WhenAny(starting.Where(one => !one.IsCompletedSuccessfully));
        while (!starting[chosen].IsCompletedSuccessfully)
            chosen = (chosen + 1) % starting.Length;
        return chosen;
    }
}
