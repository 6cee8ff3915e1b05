using System.Diagnostics;
using SettlementGrid.Api.V1;
using SettlementGrid.Faults.Checking;
using SettlementGrid.Faults.Running;
using SettlementGrid.Testbed;
using SettlementGrid.Testbed.Calling;

namespace SettlementGrid.Faults.Writers.Clocks;

/// <summary>
/// One of two servers' clocks jumps under load, at any point of a settlement. No call fails but to be sent again,
/// the year of a settlement stays that of its discharge, and no person's settlements go back in time.
/// </summary>
public sealed class ClockJumps : Fault
{
    const int Persons = 100;

    public override string Name => "clock-jumps";

    public override IReadOnlyList<int> Numbers => [24];

    public override string What => "one of two servers' clocks jumps an hour ahead, an hour back, into the next year";

    public override string WhatChinese => "结算途中一个服务的时钟快一小时、慢一小时、跳到明年";

    public override async Task RunAsync(FaultRun run)
    {
        var server = (await run.ServersAsync(1))[0];
        var moved = run.Ending(await ClockedServer.StartAsync(Site.Place(run.Site.Connection)));
        using var connection = new GrpcConnection(server.Place.Grpc);
        var town = await run.TownAsync(server, Persons);

        // Not a load of the run: its lists go by the day, and after this some settlements are of another one.
        using var hospitals = new Hospitals(
            town, [server.Place.Grpc, moved.Server.Place.Grpc], FaultLimits.Closed with { TwiceEvery = 10 });
        await hospitals.SettleAsync(WritersLimits.SettledBetween);
        var hour = TimeSpan.FromHours(1);
        TimeSpan[] jumps = [hour, TimeSpan.Zero, -hour, hour, -hour, TimeSpan.FromDays(400), TimeSpan.Zero];
        var since = Stopwatch.GetTimestamp();
        var rounds = 0;
        do
        {
            rounds++;
            foreach (var jump in jumps)
            {
                await moved.MoveAsync(jump);
                await hospitals.SettleAsync(run.Draw.Next(1, WritersLimits.SettledBetween));
            }
        }
        while (Stopwatch.GetElapsedTime(since) < run.Lasts);

        var receipts = await hospitals.FinishAsync();
        run.Say($"{rounds * jumps.Length} jumps, {receipts.Count} settlements, {hospitals.SentAgain} sent again");
        run.Verdict.Acknowledged += receipts.Count;
        run.Verdict.SentAgain += hospitals.SentAgain;
        run.Verdict.Require(hospitals.SentAgain > 0, "No call met a jump: this run has shown nothing.");
        run.Verdict.Add(await new Audit(moved.Connection, town).AddUpAsync(receipts));
        run.Verdict.Add(Model.Differences(town, receipts));
        await InOrderAsync(run, connection, town, receipts);
    }

    /// <summary>Each is there as acknowledged, in its discharge's year, none before the person's last.</summary>
    static Task InOrderAsync(FaultRun run, GrpcConnection connection, Town town, List<Receipt> receipts) =>
        Parallel.ForEachAsync(
            receipts.GroupBy(receipt => town.Bill(receipt.Number).EnrolleeId),
            async (own, cancellation) =>
            {
                var latest = DateTimeOffset.MinValue;
                foreach (var receipt in own.OrderBy(receipt => receipt.AccountVersion))
                {
                    var bill = town.Bill(receipt.Number);
                    var asked = new GetSettlementRequest { FacilityId = bill.FacilityId, RequestId = bill.RequestId };
                    var found = (await connection.CallAsync(GrpcMethods.GetSettlement, asked, cancellation)).Required;
                    var at = found.SettledAt.ToDateTimeOffset();
                    run.Verdict.Require(
                        Receipt.Of(receipt.Number, found) == receipt && found.Year == Town.Year && at >= latest,
                        $"{receipt} after {latest:O} is {found}");
                    latest = at;
                }
            });
}
