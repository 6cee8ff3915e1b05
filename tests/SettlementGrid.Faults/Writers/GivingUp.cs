using System.Diagnostics;
using Google.Protobuf;
using SettlementGrid.Api.V1;
using SettlementGrid.Faults.Checking;
using SettlementGrid.Faults.Running;
using SettlementGrid.Testbed;

namespace SettlementGrid.Faults.Writers;

/// <summary>
/// Callers give up at every stage of a call: in the middle of sending, while it waits, while it commits, in the answer;
/// by a reset stream, a reset connection, or a deadline of milliseconds. Most bills are sent again afterwards and
/// settle once; some are cancelled, and some settled and reversed by callers that give up too, which comes to nothing.
/// </summary>
public sealed class GivingUp : Fault
{
    const int Persons = 100;
    const int TriesMax = 3;

    // A settlement takes about 10 ms under this load: so callers give up before, in and after its commit.
    const double PatienceMillisecondsMax = 25;
    const int AnswerBytesMax = 400;

    public override string Name => "giving-up";

    public override IReadOnlyList<int> Numbers => [28];

    public override string What =>
        "callers give up at every stage: reset streams and connections, deadlines of milliseconds";

    public override string WhatChinese => "调用方在任一环节放弃：中断连接、取消、毫秒级时限";

    public override async Task RunAsync(FaultRun run)
    {
        var servers = await run.ServersAsync(2);
        var kept = await run.TownAsync(servers[0], Persons);
        var undone = new Town(kept.Name + "U", run.Seed, Persons);
        using (var connection = new GrpcConnection(servers[0].Place.Grpc))
            await undone.EnrollAsync(connection);
        var since = Stopwatch.GetTimestamp();
        using var tries = new Tries(run, servers);
        var receipts = new List<Receipt>();
        var next = 0;
        await Task.WhenAll(Enumerable.Range(0, FaultLimits.InFlight).Select(async caller =>
        {
            // Its own chance, so that what the others do changes nothing for this caller.
            var draw = new Random(run.Seed * FaultLimits.InFlight + caller);
            using var connection = new GrpcConnection(servers[caller % servers.Count].Place.Grpc);
            while (Stopwatch.GetElapsedTime(since) < run.Lasts)
            {
                var number = Interlocked.Increment(ref next);
                if (number % 4 == 0)
                {
                    await UndoneAsync(run, tries, connection, undone.Bill(number), draw);
                    continue;
                }
                await tries.GiveUpAsync(GrpcMethods.Settle, kept.Bill(number), draw);
                var answer = await Patiently.AskAsync(connection, GrpcMethods.Settle, kept.Bill(number));
                lock (receipts)
                    receipts.Add(Receipt.Of(number, answer.Required));
            }
        }));
        run.Say($"{next} bills, {tries.Given} calls given up, {tries.Landed} of {tries.LookedFor} had settled by then");
        run.Verdict.Acknowledged += receipts.Count;
        run.Verdict.SentAgain += tries.Given;
        run.Verdict.Require(
            tries.Landed > 0 && tries.Landed < tries.LookedFor, "Callers gave up all too early or all too late.");
        foreach (var server in servers)
            await CheckAsync(run, server, kept, undone, receipts);
        run.Verdict.Add(Model.Differences(kept, receipts));
    }

    /// <summary>Cancelled while it may or may not have arrived, or settled and reversed: nothing remains.</summary>
    static async Task UndoneAsync(FaultRun run, Tries tries, GrpcConnection connection, SettleRequest bill, Random draw)
    {
        await tries.GiveUpAsync(GrpcMethods.Settle, bill, draw);
        if (draw.Next(2) == 0)
        {
            var cancel = new CancelRequest
            {
                FacilityId = bill.FacilityId, RequestId = bill.RequestId, EnrolleeId = bill.EnrolleeId,
            };
            await tries.GiveUpAsync(GrpcMethods.Cancel, cancel, draw);
            var cancelled = (await Patiently.AskAsync(connection, GrpcMethods.Cancel, cancel)).Required;
            var again = await Patiently.AskAsync(connection, GrpcMethods.Settle, bill);
            run.Verdict.Require(
                cancelled.Outcome == CancelOutcome.Barred
                    ? again.Reason == "REQUEST_ID_BARRED"
                    : again.Response?.ReversedBySettlementId == cancelled.Reversal?.SettlementId,
                $"{bill.RequestId} was {cancelled} and is {again.Status} {again.Response}");
            return;
        }
        var settled = (await Patiently.AskAsync(connection, GrpcMethods.Settle, bill)).Required;
        var reverse = new ReverseRequest
        {
            RequestId = bill.RequestId + "-undo", FacilityId = bill.FacilityId, SettlementId = settled.SettlementId,
            Reason = "gave up",
        };
        await tries.GiveUpAsync(GrpcMethods.Reverse, reverse, draw);
        var reversal = (await Patiently.AskAsync(connection, GrpcMethods.Reverse, reverse)).Required;
        run.Verdict.Require(
            reversal.PlansPaidFen == -settled.PlansPaidFen, $"{settled} was reversed by {reversal}");
    }

    static async Task CheckAsync(
        FaultRun run, RunningServer server, Town kept, Town undone, IReadOnlyList<Receipt> receipts)
    {
        using var connection = new GrpcConnection(server.Place.Grpc);
        var audit = new Audit(connection, kept);
        run.Verdict.Add(await audit.FindAllAsync(receipts));
        run.Verdict.Add(await audit.AddUpAsync(receipts));
        for (var person = 0; person < undone.Persons; person++)
        {
            var asked = new GetAccountRequest { EnrolleeId = undone.PersonId(person), Year = Town.Year };
            var account = (await connection.CallAsync(GrpcMethods.GetAccount, asked)).Required;
            run.Verdict.Require(
                account.Accumulators.All(one => one is { PaidFen: 0, PositionFen: 0 }), $"Something stayed: {account}");
        }
    }

    /// <summary>Calls that are given up, and how many of the bills had arrived all the same. Thread-safe.</summary>
    sealed class Tries(FaultRun run, IReadOnlyList<RunningServer> servers) : IDisposable
    {
        readonly GrpcConnection[] _connections = [.. servers.Select(server => new GrpcConnection(server.Place.Grpc))];
        int _given;
        int _landed;
        int _lookedFor;

        public int Given => _given;

        public int Landed => _landed;

        public int LookedFor => _lookedFor;

        public void Dispose() => Array.ForEach(_connections, connection => connection.Dispose());

        public async Task GiveUpAsync<T>(GrpcMethod<T> method, IMessage request, Random draw)
            where T : class, IMessage<T>
        {
            for (var tries = draw.Next(1, TriesMax + 1); tries > 0; tries--)
            {
                Interlocked.Increment(ref _given);
                await OnceAsync(draw.Next(servers.Count), method, request, draw);
            }
            if (request is not SettleRequest bill)
                return;
            var connection = _connections[draw.Next(servers.Count)];
            var asked = new GetSettlementRequest { FacilityId = bill.FacilityId, RequestId = bill.RequestId };
            var found = await Patiently.AskAsync(connection, GrpcMethods.GetSettlement, asked);
            run.Verdict.Require(
                found.Response is not null || found.Reason == "SETTLEMENT_UNKNOWN", $"{found.Status} {found.Message}");
            Interlocked.Increment(ref _lookedFor);
            Interlocked.Add(ref _landed, found.Response is null ? 0 : 1);
        }

        async Task OnceAsync<T>(int server, GrpcMethod<T> method, IMessage request, Random draw)
            where T : class, IMessage<T>
        {
            var http = servers[server].Place.Http;
            var patience = TimeSpan.FromMilliseconds(draw.NextDouble() * PatienceMillisecondsMax);
            switch (draw.Next(4))
            {
                case 0: // within the call
                    await CutCall.MakeAsync(http, method.Path, request, draw.NextDouble(), TimeSpan.Zero, 0);
                    break;
                case 1: // between the call and its answer
                    await CutCall.MakeAsync(http, method.Path, request, 1, patience, 0);
                    break;
                case 2: // within the answer
                    await CutCall.MakeAsync(http, method.Path, request, 1, TimeSpan.Zero, draw.Next(1, AnswerBytesMax));
                    break;
                default: // the stream alone, on a connection that lives on
                    using (var given = new CancellationTokenSource(patience))
                    {
                        try
                        {
                            _ = await _connections[server].CallAsync(method, request, given.Token);
                        }
                        catch (OperationCanceledException)
                        {
                            // Given up.
                        }
                    }
                    break;
            }
        }
    }
}
