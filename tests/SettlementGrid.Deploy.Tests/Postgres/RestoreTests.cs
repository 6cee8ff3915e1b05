using System.Globalization;
using System.Text.RegularExpressions;
using SettlementGrid.Postgres;
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
        await drill.TakeSettingsOutAsync(backup);
        var cut = await drill.RestoreAsync(backup, moment);
        var anchor = Path.Combine(server.Place.DataFolder, "anchor");
        Assert.Equal(45, await SettledAsync(server, whole, anchor));
        Assert.Contains("the ledger ends at commit", await FoundAsync(server, cut, anchor), StringComparison.Ordinal);
        Assert.Equal(40, await SettledAsync(server, cut, Path.Combine(server.Place.DataFolder, "none")));
        var aside = await PutAsideAsync(anchor);

        // As long as before and longer, with other facts.
        await using var after = await RunningServer.StartAsync(ServerPlace.Fresh() with
        {
            Options = ["--no-sample", "--postgres", cut, "--anchor", anchor],
        });
        using (var again = new GrpcConnection(after.Place.Grpc))
            await SettleAsync(again, town, 45, 60);
        Assert.Equal(0, await after.StopAsync());
        Assert.Equal(55, await SettledAsync(server, cut, anchor));
        Assert.Contains("written anew", await FoundAsync(server, cut, aside), StringComparison.Ordinal);
    }

    /// <summary>By the run book's own lines; gives the file's new place.</summary>
    static async Task<string> PutAsideAsync(string anchor)
    {
        var lines = Regex.Match(
            await File.ReadAllTextAsync(Repository.Deploy("README.md")), @" anchor=\S+ aside=.*\n.*").Value;
        var ran = await ChildProgram.RunAsync(
            ["bash", "-ec", Regex.Replace(lines, @"anchor=\S+", $"anchor={anchor}") + "\necho $aside"], "/",
            TimeSpan.FromSeconds(10), CancellationToken.None);
        Assert.True(ran.Succeeded, ran.Output);
        Assert.False(File.Exists(anchor));
        return ran.Output.Trim();
    }

    /// <summary>What `verify` says that a ledger and this anchor file do not agree in.</summary>
    static async Task<string> FoundAsync(RunningServer server, string restored, string anchor)
    {
        var verified = await server.RunCommandAsync("verify", "--postgres", restored, "--anchor", anchor);
        Assert.False(verified.Succeeded, verified.Output);
        return verified.Output;
    }

    [SkippableFact]
    public async Task Backup_removes_the_archived_log_that_no_kept_backup_needs_and_nothing_else()
    {
        await using var drill = await Drill.PrepareAsync();
        Skip.IfNot(drill.HasPrograms, "pg_basebackup or another program of it did not come with this PostgreSQL");
        await Drill.AskAsync(drill.ConnectionString, "CREATE TABLE written AS SELECT 1 AS number");
        var oldest = await drill.BackUpAsync(kept: 2);
        await WriteAsync(drill, 2);
        var older = await drill.BackUpAsync(kept: 2);
        await WriteAsync(drill, 3);
        var needed = Number(Regex.Match(
            await File.ReadAllTextAsync(Path.Combine(older, "backup_label")), @"\(file (\w{24})\)").Groups[1].Value);
        Assert.Contains(drill.Archived, segment => Number(segment) < needed);

        await drill.BackUpAsync(kept: 2);
        await WriteAsync(drill, 4);

        Assert.False(Directory.Exists(oldest));
        Assert.DoesNotContain(drill.Archived, segment => Number(segment) < needed);
        var restored = await drill.RestoreAsync(older, moment: null);
        Assert.Equal(4L, await Drill.AskAsync(restored, "SELECT count(*) FROM written"));
    }

    [SkippableFact]
    public async Task What_the_run_book_asks_the_database_shows_that_the_archive_takes_nothing_more()
    {
        var question = Regex.Match(
            await File.ReadAllTextAsync(Repository.Deploy("README.md")), "SELECT .* FROM pg_stat_archiver").Value;
        await using var drill = await Drill.PrepareAsync();
        await drill.ArchiveRestAsync();
        Assert.Equal(false, await FailingAsync());
        await drill.BreakArchiveAsync();
        await Drill.UntilAsync(async () => await FailingAsync() is true);
        Assert.NotEqual(0L, await drill.AskAsync($"SELECT waiting FROM ({question}) AS asked"));

        Task<object?> FailingAsync() => drill.AskAsync($"SELECT failing FROM ({question}) AS asked");
    }

    /// <summary>A fact, and its log in the archive.</summary>
    static async Task WriteAsync(Drill drill, int number)
    {
        await Drill.AskAsync(drill.ConnectionString, $"INSERT INTO written VALUES ({number})");
        await drill.ArchiveRestAsync();
    }

    /// <summary>Of a segment, whatever the timeline that its name begins with.</summary>
    static ulong Number(string segment) => ulong.Parse(segment[8..], NumberStyles.HexNumber);

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
