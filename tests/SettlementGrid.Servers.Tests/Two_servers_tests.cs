using System.Diagnostics;
using SettlementGrid.Testbed;
using Xunit.Abstractions;

namespace SettlementGrid.Servers.Tests;

/// <summary>Two servers settle for the same persons as one would; what that costs is printed.</summary>
[Collection(ThreeServers.Collection)]
public sealed class Two_servers_tests(ThreeServers servers, ITestOutputHelper output)
{
    const int Seed = 20260601;

    [Fact]
    public async Task Ten_thousand_settlements_alternating_between_two_servers_are_all_settled_without_a_gap()
    {
        // The same bills of as many persons, three ways, in rounds that alternate: what shares a run can be compared.
        var ways = new (string Name, Town Town, GrpcConnection[] To)[]
        {
            Way("at one server", "W1", (_, _) => servers.ToA),
            Way("alternating between two", "W2", (_, before) => before % 2 == 0 ? servers.ToA : servers.ToB),
            Way("each person at one of two", "W3", (person, _) => person % 2 == 0 ? servers.ToA : servers.ToB),
        };
        var took = new TimeSpan[ways.Length];
        var receipts = ways.Select(_ => new Receipt[ServersLimits.Settlements]).ToArray();
        foreach (var (_, town, _) in ways)
            await town.EnrollAsync(servers.ToC);
        const int OfARound = ServersLimits.Settlements / ServersLimits.Rounds;
        for (var round = 0; round < ServersLimits.Rounds; round++)
        {
            for (var way = 0; way < ways.Length; way++)
            {
                var began = Stopwatch.GetTimestamp();
                await SettleAsync(ways[way].Town, ways[way].To, receipts[way], round * OfARound, OfARound);
                took[way] += Stopwatch.GetElapsedTime(began);
            }
        }

        for (var way = 0; way < ways.Length; way++)
        {
            output.WriteLine(
                $"{ways[way].Name}: {ServersLimits.Settlements / took[way].TotalSeconds:0} settlements/s");
            // Asked of the server that settled none of them.
            Assert.Empty(await new Audit(servers.ToC, ways[way].Town).AddUpAsync(receipts[way]));
        }
        Assert.Empty(await new Audit(servers.ToB, ways[1].Town).FindAllAsync(receipts[1]));
        var verified = await servers.A.RunCommandAsync("verify");
        output.WriteLine(verified.Output);
        Assert.True(verified.Succeeded, verified.Output);
    }

    /// <param name="choose">By the person and how many bills of the person came before.</param>
    static (string Name, Town Town, GrpcConnection[] To) Way(
        string name, string townName, Func<int, int, GrpcConnection> choose)
    {
        var town = new Town(townName, Seed, ServersLimits.Persons);
        var persons = Enumerable.Range(0, town.Persons).ToDictionary(town.PersonId);
        var before = new int[town.Persons];
        return (name, town, [.. Enumerable.Range(0, ServersLimits.Settlements).Select(number =>
        {
            var person = persons[town.Bill(number).EnrolleeId];
            return choose(person, before[person]++);
        })]);
    }

    static async Task SettleAsync(Town town, GrpcConnection[] to, Receipt[] receipts, int first, int count)
    {
        // Next is drawn by whoever is free, so that neighbours in the ledger are neighbours in the town.
        var next = first;
        await Task.WhenAll(Enumerable.Range(0, ServersLimits.InFlight).Select(_ => Task.Run(async () =>
        {
            for (var number = Interlocked.Increment(ref next) - 1; number < first + count;
                number = Interlocked.Increment(ref next) - 1)
            {
                receipts[number] = Receipt.Of(number, await to[number].SettleAsync(town.Bill(number)));
            }
        })));
    }
}
