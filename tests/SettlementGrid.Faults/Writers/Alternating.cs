using System.Diagnostics;
using SettlementGrid.Faults.Running;

namespace SettlementGrid.Faults.Writers;

/// <summary>
/// Two servers both remember the same few persons and settle for them in turns: of two who decided on one version one
/// wins, the other loads again and decides again, and nobody reads less than was acknowledged.
/// </summary>
public sealed class Alternating : Fault
{
    // So few that nearly every settlement meets another of the same person at the other server.
    const int Persons = 8;

    const int SettledMin = 1_000;

    public override string Name => "alternating";

    public override IReadOnlyList<int> Numbers => [12];

    public override string What => "two servers that both remember the same eight persons settle for them in turns";

    public override string WhatChinese => "两个服务都缓存同一批参保人，轮流结算";

    public override async Task RunAsync(FaultRun run)
    {
        var load = await run.LoadAsync(await run.ServersAsync(2), persons: Persons);
        var since = Stopwatch.GetTimestamp();
        do
        {
            await load.Hospitals.SettleAsync(SettledMin);
        }
        while (Stopwatch.GetElapsedTime(since) < run.Lasts);
        await load.FinishAsync();
    }
}
