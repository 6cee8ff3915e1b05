using System.Diagnostics;
using Google.Protobuf;
using SettlementGrid.Api.V1;
using SettlementGrid.Faults.Checking;
using SettlementGrid.Faults.Running;
using SettlementGrid.Testbed;

namespace SettlementGrid.Faults.Writers;

/// <summary>
/// One request id reaches two servers at the same instant: with one content it is one settlement and two answers of
/// equal bytes, with two contents one of them and a refusal. Another hospital's id of the same letters is another id.
/// </summary>
public sealed class SameIds : Fault
{
    const int IdsMin = 1_000;

    public override string Name => "same-ids";

    public override IReadOnlyList<int> Numbers => [16, 17];

    public override string What =>
        "one request id at two servers at the same instant, with the same content and with another";

    public override string WhatChinese => "同一请求号同时到达两个服务，内容相同或不同";

    public override async Task RunAsync(FaultRun run)
    {
        var servers = await run.ServersAsync(2);
        using var one = new GrpcConnection(servers[0].Place.Grpc);
        using var other = new GrpcConnection(servers[1].Place.Grpc);
        var town = await run.TownAsync(servers[0], FaultLimits.Persons);
        var receipts = new List<Receipt>();
        var since = Stopwatch.GetTimestamp();
        var next = 0;
        await Task.WhenAll(Enumerable.Range(0, WritersLimits.AtOnce).Select(async _ =>
        {
            while (Stopwatch.GetElapsedTime(since) < run.Lasts || Volatile.Read(ref next) < IdsMin)
            {
                var number = Interlocked.Increment(ref next);
                if (await RaceAsync(run, town, number, one, other) is not { } receipt)
                    continue;
                lock (receipts)
                    receipts.Add(receipt);
            }
        }));
        run.Say($"{next} ids, {receipts.Count} settled with the content of their bill");
        run.Verdict.Acknowledged += receipts.Count;
        run.Verdict.Add(await new Audit(other, town).FindAllAsync(receipts));
        await CountAsync(run, one, town, next);
    }

    /// <summary>The receipt, where the bill itself won.</summary>
    static async Task<Receipt?> RaceAsync(FaultRun run, Town town, int number, GrpcConnection one, GrpcConnection other)
    {
        var (bill, rival) = (town.Bill(number), town.Bill(number));
        if (number % 4 == 0)
            rival.TotalFen++;
        else if (number % 4 == 1)
            rival.EnrolleeId = town.PersonId((int.Parse(bill.EnrolleeId[^7..]) + 1) % town.Persons);
        var calls = new[] { Settle(one, bill), Settle(other, rival) };
        var (first, second) = (await calls[0], await calls[1]);
        if (number % 4 > 1)
        {
            Require(run, number, first, second);
            return Receipt.Of(number, first.Required);
        }
        var (won, lost) = first.Response is null ? (second, first) : (first, second);
        run.Verdict.Require(
            won.Response is not null && lost.Reason == "REQUEST_ID_REUSED",
            $"{bill.RequestId} with two contents: {first.Status} {first.Message}, {second.Status} {second.Message}");
        // The loser's content is refused at the winner's server too, and the winner's answered at the loser's.
        var (content, refused) = first.Response is null ? (rival, bill) : (bill, rival);
        Require(run, number, won, await Settle(first.Response is null ? one : other, content));
        var again = await Settle(first.Response is null ? other : one, refused);
        run.Verdict.Require(again.Reason == "REQUEST_ID_REUSED", $"{bill.RequestId}: {again.Status} {again.Message}");
        return first.Response is { } own ? Receipt.Of(number, own) : null;
    }

    static Task<GrpcAnswer<Settlement>> Settle(GrpcConnection connection, SettleRequest bill) =>
        Patiently.AskAsync(connection, GrpcMethods.Settle, bill);

    static void Require(FaultRun run, int number, GrpcAnswer<Settlement> one, GrpcAnswer<Settlement> other) =>
        run.Verdict.Require(
            one.Required.ToByteArray().AsSpan().SequenceEqual(other.Required.ToByteArray()),
            $"Bill {number}, two answers: {one.Response}, {other.Response}");

    /// <summary>As many settlements as ids, over all persons.</summary>
    static async Task CountAsync(FaultRun run, GrpcConnection connection, Town town, int ids)
    {
        var versions = 0L;
        for (var person = 0; person < town.Persons; person++)
        {
            var asked = new GetAccountRequest { EnrolleeId = town.PersonId(person), Year = Town.Year };
            versions += (await connection.CallAsync(GrpcMethods.GetAccount, asked)).Required.AccountVersion - 1;
        }
        run.Verdict.Require(versions == ids, $"{ids} ids made {versions} settlements");
    }
}
