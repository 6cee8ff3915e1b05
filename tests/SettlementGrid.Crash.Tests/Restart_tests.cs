using SettlementGrid.Testbed;
using Xunit.Abstractions;

namespace SettlementGrid.Crash.Tests;

public sealed class Restart_tests(ITestOutputHelper output)
{
    // Five seconds on an idle machine; tests share theirs with other tests.
    static readonly TimeSpan s_secondStartMax = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_stopped_server_ends_well_and_its_second_start_is_quick_and_continues()
    {
        await using var server = await RunningServer.StartAsync();
        using var connection = new GrpcConnection(server.Place.Grpc);
        var town = new Town("S", 1, 10);
        await town.EnrollAsync(connection);
        var before = (await connection.CallAsync(GrpcMethods.Settle, town.Bill(1))).Required;

        Assert.Equal(0, await server.StopAsync());
        await server.StartAgainAsync();
        output.WriteLine($"second start: {server.StartTook.TotalSeconds:0.0} s");

        Assert.True(server.StartTook < s_secondStartMax, $"The second start took {server.StartTook}.");
        Assert.Equal(before, (await connection.CallAsync(GrpcMethods.Settle, town.Bill(1))).Required);
        var after = (await connection.CallAsync(GrpcMethods.Settle, town.Bill(2))).Required;
        Assert.Equal(before.LedgerPosition + 1, after.LedgerPosition);
    }
}
