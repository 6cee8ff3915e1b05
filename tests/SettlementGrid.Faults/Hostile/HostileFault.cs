using SettlementGrid.Faults.Hostile.Clients;
using SettlementGrid.Faults.Hostile.Measuring;
using SettlementGrid.Faults.Running;

namespace SettlementGrid.Faults.Hostile;

/// <summary>
/// Healthy clients settle at 1,000 a second while one hostile client after the other is at work in a quarter of a
/// processor: no healthy call fails, the slowest hundredth is answered within 50 ms, the server's memory stays bounded.
/// </summary>
/// <param name="client">The only hostile client that comes; null: every one.</param>
public sealed class HostileFault(HostileClient? client = null) : Fault
{
    const string Alone = "hostile/";

    // On a machine that others use too a short run says nothing about times: it only looks for failures.
    const double Rate = 1_000;
    const double RateInSlice = 200;
    const double ShareInSlice = 0.1;

    static readonly TimeSpan s_inSlice = TimeSpan.FromSeconds(0.9);
    static readonly TimeSpan s_p99Max = TimeSpan.FromMilliseconds(50);

    public override string Name => client is null ? "hostile" : Alone + client.Name;

    public override IReadOnlyList<int> Numbers => [34, 35, 36];

    public override string What => "slow, flooding and oversize clients beside 1,000 healthy settlements a second";

    public override string WhatChinese => "慢速、半开、洪水、超大报文客户端，正常客户端不受影响";

    /// <summary>One hostile client alone, by a name such as <c>hostile/oversize</c>; null: no such client.</summary>
    public static HostileFault? Find(string name) =>
        name.StartsWith(Alone, StringComparison.Ordinal)
        && HostileClients.All.FirstOrDefault(one => one.Name == name[Alone.Length..]) is { } client
            ? new HostileFault(client)
            : null;

    /// <summary>It starts a server of its own, whose memory is counted from the beginning.</summary>
    public override async Task RunAsync(FaultRun run)
    {
        var measured = new HostileRun(
            run.IsSlice ? RateInSlice : Rate, run.IsSlice ? s_inSlice : run.Lasts, run.IsSlice ? ShareInSlice : 1,
            run.Seed, run.Say);
        var rows = await measured.RunAsync(
            client is null ? HostileClients.All : [client], TimeProvider.System, CancellationToken.None);
        run.Verdict.Acknowledged = (int)rows.Sum(row => row.Calls);
        run.Verdict.LongestUnanswered = TimeSpan.FromMicroseconds(rows.Max(row => row.Max));
        foreach (var line in HostileTable.Of(rows).Split('\n'))
            run.Say(line);
        foreach (var row in rows)
        {
            run.Verdict.Require(
                row.FailedCount == 0,
                $"Beside {row.Name} {row.FailedCount} healthy calls failed: {string.Join(", ", row.Failed)}");
            run.Verdict.Require(
                row.MemoryMax <= HostileLimits.ServerMemoryMax,
                $"Beside {row.Name} the server held {row.MemoryMax >> 20} MB, its bound is "
                    + $"{HostileLimits.ServerMemoryMax >> 20}");
            run.Verdict.Require(
                run.IsSlice || TimeSpan.FromMicroseconds(row.P99) <= s_p99Max,
                $"Beside {row.Name} the slowest hundredth took {row.P99 / 1000.0:f1} ms");
        }
    }
}
