using SettlementGrid.Testbed;
using SettlementGrid.Testbed.Calling;
using Xunit.Abstractions;

namespace SettlementGrid.Crash.Tests;

/// <summary>
/// What the ledger promises when processes die: nothing acknowledged is missing, nothing is there twice, and callers
/// need do nothing but send again. Told in numbered steps; the seed chooses the points.
/// </summary>
public sealed class Crash_tests(ITestOutputHelper output)
{
    const int Seed = 20260101;

    [Fact]
    public async Task Nothing_acknowledged_is_lost_or_doubled_when_server_and_database_are_killed_under_load()
    {
        var draw = new Random(Seed);
        // 1. A server, its roster, callers that never stop asking.
        await using var server = await RunningServer.StartAsync();
        using var connection = new GrpcConnection(server.Place.Grpc);
        var town = new Town("C", Seed, CrashLimits.Persons);
        await town.EnrollAsync(connection);
        var since = TimeProvider.System.GetUtcNow() - TimeSpan.FromMinutes(1);
        using var hospitals = new Hospitals(town, [server.Place.Grpc], CrashLimits.Habits);
        var audit = new Audit(connection, town);

        // 2. Crashes, each after some settlements; the load goes on over every one of them.
        var stopsLeft = CrashLimits.DatabaseStops;
        var audited = 0;
        for (var crash = 1; crash <= CrashLimits.ServerKills + CrashLimits.DatabaseStops; crash++)
        {
            await hospitals.SettleAsync(draw.Next(CrashLimits.SettledBetweenMin, CrashLimits.SettledBetweenMax));
            // Not always at the same point of a commit, which an answer just received would be.
            await Task.Delay(draw.Next(CrashLimits.CrashDelayMillisecondsMax));
            var acknowledged = hospitals.Receipts();
            if (crash % 4 == 2 && stopsLeft-- > 0)
                await StopDatabaseAsync(server);
            else
                await KillAsync(server, databaseToo: crash % 2 == 0);
            // 3. Whatever was acknowledged since the crash before is there, with equal figures.
            await hospitals.SettleAsync(1);
            Assert.Empty(await audit.FindAllAsync(acknowledged[audited..]));
            output.WriteLine($"{acknowledged.Count - audited} settlements before crash {crash} found again");
            audited = acknowledged.Count;
        }

        // 4. In the end every bill was answered, stands once in the lists and adds up in the accounts.
        var receipts = await hospitals.FinishAsync();
        output.WriteLine($"{receipts.Count} settlements, {hospitals.SentAgain} calls sent again");
        Assert.True(hospitals.SentAgain > 0, "No call met a crash: this run has shown nothing.");
        Assert.Empty(await audit.FindAllAsync(receipts));
        var until = TimeProvider.System.GetUtcNow() + TimeSpan.FromMinutes(1);
        Assert.Empty(await audit.ListAllAsync(receipts, since, until));
        Assert.Empty(await audit.AddUpAsync(receipts));

        // 5. And once more: killed at rest, then the whole ledger is computed again.
        await server.KillAsync();
        var verified = await server.RunCommandAsync("verify");
        output.WriteLine(verified.Output);
        Assert.True(verified.Succeeded, verified.Output);
    }

    async Task KillAsync(RunningServer server, bool databaseToo)
    {
        if (databaseToo)
            server.KillDatabase();
        await server.KillAsync();
        await server.StartAgainAsync();
        var killed = databaseToo ? "killed with its database" : "killed";
        output.WriteLine($"{killed}, ready again after {server.StartTook.TotalSeconds:0.0} s");
    }

    async Task StopDatabaseAsync(RunningServer server)
    {
        await server.StopDatabaseImmediatelyAsync();
        Assert.True(server.IsAlive, server.Output);
        output.WriteLine("database stopped immediately under the running server");
    }
}
