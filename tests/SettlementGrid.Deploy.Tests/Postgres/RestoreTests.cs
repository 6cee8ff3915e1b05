using System.Text.RegularExpressions;
using SettlementGrid.Testbed;

namespace SettlementGrid.Deploy.Tests.Postgres;

/// <summary>The run book's backup and restore, with its own scripts, on a ledger that settles.</summary>
public sealed class RestoreTests
{
    [SkippableFact]
    public async Task Backup_and_archived_log_give_the_ledger_of_a_moment_and_the_whole_one_and_both_verify()
    {
        await using var drill = await Drill.PrepareAsync();
        Skip.IfNot(drill.HasPrograms, "pg_basebackup or pg_verifybackup did not come with this PostgreSQL");
        await using var server = await RunningServer.StartAsync(
            ServerPlace.Fresh() with { Options = ["--no-sample", "--postgres", drill.ConnectionString] });
        using var connection = new GrpcConnection(server.Place.Grpc);
        var town = new Town("DRILL", Seed: 23, Persons: 10);
        await town.EnrollAsync(connection);
        await SettleAsync(connection, town, 0, 20);
        var backup = await drill.BackUpAsync();
        await SettleAsync(connection, town, 20, 40);
        var moment = await drill.NowAsync();
        await SettleAsync(connection, town, 40, 45);
        Assert.Equal(0, await server.StopAsync());
        await drill.ArchiveRestAsync();

        // The anchor knows of the five that a restore to the moment leaves out, and is for telling that.
        var whole = await drill.RestoreAsync(backup, moment: null);
        var cut = await drill.RestoreAsync(backup, moment);
        Assert.Equal(45, await SettledAsync(server, whole, Path.Combine(server.Place.DataFolder, "anchor")));
        Assert.Equal(40, await SettledAsync(server, cut, Path.Combine(server.Place.DataFolder, "none")));
    }

    static async Task SettleAsync(GrpcConnection connection, Town town, int from, int to)
    {
        for (var number = from; number < to; number++)
            _ = (await connection.CallAsync(GrpcMethods.Settle, town.Bill(number))).Required;
    }

    /// <summary>Settlements in a restored ledger, which verifies.</summary>
    static async Task<int> SettledAsync(RunningServer server, string restored, string anchor)
    {
        var verified = await server.RunCommandAsync("verify", "--postgres", restored, "--anchor", anchor);
        Assert.True(verified.Succeeded, verified.Output);
        return int.Parse(Regex.Match(verified.Output, @"(\d+) settlements computed again").Groups[1].Value);
    }
}
