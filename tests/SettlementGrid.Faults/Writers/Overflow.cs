using System.Diagnostics;
using SettlementGrid.Api.V1;
using SettlementGrid.Faults.Checking;
using SettlementGrid.Faults.Running;
using SettlementGrid.Testbed;

namespace SettlementGrid.Faults.Writers;

/// <summary>
/// Amounts at the edge of what is allowed and of what an int64 holds, hundreds in one call: beyond the bound they are
/// refused one by one, at it they are settled and add up exactly, in accounts and funds.
/// </summary>
public sealed class Overflow : Fault
{
    const int CallMax = 500;
    const int Persons = 50;

    /// <summary>The most that one amount may be: 100 billion yuan.</summary>
    const long AmountMax = 10_000_000_000_000;

    static readonly Action<SettleRequest>[] s_spoiled =
    [
        bill => bill.TotalFen = long.MaxValue,
        bill => bill.TotalFen = AmountMax + 1,
        bill => bill.TotalFen = bill.EligibleFen = bill.PriorPlansPaidFen = bill.AssistancePaidFen = long.MaxValue,
        bill => bill.BasicPaidFen = bill.EligibleFen = long.MaxValue - 1,
        bill => bill.PriorPlansPaidFen = bill.AssistancePaidFen = (1L << 62) + 1,
        bill => bill.AssistancePaidFen = long.MinValue,
        bill => bill.OverCapEligibleFen = long.MaxValue,
        bill => bill.UnreasonableFen = long.MaxValue,
        bill => bill.EligibleFen = -1,
    ];

    public override string Name => "overflow";

    public override IReadOnlyList<int> Numbers => [30];

    public override string What => "amounts at and beyond their bound and near 2^63, hundreds in one call";

    public override string WhatChinese => "金额达到或超过上限、接近 2^63，一次数百笔";

    public override async Task RunAsync(FaultRun run)
    {
        var server = (await run.ServersAsync(1))[0];
        using var connection = new GrpcConnection(server.Place.Grpc);
        var town = await run.TownAsync(server, Persons);
        var plan = "faults-" + town.Name.ToLowerInvariant();
        await TrialPlan.PublishAsync(connection, TrialPlan.Text(plan, 99));
        await TrialPlan.CoverAsync(connection, town, plan, "2025-01-01", "2025-12-31");
        var settled = new List<Settlement>();
        var (calls, refused) = (0, 0);
        Int128 premium = 0;
        for (var since = Stopwatch.GetTimestamp(); calls == 0 || Stopwatch.GetElapsedTime(since) < run.Lasts; calls++)
        {
            refused += await SettleAsync(run, connection, town, calls * CallMax, settled);
            premium += await PremiumAsync(connection, plan, calls);
        }
        run.Say($"{settled.Count} settlements of 100 billion yuan, {refused} refused");
        run.Verdict.Acknowledged += settled.Count;
        await CheckAsync(run, connection, plan, premium, settled);
    }

    static async Task<int> SettleAsync(
        FaultRun run, GrpcConnection connection, Town town, int first, List<Settlement> settled)
    {
        var call = new SettleManyRequest();
        var spoiled = new HashSet<int>();
        for (var i = 0; i < CallMax; i++)
        {
            var bill = town.Bill(first + i, i % Persons);
            (bill.TotalFen, bill.EligibleFen, bill.BasicPaidFen) = (AmountMax, AmountMax, 0);
            if (run.Draw.Next(4) == 0)
            {
                s_spoiled[run.Draw.Next(s_spoiled.Length)](bill);
                spoiled.Add(i);
            }
            call.Requests.Add(bill);
        }
        var results = (await Patiently.AskAsync(connection, GrpcMethods.SettleMany, call)).Required.Results;
        for (var i = 0; i < CallMax; i++)
        {
            run.Verdict.Require(
                spoiled.Contains(i)
                    ? results[i].Refusal?.Reason == "AMOUNT_OUT_OF_RANGE"
                    : results[i].Settlement is { PlansPaidFen: >= 0, EnrolleePaysFen: >= 0 } one
                        && one.PlansPaidFen + one.EnrolleePaysFen == AmountMax,
                $"{call.Requests[i]}: {results[i]}");
            if (results[i].Settlement is { } settlement)
                settled.Add(settlement);
        }
        return spoiled.Count;
    }

    /// <summary>One premium at the bound, one beyond it.</summary>
    static async Task<long> PremiumAsync(GrpcConnection connection, string plan, int number)
    {
        var premium = new RecordPremiumRequest
        {
            RequestId = $"{plan}-{number}", RegionId = "150502", PlanId = plan, Year = Town.Year,
            Kind = FundRecordKind.Premium, AmountFen = AmountMax, Persons = 1, ReceivedOn = "2025-01-10",
        };
        _ = (await Patiently.AskAsync(connection, Methods.RecordPremium, premium)).Required;
        (premium.RequestId, premium.AmountFen) = (premium.RequestId + "-beyond", long.MaxValue);
        var refused = await Patiently.AskAsync(connection, Methods.RecordPremium, premium);
        return refused.Reason == "AMOUNT_OUT_OF_RANGE"
            ? AmountMax
            : throw new InvalidOperationException($"{premium}: {refused.Status} {refused.Message}");
    }

    static async Task CheckAsync(
        FaultRun run, GrpcConnection connection, string plan, Int128 premium, List<Settlement> settled)
    {
        foreach (var own in settled.GroupBy(one => one.EnrolleeId))
        {
            var asked = new GetAccountRequest { EnrolleeId = own.Key, Year = Town.Year };
            var account = (await Patiently.AskAsync(connection, GrpcMethods.GetAccount, asked)).Required;
            run.Verdict.Require(
                account.Accumulators.Count == 1
                && account.Accumulators[0].PositionFen == (Int128)AmountMax * own.Count()
                && account.Accumulators[0].PaidFen == Sum(own),
                $"After {own.Count()} settlements of {AmountMax}: {account}");
        }
        var fund = (await Patiently.AskAsync(
            connection, GrpcMethods.GetPosition,
            new GetPositionRequest { RegionId = "150502", PlanId = plan, Year = Town.Year })).Required;
        run.Verdict.Require(
            fund.PaidFen == Sum(settled) && fund.PremiumFen == premium && fund.BalanceFen == premium - Sum(settled)
            && fund.ByMonth.Sum(month => month.PaidFen) == fund.PaidFen,
            $"The fund after {settled.Count} settlements: {fund}");
    }

    static Int128 Sum(IEnumerable<Settlement> settled) =>
        settled.Aggregate((Int128)0, (sum, one) => sum + one.PlansPaidFen);
}
