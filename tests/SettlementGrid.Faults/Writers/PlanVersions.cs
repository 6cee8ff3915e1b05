using System.Diagnostics;
using System.Globalization;
using SettlementGrid.Api.V1;
using SettlementGrid.Faults.Checking;
using SettlementGrid.Faults.Running;
using SettlementGrid.Testbed;

namespace SettlementGrid.Faults.Writers;

/// <summary>
/// Versions of a plan are published at one server or the other under load, and discharges under old and new versions
/// alternate at both. Each settlement names the version of its discharge day and pays by it, from the moment of the
/// publication on at the server that has not heard of it either; `verify` computes each again by its own version.
/// </summary>
public sealed class PlanVersions : Fault
{
    const int Persons = 60;
    const int VersionsMax = 30;
    const int DaysOfVersion = 10;
    const int SettledBetween = 100;

    public override string Name => "plan-versions";

    public override IReadOnlyList<int> Numbers => [29];

    public override string What =>
        "versions of a plan published under load, discharges under old and new ones alternating";

    public override string WhatChinese => "结算途中在任一服务公布新版方案，新旧版本交替适用";

    public override async Task RunAsync(FaultRun run)
    {
        var servers = await run.ServersAsync(2);
        using var one = new GrpcConnection(servers[0].Place.Grpc);
        using var other = new GrpcConnection(servers[1].Place.Grpc);
        GrpcConnection[] ways = [one, other];
        var town = await run.TownAsync(servers[0], Persons);
        var plan = "faults-" + town.Name.ToLowerInvariant();
        await TrialPlan.PublishAsync(one, Text(plan, 1));
        await TrialPlan.CoverAsync(one, town, plan, "2025-01-01", "2025-12-31");
        var (published, settled, enough) = (1, 0, false);
        var callers = Enumerable.Range(0, WritersLimits.AtOnce).Select(caller => Task.Run(async () =>
        {
            var draw = new Random(run.Seed * WritersLimits.AtOnce + caller);
            for (var number = caller; !Volatile.Read(ref enough); number += WritersLimits.AtOnce)
            {
                var version = draw.Next(2) == 0
                    ? Volatile.Read(ref published) : draw.Next(1, Volatile.Read(ref published) + 1);
                var bill = Bill(town, number, version, draw);
                var answer = await Patiently.AskAsync(ways[draw.Next(ways.Length)], GrpcMethods.Settle, bill);
                Check(run, answer.Required, plan, version);
                Interlocked.Increment(ref settled);
            }
        })).ToList();

        var since = Stopwatch.GetTimestamp();
        while ((Stopwatch.GetElapsedTime(since) < run.Lasts || published < 3) && published < VersionsMax)
        {
            await SettledAsync(() => Volatile.Read(ref settled), SettledBetween, callers);
            var version = await TrialPlan.PublishAsync(ways[run.Draw.Next(ways.Length)], Text(plan, published + 1));
            run.Verdict.Require(version == published + 1, $"Version {version} was published after {published}");
            Volatile.Write(ref published, version);
        }
        await SettledAsync(() => Volatile.Read(ref settled), SettledBetween, callers);
        Volatile.Write(ref enough, true);
        await Task.WhenAll(callers);
        run.Say($"{published} versions, {settled} settlements");
        run.Verdict.Acknowledged += settled;
    }

    static async Task SettledAsync(Func<int> settled, int more, List<Task> callers)
    {
        for (var until = settled() + more; settled() < until;)
        {
            // A caller that failed ends the wait with its failure.
            if (callers.Find(caller => caller.IsFaulted) is { } failed)
                await failed;
            await Task.Delay(FaultLimits.ReadBackEvery);
        }
    }

    static void Check(FaultRun run, Settlement settlement, string plan, int version)
    {
        var layer = settlement.Layers.Count == 1 ? settlement.Layers[0] : null;
        var byRate = layer?.Bands.Sum(band => band.AmountFen * band.RateBp) ?? 0;
        run.Verdict.Require(
            layer?.PlanId == plan && layer.PlanVersion == version
            && layer.Bands.All(band => band.RateBp == Percent(version) * 100 || band.RateBp == 0)
            && layer.PaidFen == (byRate + 5_000) / 10_000 && settlement.PlansPaidFen == layer.PaidFen,
            $"Version {version} was in force: {settlement}");
    }

    static int Percent(int version) => 20 + 2 * version;

    static DateOnly From(int version) => new DateOnly(2025, 1, 1).AddDays(DaysOfVersion * (version - 1));

    static string Text(string plan, int version) =>
        TrialPlan.Text(plan, Percent(version), From(version).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));

    static SettleRequest Bill(Town town, int number, int version, Random draw)
    {
        var bill = town.Bill(number, number % town.Persons);
        var discharged = From(version).AddDays(draw.Next(DaysOfVersion));
        bill.DischargedOn = discharged.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        bill.AdmittedOn = bill.DischargedOn;
        return bill;
    }
}
