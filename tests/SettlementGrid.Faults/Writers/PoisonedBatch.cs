using System.Diagnostics;
using Npgsql;
using SettlementGrid.Api;
using SettlementGrid.Api.V1;
using SettlementGrid.Faults.Checking;
using SettlementGrid.Faults.Running;
using SettlementGrid.Testbed;

namespace SettlementGrid.Faults.Writers;

/// <summary>
/// PostgreSQL refuses the rows of a few persons (a constraint that somebody added by hand). Whoever shares a batch with
/// them is settled and answered; they alone hear of it, and settle once the constraint is gone.
/// </summary>
public sealed class PoisonedBatch : Fault
{
    // Two calls of the most that one takes: four full batches of the ledger's writers.
    const int CallMax = 500;
    const int Bills = 2 * CallMax;
    const int Persons = 800;
    const int PoisonedMax = 5;
    const string Constraint = "faults_poison";

    public override string Name => "poisoned-batch";

    public override IReadOnlyList<int> Numbers => [5, 19];

    public override string What => "a few rows of a thousand refused by a constraint, whole batches around them";

    public override string WhatChinese => "一千笔同批入账，其中几笔被数据库约束拒收";

    public override async Task RunAsync(FaultRun run)
    {
        var server = (await run.ServersAsync(1))[0];
        using var connection = new GrpcConnection(server.Place.Grpc);
        var town = await run.TownAsync(server, Persons);
        var receipts = new List<Receipt>();
        var since = Stopwatch.GetTimestamp();
        var rounds = 0;
        do
        {
            receipts.AddRange(await RoundAsync(run, connection, town, rounds++ * Bills));
        }
        while (Stopwatch.GetElapsedTime(since) < run.Lasts);
        run.Say($"{rounds} rounds, {receipts.Count} settlements");
        run.Verdict.Acknowledged += receipts.Count;
        var audit = new Audit(connection, town);
        run.Verdict.Add(await audit.FindAllAsync(receipts));
        run.Verdict.Add(await audit.AddUpAsync(receipts));
        run.Verdict.Add(Model.Differences(town, receipts));
    }

    static async Task<IEnumerable<Receipt>> RoundAsync(FaultRun run, GrpcConnection connection, Town town, int first)
    {
        var numbers = Enumerable.Range(first, Bills).ToArray();
        var poisoned = run.Draw.GetItems(numbers, run.Draw.Next(1, PoisonedMax + 1))
            .Select(number => town.Bill(number).EnrolleeId).ToHashSet();
        var ids = string.Join(", ", poisoned.Select(id => $"'{id}'"));
        await AsSuperuserAsync(
            run, $"ALTER TABLE ledger.entries ADD CONSTRAINT {Constraint} CHECK (stream_id NOT IN ({ids})) NOT VALID");
        Dictionary<int, Receipt> beside;
        try
        {
            beside = await SettleAllAsync(run, connection, town, numbers, poisoned);
            var alone = await connection.CallAsync(
                GrpcMethods.Settle,
                town.Bill(numbers.First(number => poisoned.Contains(town.Bill(number).EnrolleeId))));
            run.Verdict.Require(
                alone.Status == GrpcStatus.Internal, $"A refused row by itself: {alone.Status} {alone.Message}");
        }
        finally
        {
            await AsSuperuserAsync(run, $"ALTER TABLE ledger.entries DROP CONSTRAINT {Constraint}");
        }

        // Sent again: those that were settled are answered as before, the others now.
        var all = await SettleAllAsync(run, connection, town, numbers, []);
        foreach (var (number, receipt) in beside)
            run.Verdict.Require(all[number] == receipt, $"Bill {number}: {receipt}, then {all[number]}");
        return all.Values;
    }

    static async Task<Dictionary<int, Receipt>> SettleAllAsync(
        FaultRun run, GrpcConnection connection, Town town, int[] numbers, HashSet<string> poisoned)
    {
        var answers = await Task.WhenAll(numbers.Chunk(CallMax).Select(chunk =>
        {
            var call = new SettleManyRequest();
            call.Requests.AddRange(chunk.Select(number => town.Bill(number)));
            return connection.CallAsync(GrpcMethods.SettleMany, call).AsTask();
        }));
        var results = answers.SelectMany(answer => answer.Required.Results).ToList();
        var receipts = new Dictionary<int, Receipt>();
        for (var i = 0; i < numbers.Length; i++)
        {
            run.Verdict.Require(
                results[i].Settlement is null == poisoned.Contains(town.Bill(numbers[i]).EnrolleeId),
                $"Bill {numbers[i]} of a batch: {results[i]}");
            if (results[i].Settlement is { } settlement)
                receipts[numbers[i]] = Receipt.Of(numbers[i], settlement);
        }
        return receipts;
    }

    static async Task AsSuperuserAsync(FaultRun run, string sql)
    {
        await using var connection = new NpgsqlConnection(run.Site.SuperuserConnection);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
