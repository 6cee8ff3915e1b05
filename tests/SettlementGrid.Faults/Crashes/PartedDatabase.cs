using System.Diagnostics;
using SettlementGrid.Api;
using SettlementGrid.Api.V1;
using SettlementGrid.Faults.Running;
using SettlementGrid.Testbed;
using SettlementGrid.Testbed.Proxying;

namespace SettlementGrid.Faults.Crashes;

/// <summary>
/// A server is parted from its database while everybody still reaches the server. It acknowledges nothing, says so
/// before the caller's patience ends, holds a bounded queue, and goes on by itself once it reaches the database again.
/// </summary>
public sealed class PartedDatabase : Fault
{
    const int SettledBetween = 200;

    // What is already on its way to the caller when the line parts arrives after it.
    static readonly TimeSpan s_onTheWay = TimeSpan.FromMilliseconds(500);

    // The default deadline of a call, and what a busy machine needs on top.
    static readonly TimeSpan s_answeredWithin = TimeSpan.FromSeconds(12);

    static readonly TimeSpan s_partedInSlice = TimeSpan.FromSeconds(2);
    static readonly TimeSpan s_parted = TimeSpan.FromSeconds(20);

    public override string Name => "parted-database";

    public override IReadOnlyList<int> Numbers => [15];

    public override string What => "a server parted from its database alone; nobody is told, nothing passes";

    public override string WhatChinese => "服务与数据库之间网络中断";

    public override async Task RunAsync(FaultRun run)
    {
        var (server, proxy) = await run.ProxiedAsync();
        var load = await run.LoadAsync([server]);
        var since = Stopwatch.GetTimestamp();
        do
        {
            await load.Hospitals.SettleAsync(SettledBetween);
            await PartAsync(run, load, server, proxy);
        }
        while (!run.IsSlice && Stopwatch.GetElapsedTime(since) < run.Lasts);
        await load.FinishAsync();
    }

    static async Task PartAsync(FaultRun run, Load load, RunningServer server, DatabaseProxy proxy)
    {
        proxy.Part();
        try
        {
            await Task.Delay(s_onTheWay);
            var before = load.Hospitals.Receipts().Count;
            var asked = Stopwatch.GetTimestamp();
            if (run.IsSlice)
                await Task.Delay(s_partedInSlice); // How long it is parted is what is tried here.
            else
                await AnswersHonestlyAsync(run, load, server);
            var left = s_parted - Stopwatch.GetElapsedTime(asked);
            if (!run.IsSlice && left > TimeSpan.Zero)
                await Task.Delay(left);
            var more = load.Hospitals.Receipts().Count - before;
            run.Verdict.Require(more == 0, $"{more} settlements were acknowledged without a database (I1)");
        }
        finally
        {
            proxy.Heal();
        }
        var healed = Stopwatch.GetTimestamp();
        await load.Hospitals.SettleAsync(1);
        run.Say($"parted; settling again {Stopwatch.GetElapsedTime(healed).TotalSeconds:0.0} s after it was healed");
    }

    static async Task AnswersHonestlyAsync(FaultRun run, Load load, RunningServer server)
    {
        using var connection = new GrpcConnection(server.Place.Grpc);
        var asked = Stopwatch.GetTimestamp();
        using var bounded = new CancellationTokenSource(2 * s_answeredWithin);
        var account = new GetAccountRequest { EnrolleeId = load.Town.PersonId(0), Year = Town.Year };
        var answer = await connection.CallAsync(GrpcMethods.GetAccount, account, bounded.Token);
        var took = Stopwatch.GetElapsedTime(asked);
        run.Say($"asked while parted: {answer.Status} after {took.TotalSeconds:0.0} s");
        run.Verdict.Require(
            answer.Status is GrpcStatus.Unavailable or GrpcStatus.ResourceExhausted or GrpcStatus.DeadlineExceeded
                && took < s_answeredWithin,
            $"Parted from its database a server answered {answer.Status} after {took.TotalSeconds:0.0} s (I7, I9)");
    }
}
