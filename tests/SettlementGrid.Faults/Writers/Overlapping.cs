using System.Diagnostics;
using Npgsql;
using SettlementGrid.Api;
using SettlementGrid.Api.V1;
using SettlementGrid.Faults.Running;
using SettlementGrid.Testbed;

namespace SettlementGrid.Faults.Writers;

/// <summary>
/// Batches over the same persons from two servers, and rosters from a third, each in another order: all are stored, no
/// version is left out, and PostgreSQL never meets a deadlock.
/// </summary>
public sealed class Overlapping : Fault
{
    const int Persons = 200;
    const int RoundsMin = 6;

    public override string Name => "overlapping";

    public override IReadOnlyList<int> Numbers => [18];

    public override string What =>
        "batches over the same persons in other orders from two servers, rosters from a third";

    public override string WhatChinese => "两个服务以不同次序批量结算同一批人，第三个服务同时更新名单";

    public override async Task RunAsync(FaultRun run)
    {
        var servers = await run.ServersAsync(3);
        var to = servers.Select(server => new GrpcConnection(server.Place.Grpc)).ToList();
        var town = await run.TownAsync(servers[0], Persons);
        var deadlocks = await DeadlocksAsync(run);
        var receipts = new List<Receipt>();
        var (rounds, again) = (0, 0);
        var since = Stopwatch.GetTimestamp();
        for (; rounds < RoundsMin || Stopwatch.GetElapsedTime(since) < run.Lasts; rounds++)
        {
            var (a, b) = (Bills(town, 2 * rounds, run.Draw), Bills(town, 2 * rounds + 1, run.Draw));
            var roster = Roster(town, rounds, run.Draw);
            var many = await Task.WhenAll(
                SettleAllAsync(run, to[0], a), SettleAllAsync(run, to[1], b), PutAllAsync(to[2], roster));
            again += many.Sum(one => one.SentAgain);
            receipts.AddRange(many.SelectMany(one => one.Receipts));
        }

        run.Say($"{receipts.Count} settlements; {again} items or calls were sent again");
        run.Verdict.Acknowledged += receipts.Count;
        run.Verdict.SentAgain += again;
        run.Verdict.Require(
            receipts.Count == 2 * rounds * Persons, $"{receipts.Count} of {2 * rounds * Persons} settled");
        var byPerson = receipts.ToLookup(receipt => receipt.Number % Persons);
        for (var person = 0; person < Persons; person++)
        {
            // Enrolled, then settled twice a round, and a changed roster every round.
            var asked = new GetAccountRequest { EnrolleeId = town.PersonId(person), Year = Town.Year };
            var account = (await to[2].CallAsync(GrpcMethods.GetAccount, asked)).Required;
            run.Verdict.Require(
                account.AccountVersion == 1 + 3 * rounds
                && byPerson[person].DistinctBy(receipt => receipt.AccountVersion).Count() == 2 * rounds
                && byPerson[person].Sum(receipt => receipt.PlansPaidFen) 
                    == account.Accumulators.Sum(one => one.PaidFen),
                $"After {rounds} rounds: {account}");
        }
        run.Verdict.Require(await DeadlocksAsync(run) == deadlocks, "PostgreSQL met a deadlock (40P01).");
        to.ForEach(connection => connection.Dispose());
    }

    sealed record Sent(IReadOnlyList<Receipt> Receipts, int SentAgain);

    static List<(int Number, SettleRequest Bill)> Bills(Town town, int call, Random draw)
    {
        var persons = Enumerable.Range(0, Persons).ToArray();
        draw.Shuffle(persons);
        return [.. persons.Select(person => (call * Persons + person, town.Bill(call * Persons + person, person)))];
    }

    static PutEnrolleesRequest Roster(Town town, int round, Random draw)
    {
        var persons = Enumerable.Range(0, Persons).ToArray();
        draw.Shuffle(persons);
        var call = new PutEnrolleesRequest();
        foreach (var person in persons)
        {
            var enrollee = town.Enrollee(person);
            if (round % 2 == 0)
                enrollee.Identities.Add(new Identity { Kind = IdentityKind.Rescue });
            call.Enrollees.Add(enrollee);
        }
        return call;
    }

    /// <summary>What is refused because others keep writing is sent again, as the refusal advises.</summary>
    static async Task<Sent> SettleAllAsync(
        FaultRun run, GrpcConnection connection, List<(int Number, SettleRequest Bill)> bills)
    {
        var receipts = new List<Receipt>();
        var again = 0;
        for (var left = bills; left.Count > 0;)
        {
            var call = new SettleManyRequest();
            call.Requests.AddRange(left.Select(one => one.Bill));
            var results = (await connection.CallAsync(GrpcMethods.SettleMany, call)).Required.Results;
            var refused = new List<(int, SettleRequest)>();
            for (var i = 0; i < left.Count; i++)
            {
                if (results[i].Settlement is { } settlement)
                    receipts.Add(Receipt.Of(left[i].Number, settlement));
                else if (results[i].Refusal.Reason == "OVERLOADED")
                    refused.Add(left[i]);
                else
                    run.Verdict.Find($"Bill {left[i].Number}: {results[i].Refusal}");
            }
            again += refused.Count;
            left = refused;
        }
        return new Sent(receipts, again);
    }

    static async Task<Sent> PutAllAsync(GrpcConnection connection, PutEnrolleesRequest roster)
    {
        for (var again = 0; ; again++)
        {
            var answer = await connection.CallAsync(GrpcMethods.PutEnrollees, roster);
            if (answer.Status == GrpcStatus.Ok)
                return new Sent([], again);
            if (answer.Status != GrpcStatus.ResourceExhausted)
                _ = answer.Required;
            // All or nothing over persons who are settled at that moment: it gets through when there is a gap.
            await Task.Delay(FaultLimits.ReadBackEvery);
        }
    }

    static async Task<long> DeadlocksAsync(FaultRun run)
    {
        await using var connection = new NpgsqlConnection(run.Site.SuperuserConnection);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()", connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
