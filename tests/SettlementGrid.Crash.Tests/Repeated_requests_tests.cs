using SettlementGrid.Api.V1;
using SettlementGrid.Testbed;

namespace SettlementGrid.Crash.Tests;

/// <summary>One request id, one settlement, however often and however fast it is sent.</summary>
[Collection(OneServer.Collection)]
public sealed class Repeated_requests_tests(OneServer one)
{
    const int Seed = 7;

    [Fact]
    public async Task Sixty_four_equal_calls_at_once_make_one_settlement_and_get_sixty_four_equal_answers()
    {
        var town = new Town("Q", Seed, 1);
        await town.EnrollAsync(one.Connection);
        var connections = Enumerable.Range(0, 4).Select(_ => new GrpcConnection(one.Server.Place.Grpc)).ToList();

        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(
            call => connections[call % 4].CallAsync(GrpcMethods.Settle, town.Bill(1)).AsTask()));

        Assert.Single(answers.Select(answer => answer.Required).Distinct());
        Assert.Equal(2, (await AccountOf(town, 0)).AccountVersion);
        connections.ForEach(connection => connection.Dispose());
    }

    [Fact]
    public async Task Duplicates_among_many_calls_fail_nobody()
    {
        var town = new Town("D", Seed, 50);
        await town.EnrollAsync(one.Connection);
        // 2,000 calls, every fiftieth a copy of the call before it: 2 %, in the same batches as their originals.
        var numbers = Enumerable.Range(1, 2_000).Select(call => call % 50 == 0 ? call - 1 : call).ToList();
        var answers = new Settlement[numbers.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = 64 };

        await Parallel.ForAsync(0, numbers.Count, options, async (call, cancellation) =>
            answers[call] = (await one.Connection.CallAsync(GrpcMethods.Settle, town.Bill(numbers[call]), cancellation))
                .Required);

        for (var call = 1; call < numbers.Count; call++)
            Assert.Equal(numbers[call] == numbers[call - 1], answers[call].Equals(answers[call - 1]));
        Assert.Equal(1_960, answers.Select(answer => answer.LedgerPosition).Distinct().Count());
    }

    [Fact]
    public async Task A_bill_of_five_hundred_requests_with_duplicates_is_answered_one_by_one()
    {
        var town = new Town("M", Seed, 20);
        await town.EnrollAsync(one.Connection);
        var call = new SettleManyRequest();
        for (var number = 1; number <= 490; number++)
            call.Requests.Add(town.Bill(number));
        for (var number = 1; number <= 10; number++)
            call.Requests.Add(town.Bill(number));

        var results = (await one.Connection.CallAsync(GrpcMethods.SettleMany, call)).Required.Results;

        Assert.All(results, result => Assert.NotNull(result.Settlement));
        for (var number = 0; number < 10; number++)
            Assert.Equal(results[number].Settlement, results[490 + number].Settlement);
    }

    async Task<Account> AccountOf(Town town, int person) => (await one.Connection.CallAsync(
        GrpcMethods.GetAccount,
        new GetAccountRequest { EnrolleeId = town.PersonId(person), Year = Town.Year })).Required;
}
