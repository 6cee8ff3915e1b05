using Npgsql;
using SettlementGrid.Api;
using SettlementGrid.Api.V1;
using SettlementGrid.Testbed;
using Xunit.Abstractions;

namespace SettlementGrid.Servers.Tests;

/// <summary>Many persons at a time, the same ones from every side and each time in another order.</summary>
[Collection(ThreeServers.Collection)]
public sealed class Overlapping_tests(ThreeServers servers, ITestOutputHelper output)
{
    const int Seed = 20260605;
    const int Persons = 200;

    [Fact]
    public async Task Batches_over_the_same_persons_in_other_orders_settle_all_without_a_deadlock()
    {
        var town = new Town("X", Seed, Persons);
        await town.EnrollAsync(servers.ToA);
        var draw = new Random(Seed);
        var receipts = new List<Receipt>();
        var again = 0;
        for (var round = 0; round < ServersLimits.OverlappingRounds; round++)
        {
            var (a, b) = (Bills(town, 2 * round, draw), Bills(town, 2 * round + 1, draw));
            var roster = Roster(town, round, draw);
            var many = await Task.WhenAll(
                SettleAllAsync(servers.ToA, a), SettleAllAsync(servers.ToB, b), PutAllAsync(servers.ToC, roster));
            again += many.Sum(one => one.SentAgain);
            receipts.AddRange(many.SelectMany(one => one.Receipts));
        }

        output.WriteLine($"{receipts.Count} settlements; {again} items or calls were sent again");
        Assert.Equal(2 * ServersLimits.OverlappingRounds * Persons, receipts.Count);
        var byPerson = receipts.ToLookup(receipt => receipt.Number % Persons);
        for (var person = 0; person < Persons; person++)
        {
            // Enrolled, then settled twice a round, and a changed roster every round.
            var account = await servers.ToC.AccountAsync(town.PersonId(person));
            Assert.Equal(1 + 3 * ServersLimits.OverlappingRounds, account.AccountVersion);
            Assert.Equal(
                2 * ServersLimits.OverlappingRounds,
                byPerson[person].Select(receipt => receipt.AccountVersion).Distinct().Count());
            Assert.Equal(
                byPerson[person].Sum(receipt => receipt.PlansPaidFen), account.Accumulators.Sum(one => one.PaidFen));
        }
        Assert.Equal(0, await DeadlocksAsync());
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
    static async Task<Sent> SettleAllAsync(GrpcConnection connection, List<(int Number, SettleRequest Bill)> bills)
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
                {
                    receipts.Add(Receipt.Of(left[i].Number, settlement));
                    continue;
                }
                Assert.Equal("OVERLOADED", results[i].Refusal.Reason);
                refused.Add(left[i]);
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
            Assert.Equal("OVERLOADED", answer.Reason);
            // All or nothing over persons who are settled at that moment: it gets through when there is a gap.
            await Task.Delay(ServersLimits.RetryPause);
        }
    }

    async Task<long> DeadlocksAsync()
    {
        await using var connection = new NpgsqlConnection(servers.A.Place.Data.Connection.Read());
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()", connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
