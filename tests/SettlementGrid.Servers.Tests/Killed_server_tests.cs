using System.Diagnostics;
using SettlementGrid.Testbed;
using SettlementGrid.Testbed.Calling;
using Xunit.Abstractions;

namespace SettlementGrid.Servers.Tests;

/// <summary>
/// One of two servers dies under load, then the one that keeps the database; the other goes on. Told in numbered steps.
/// </summary>
public sealed class Killed_server_tests(ITestOutputHelper output)
{
    const int Seed = 20260606;
    const int Persons = 100;
    const int SettledBetween = 300;

    /// <summary>The default deadline of a call: whoever asks the living server is answered within it.</summary>
    static readonly TimeSpan s_answeredWithin = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task The_other_server_goes_on_when_one_is_killed_and_nothing_is_lost()
    {
        // 1. Two servers on one database, callers that know both.
        await using var a = await RunningServer.StartAsync();
        await using var b = await RunningServer.StartAsync(a.Place.Beside());
        using var toA = new GrpcConnection(a.Place.Grpc);
        using var toB = new GrpcConnection(b.Place.Grpc);
        var town = new Town("Z", Seed, Persons);
        await town.EnrollAsync(toA);
        using var hospitals = new Hospitals(town, [a.Place.Grpc, b.Place.Grpc], ServersLimits.Habits);
        await hospitals.SettleAsync(SettledBetween);

        // 2. B is killed in the middle of a commit; A goes on alone; B comes back.
        await b.KillAsync();
        await AnsweredAsync("A, B killed", toA, new Town("Z1", Seed, 1), toA);
        await hospitals.SettleAsync(SettledBetween);
        await b.StartAgainAsync();
        hospitals.AllBack();
        await hospitals.SettleAsync(SettledBetween);

        // 3. A is killed, which keeps the database: that lives on, and A takes it over when it is back.
        await a.KillAsync();
        await AnsweredAsync("B, A killed", toB, new Town("Z2", Seed, 1), toB);
        await hospitals.SettleAsync(SettledBetween);
        await a.StartAgainAsync();
        hospitals.AllBack();
        await hospitals.SettleAsync(SettledBetween);

        // 4. Every acknowledged bill is there once, at both, versions without a gap, and the ledger verifies.
        var receipts = await hospitals.FinishAsync();
        output.WriteLine($"{receipts.Count} settlements, {hospitals.SentAgain} calls sent again");
        Assert.True(hospitals.SentAgain > 0, "No call met a server that was away: this run has shown nothing.");
        Assert.Empty(await new Audit(toA, town).FindAllAsync(receipts));
        Assert.Empty(await new Audit(toB, town).AddUpAsync(receipts));
        var verified = await a.RunCommandAsync("verify");
        Assert.True(verified.Succeeded, verified.Output);
    }

    async Task AnsweredAsync(string what, GrpcConnection connection, Town town, GrpcConnection roster)
    {
        var since = Stopwatch.GetTimestamp();
        await town.EnrollAsync(roster);
        await connection.SettleAsync(town.Bill(1));
        var took = Stopwatch.GetElapsedTime(since);
        output.WriteLine($"{what}: enrolled and settled within {took.TotalMilliseconds:0} ms");
        Assert.True(took < s_answeredWithin, $"{what}: {took}");
    }
}
