using System.Diagnostics;
using SettlementGrid.Api.V1;
using SettlementGrid.Faults.Checking;
using SettlementGrid.Faults.Running;
using SettlementGrid.Testbed;

namespace SettlementGrid.Faults.Writers.Reversing;

/// <summary>
/// A server appends several rows of one person at once (a reversal with its adjustments) while another settles for the same
/// person: of a stale append nothing is stored, neither its first rows nor those whose versions are still free.
/// </summary>
public sealed class StaleRows : Fault
{
    const int Bills = 3;

    // In the first the servers are still compiling, and one of them always wins.
    const int RoundsMin = 4;

    // In steps of ten: from before the other one looks to after it has committed, on a busy machine too.
    const int LeadSteps = 8;

    public override string Name => "stale-rows";

    public override IReadOnlyList<int> Numbers => [20];

    public override string What => "reversals of several rows at one server against settlements at the other, at once";

    public override string WhatChinese => "一个服务多行撤销，另一个服务同时为同一人结算";

    public override async Task RunAsync(FaultRun run)
    {
        var servers = await run.ServersAsync(2);
        using var one = new GrpcConnection(servers[0].Place.Grpc);
        using var other = new GrpcConnection(servers[1].Place.Grpc);
        var since = Stopwatch.GetTimestamp();
        var name = (await run.TownAsync(servers[0], 1)).Name;
        var (races, overtaken) = (0, 0);
        do
        {
            var town = new Town($"{name}-{races}", run.Seed, WritersLimits.AtOnce);
            await town.EnrollAsync(one);
            var late = await Task.WhenAll(Enumerable.Range(0, town.Persons).Select(
                person => RaceAsync(run, town, person, one, other)));
            races += late.Length;
            overtaken += late.Count(isLate => isLate);
        }
        while (Stopwatch.GetElapsedTime(since) < run.Lasts || races < RoundsMin * WritersLimits.AtOnce);
        run.Say($"{races} races, in {overtaken} of them the settlement came first");
        run.Verdict.Acknowledged += races * (Bills + 1);
        run.Verdict.Require(overtaken > 0 && overtaken < races, "All races had one winner: this run has shown nothing.");
    }

    /// <summary>Whether the settlement was stored before the reversal.</summary>
    static async Task<bool> RaceAsync(
        FaultRun run, Town town, int person, GrpcConnection one, GrpcConnection other)
    {
        var bills = new LiveBills(town, town.PersonId(person));
        for (var number = 0; number < Bills; number++)
            await SettleAsync(bills, one, Bill(town, person, number));
        var first = bills.Live[0].Settled;
        var reverse = new ReverseRequest
        {
            RequestId = first.RequestId + "-undo", FacilityId = first.FacilityId, SettlementId = first.SettlementId,
            Reason = "trial",
        };
        // The reversal or the settlement sets out first, by 0 to 70 ms, so that they meet at any point.
        var lead = TimeSpan.FromMilliseconds(10 * (person / 2 % LeadSteps));
        var settling = person % 2 == 0 ? SettleAsync(bills, other, Bill(town, person, Bills)) : null;
        if (settling is not null)
            await Task.Delay(lead); // So long the settlement is ahead.
        var reversing = Patiently.AskAsync(one, GrpcMethods.Reverse, reverse);
        if (settling is null)
            await Task.Delay(lead); // So long the reversal is ahead.
        var settled = await (settling ?? SettleAsync(bills, other, Bill(town, person, Bills)));
        var reversal = (await reversing).Required;
        bills.Reverse(reversal);

        await bills.CheckAsync(run, other);
        var asked = new GetAccountRequest { EnrolleeId = town.PersonId(person), Year = Town.Year };
        var version = (await Patiently.AskAsync(one, GrpcMethods.GetAccount, asked)).Required.AccountVersion;
        // Enrolled, settled, reversed with its adjustments; the reversal's rows follow each other.
        run.Verdict.Require(
            version == 1 + Bills + 1 + 1 + reversal.Adjustments.Count
            && reversal.Adjustments.Select((a, i) => a.AccountVersion - reversal.AccountVersion == i + 1).All(next => next),
            $"{town.PersonId(person)} is at version {version} after {reversal}");
        return settled.AccountVersion < reversal.AccountVersion;
    }

    static async Task<Settlement> SettleAsync(LiveBills bills, GrpcConnection connection, SettleRequest bill)
    {
        var settled = (await Patiently.AskAsync(connection, GrpcMethods.Settle, bill)).Required;
        bills.Add(bill, settled);
        return settled;
    }

    // 20,000 yuan each: the first uses the deductible up, so its reversal adjusts all that come after it.
    static SettleRequest Bill(Town town, int person, int number) => new()
    {
        RequestId = $"{town.Name}-{person}-{number}",
        EncounterId = $"{town.Name}-{person}-{number}",
        FacilityId = Town.FacilityId(person % Town.Facilities),
        EnrolleeId = town.PersonId(person),
        CareType = CareType.Inpatient,
        AdmittedOn = "2025-03-01",
        DischargedOn = "2025-03-09",
        TotalFen = 2_500_000,
        EligibleFen = 2_000_000,
    };
}
