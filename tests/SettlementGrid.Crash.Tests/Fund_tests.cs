using SettlementGrid.Api;
using SettlementGrid.Api.V1;
using SettlementGrid.Testbed;
using SettlementGrid.Testbed.Calling;
using Xunit.Abstractions;

namespace SettlementGrid.Crash.Tests;

/// <summary>
/// The funds hold nothing of their own: a server killed while it folds, at rest or under load, gives the same sums at
/// the same marks afterwards, and in the end exactly what was acknowledged. Told in numbered steps.
/// </summary>
public sealed class Fund_tests(ITestOutputHelper output)
{
    const int Seed = 20260102;
    const string Region = "150502";

    [Fact]
    public async Task Funds_are_the_same_at_the_same_marks_after_every_kill_and_add_up_to_what_was_acknowledged()
    {
        var draw = new Random(Seed);
        // 1. A server with a roster; the fund before the first settlement of the town.
        await using var server = await RunningServer.StartAsync();
        using var connection = new GrpcConnection(server.Place.Grpc);
        var town = new Town("F", Seed, CrashLimits.Persons);
        await town.EnrollAsync(connection);
        var before = await PositionAsync(connection);
        using var hospitals = new Hospitals(town, [server.Place.Grpc], CrashLimits.Habits);
        var seen = new List<Position> { before };

        // 2. Killed under load, and every second time again right after it was ready, while it folds what there is.
        for (var kill = 1; kill <= CrashLimits.ServerKills; kill++)
        {
            await hospitals.SettleAsync(draw.Next(CrashLimits.SettledBetweenMin, CrashLimits.SettledBetweenMax));
            seen.Add(await PositionAsync(connection));
            for (var again = 0; again <= kill % 2; again++)
            {
                await server.KillAsync();
                await server.StartAgainAsync();
            }
            // 3. What was given before stands, to the fen, at its mark.
            foreach (var position in seen)
                Assert.Equal(position, await PositionAsync(connection, position.LedgerPosition));
            output.WriteLine($"kill {kill}: {seen[^1].PaidFen} fen paid at {seen[^1].LedgerPosition}, again after it");
        }

        // 4. In the end: what was acknowledged, no more and no less.
        var receipts = await hospitals.FinishAsync();
        var after = await PositionAsync(connection);
        Assert.Equal(receipts.Sum(r => r.PlansPaidFen), after.PaidFen - before.PaidFen);
        Assert.Equal(receipts.Count, after.Cases - before.Cases);
        Assert.True(after.LedgerPosition >= receipts.Max(r => r.LedgerPosition));

        // 5. And the ledger says so too.
        await server.KillAsync();
        var verified = await server.RunCommandAsync("verify");
        output.WriteLine(verified.Output);
        Assert.True(verified.Succeeded, verified.Output);
    }

    static async Task<Position> PositionAsync(GrpcConnection connection, long? asOf = null)
    {
        var request = new GetPositionRequest { RegionId = Region, PlanId = Town.PlanId, Year = Town.Year };
        if (asOf is { } mark)
            request.AsOfLedgerPosition = mark;
        // After a kill the first call may meet the connection that died with the server.
        GrpcAnswer<Position> answer;
        var tries = 0;
        do
            answer = await connection.CallAsync(GrpcMethods.GetPosition, request);
        while (answer.Status is null or GrpcStatus.Unavailable && ++tries < TestbedLimits.PortTriesMax);
        return answer.Required;
    }
}
