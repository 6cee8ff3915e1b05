using System.Diagnostics;
using System.Globalization;
using Google.Protobuf;
using SettlementGrid.Api.V1;
using SettlementGrid.Enrollees;
using SettlementGrid.Faults.Checking;
using SettlementGrid.Faults.Running;
using SettlementGrid.Testbed;
using ReverseRequest = SettlementGrid.Api.V1.ReverseRequest;
using SettleRequest = SettlementGrid.Api.V1.SettleRequest;
using Settlement = SettlementGrid.Api.V1.Settlement;

namespace SettlementGrid.Faults.Writers.Reversing;

/// <summary>
/// Bills that cross the deductible, every band and the cap are reversed in any order at either server: before they are
/// settled, twice, by another hospital, by another id, and reversals themselves. Each is refused or carried out once, and
/// after each the account and every settlement with its adjustments are the model's to the fen.
/// </summary>
public sealed class Reversals : Fault
{
    const int BillsMax = 8;

    // Some five of them reach the cap.
    const long EligibleFenMax = 15_000_000;

    public override string Name => "reversals";

    public override IReadOnlyList<int> Numbers => [26, 27];

    public override string What => "reversals in any order across deductible and cap, early, twice, foreign, of reversals";

    public override string WhatChinese => "跨起付线与封顶线乱序撤销，提前、重复、他院、撤销的撤销";

    public override async Task RunAsync(FaultRun run)
    {
        var servers = await run.ServersAsync(2);
        var ways = servers.Select(server => new GrpcConnection(server.Place.Grpc)).ToList();
        var since = Stopwatch.GetTimestamp();
        var name = (await run.TownAsync(servers[0], 1)).Name;
        var (settled, reversed, rounds) = (0, 0, 0);
        do
        {
            var town = new Town($"{name}-{rounds}", run.Seed + rounds, WritersLimits.AtOnce);
            await town.EnrollAsync(ways[0]);
            await Task.WhenAll(Enumerable.Range(0, town.Persons).Select(async person =>
            {
                // Its own chance, so that what happens to one person is the same whoever else is quick.
                var draw = new Random((run.Seed + rounds) * WritersLimits.AtOnce + person);
                var history = new PersonHistory(run, town, person, ways, draw);
                await history.RunAsync();
                Interlocked.Add(ref settled, history.Settled);
                Interlocked.Add(ref reversed, history.Reversed);
            }));
            rounds++;
        }
        while (Stopwatch.GetElapsedTime(since) < run.Lasts);
        run.Say($"{settled} settlements, {reversed} of them reversed");
        run.Verdict.Acknowledged += settled;
        ways.ForEach(way => way.Dispose());
    }

    sealed class PersonHistory(FaultRun run, Town town, int person, List<GrpcConnection> ways, Random draw)
    {
        readonly LiveBills _bills = new(town, town.PersonId(person));

        public int Settled { get; private set; }

        public int Reversed { get; private set; }

        GrpcConnection Way => ways[draw.Next(ways.Count)];

        public async Task RunAsync()
        {
            for (var count = draw.Next(4, BillsMax + 1); count > 0; count--)
                await SettleAsync(Bill());
            for (var count = draw.Next(2, _bills.Live.Count); count > 0; count--)
            {
                var (bill, settled) = _bills.Live[draw.Next(_bills.Live.Count)];
                await ReverseAsync(settled);
                await _bills.CheckAsync(run, Way);
                if (draw.Next(3) != 0)
                    continue;
                // The same stay settled again, now the person's last.
                bill = bill.Clone();
                bill.RequestId += "-again";
                await SettleAsync(bill, isFirst: false);
                await _bills.CheckAsync(run, Way);
            }
        }

        async Task SettleAsync(SettleRequest bill, bool isFirst = true)
        {
            var id = SettlementId.Of(bill.FacilityId, bill.RequestId).ToString();
            if (isFirst)
                await RefusedAsync(Reversal(bill.FacilityId, id, "-early"), "SETTLEMENT_UNKNOWN");
            _bills.Add(bill, (await Patiently.AskAsync(Way, GrpcMethods.Settle, bill)).Required);
            Settled++;
        }

        async Task ReverseAsync(Settlement settled)
        {
            var (facility, id) = (settled.FacilityId, settled.SettlementId);
            var elsewhere = Town.FacilityId((int.Parse(facility[^3..]) + 1) % Town.Facilities);
            await RefusedAsync(Reversal(elsewhere, id, "-foreign"), "SETTLEMENT_UNKNOWN");
            var request = Reversal(facility, id, "-undo");
            var reversal = (await Patiently.AskAsync(Way, GrpcMethods.Reverse, request)).Required;
            Reversed++;
            var again = (await Patiently.AskAsync(Way, GrpcMethods.Reverse, request)).Required;
            run.Verdict.Require(
                reversal.PlansPaidFen == -settled.PlansPaidFen
                && reversal.ToByteArray().AsSpan().SequenceEqual(again.ToByteArray()),
                $"{settled} was reversed by {reversal}, then by {again}");
            _bills.Reverse(reversal);
            await RefusedAsync(Reversal(facility, id, "-twice"), "ALREADY_REVERSED");
            await RefusedAsync(Reversal(facility, reversal.SettlementId, "-back"), "NOT_REVERSIBLE");
            request.Reason = "another";
            await RefusedAsync(request, "REQUEST_ID_REUSED");
        }

        async Task RefusedAsync(ReverseRequest request, string reason)
        {
            var refused = await Patiently.AskAsync(Way, GrpcMethods.Reverse, request);
            run.Verdict.Require(
                refused.Reason == reason, $"{request}: {refused.Status} {refused.Message} {refused.Response}");
        }

        static ReverseRequest Reversal(string facility, string settlement, string suffix) => new()
        {
            RequestId = settlement + suffix, FacilityId = facility, SettlementId = settlement, Reason = "trial",
        };

        SettleRequest Bill()
        {
            var day = new DateOnly(Town.Year, 1, 1).AddDays(draw.Next(365)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
            var eligible = draw.NextInt64(100_000, EligibleFenMax);
            return new SettleRequest
            {
                RequestId = $"{town.Name}-{person}-{Settled}",
                EncounterId = $"{town.Name}-{person}-{Settled}",
                FacilityId = Town.FacilityId(draw.Next(Town.Facilities)),
                EnrolleeId = town.PersonId(person),
                CareType = CareType.Inpatient,
                AdmittedOn = day,
                DischargedOn = day,
                TotalFen = eligible + draw.Next(1_000_000),
                EligibleFen = eligible,
            };
        }
    }
}
