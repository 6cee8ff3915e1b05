using System.Diagnostics;
using Google.Protobuf;
using SettlementGrid.Api.V1;
using SettlementGrid.Faults.Running;
using SettlementGrid.Testbed;

namespace SettlementGrid.Faults.Writers.Clocks;

/// <summary>
/// At one server it is 23:59:59.999 on the last day of the year, at the other 00:00 of the next, and both settle
/// discharges of both days for the same persons. Each counts in exactly one year, that of its discharge; the early
/// server refuses what is still to come, unless the late one has taken it already.
/// </summary>
public sealed class YearsEnd : Fault
{
    const int Persons = 40;
    const string PlanId = "faults-years-end";
    const string LastDay = "2025-12-31";
    const string FirstDay = "2026-01-01";

    /// <summary>Beijing's new year.</summary>
    static readonly DateTimeOffset s_midnight = new(2026, 1, 1, 0, 0, 0, TimeSpan.FromHours(8));

    public override string Name => "years-end";

    public override IReadOnlyList<int> Numbers => [25];

    public override string What => "23:59:59.999 on New Year's Eve at one server, 00:00 of New Year at the other";

    public override string WhatChinese => "一个服务为年末最后一毫秒，另一个已是元旦零点，同时结算";

    public override async Task RunAsync(FaultRun run)
    {
        await run.ServersAsync(1);
        var early = run.Ending(await ClockedServer.StartAsync(Site.Place(run.Site.Connection)));
        var late = run.Ending(await ClockedServer.StartAsync(Site.Place(run.Site.Connection)));
        await early.StandAsync(s_midnight.AddHours(-1));
        var town = await EnrollAsync(run, early);
        var (before, since) = (await FundsAsync(late.Connection), Stopwatch.GetTimestamp());
        var settled = new List<Settlement>();
        var rounds = 0;
        do
        {
            // The second server turns the year while the first stays behind; then the two change places.
            var (behind, ahead) = rounds++ % 2 == 0 ? (early, late) : (late, early);
            await behind.StandAsync(s_midnight.AddMilliseconds(-1));
            await ahead.StandAsync(s_midnight);
            settled.AddRange(await RoundAsync(run, town, behind, ahead, rounds));
        }
        while (Stopwatch.GetElapsedTime(since) < run.Lasts);
        run.Say($"{rounds} new years, {settled.Count} settlements");
        run.Verdict.Acknowledged += settled.Count;
        await AccountsAsync(run, town, early.Connection, settled);
        await AccountsAsync(run, town, late.Connection, settled);
        foreach (var server in (ClockedServer[])[early, late])
        {
            var now = await FundsAsync(server.Connection);
            for (var i = 0; i < now.Length; i++)
            {
                var own = settled.Where(one => one.Year == 2025 + i).ToList();
                var moved = new Fund(own.Sum(one => one.PlansPaidFen), own.Count);
                run.Verdict.Require(
                    now[i] - before[i] == moved, $"Fund of {2025 + i}: {now[i] - before[i]}, not {moved}");
            }
        }
    }

    static async Task<IReadOnlyList<Settlement>> RoundAsync(
        FaultRun run, Town town, ClockedServer behind, ClockedServer ahead, int round)
    {
        var settled = new Settlement[3 * Persons];
        await Parallel.ForAsync(0, Persons, async (person, _) =>
        {
            // Both days at both servers at the same instant, and one that only the server behind is asked for.
            var (eve, day) = (Bill(town, person, round, "eve", LastDay), Bill(town, person, round, "day", FirstDay));
            var alone = Bill(town, person, round, "alone", FirstDay);
            var calls = new[]
            {
                SettleAsync(behind, eve), SettleAsync(ahead, eve), SettleAsync(behind, day), SettleAsync(ahead, day),
                SettleAsync(behind, alone),
            };
            var answers = await Task.WhenAll(calls);
            var (first, second) = (answers[1].Required, answers[3].Required);
            Same(run, first, answers[0]);
            if (answers[2].Response is not null)
                Same(run, second, answers[2]);
            else
                Refused(run, answers[2]);

            // Once it is acknowledged, nobody is told that it cannot be.
            Same(run, second, await SettleAsync(behind, day));
            Refused(run, answers[4]);
            run.Verdict.Require((first.Year, second.Year) == (2025, 2026), $"Years: {first} {second}");

            // What was refused left nothing behind: the server ahead settles it as new.
            var third = (await SettleAsync(ahead, alone)).Required;
            run.Verdict.Require(third.Year == 2026, $"Year: {third}");
            (settled[3 * person], settled[3 * person + 1], settled[3 * person + 2]) = (first, second, third);
        });
        return settled;
    }

    static void Same(FaultRun run, Settlement one, GrpcAnswer<Settlement> other) => run.Verdict.Require(
        other.Response is { } answered && one.ToByteArray().AsSpan().SequenceEqual(answered.ToByteArray()),
        $"One request id, two answers: {one}; {other.Status} {other.Message} {other.Response}");

    static void Refused(FaultRun run, GrpcAnswer<Settlement> answer) => run.Verdict.Require(
        answer.Reason == "DATE_OUT_OF_RANGE",
        $"Tomorrow's discharge: {answer.Status} {answer.Message} {answer.Response}");

    static Task<GrpcAnswer<Settlement>> SettleAsync(ClockedServer server, SettleRequest bill) =>
        server.Connection.CallAsync(GrpcMethods.Settle, bill).AsTask();

    static async Task AccountsAsync(
        FaultRun run, Town town, GrpcConnection connection, IReadOnlyList<Settlement> settled)
    {
        foreach (var own in settled.GroupBy(one => one.EnrolleeId))
        {
            foreach (var year in (int[])[2025, 2026])
            {
                var asked = new GetAccountRequest { EnrolleeId = own.Key, Year = year };
                var account = (await connection.CallAsync(GrpcMethods.GetAccount, asked)).Required;
                var paid = own.Where(one => one.Year == year).Sum(one => one.PlansPaidFen);
                run.Verdict.Require(
                    account.Accumulators.Sum(one => one.PaidFen) == paid && account.AccountVersion == own.Count() + 2,
                    $"{own.Key} in {year} was paid {paid}: {account}");
            }
        }
    }

    static SettleRequest Bill(Town town, int person, int round, string what, string day) => new()
    {
        RequestId = $"{town.Name}-{round}-{person}-{what}",
        FacilityId = Town.FacilityId(person % Town.Facilities),
        EncounterId = $"{town.Name}-{round}-{person}-{what}",
        EnrolleeId = town.PersonId(person),
        CareType = CareType.Inpatient,
        AdmittedOn = "2025-12-28",
        DischargedOn = day,
        TotalFen = 300_000 + person,
        EligibleFen = 200_000 + person,
    };

    static async Task<Town> EnrollAsync(FaultRun run, ClockedServer server)
    {
        await TrialPlan.PublishAsync(server.Connection, TrialPlan.Text(PlanId, 50));
        var town = await run.TownAsync(server.Server, Persons);
        await TrialPlan.CoverAsync(server.Connection, town, PlanId, LastDay[..4] + "-01-01", "2026-12-31");
        return town;
    }

    static async Task<Fund[]> FundsAsync(GrpcConnection connection)
    {
        var funds = new Fund[2];
        for (var i = 0; i < funds.Length; i++)
        {
            var asked = new GetPositionRequest { RegionId = "150502", PlanId = PlanId, Year = 2025 + i };
            var position = (await connection.CallAsync(GrpcMethods.GetPosition, asked)).Required;
            funds[i] = new Fund(position.PaidFen, position.Cases);
        }
        return funds;
    }
}
