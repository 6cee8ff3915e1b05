using System.Diagnostics;
using SettlementGrid.Api;
using SettlementGrid.Api.V1;
using SettlementGrid.Faults.Running;
using SettlementGrid.Postgres;
using SettlementGrid.Testbed;

namespace SettlementGrid.Faults.Crashes;

/// <summary>
/// The database's files are replaced by an older copy under a running server. It acknowledges nothing more and shows no
/// account that is older than what it acknowledged; the signed anchor shows `verify` that the end is missing.
/// </summary>
public sealed class OlderBackup : Fault
{
    const int Persons = 10;
    const int BeforeCopy = 50, AfterCopy = 50, Tried = 20;

    // An anchor is signed every five seconds.
    static readonly TimeSpan s_anchoredWithin = TimeSpan.FromSeconds(20);

    public override string Name => "older-backup";

    public override IReadOnlyList<int> Numbers => [11];

    public override string What => "an older copy of the database put in place under a running server";

    public override string WhatChinese => "运行中恢复旧备份";

    public override bool Shares => false;

    public override async Task RunAsync(FaultRun run)
    {
        // Not the run's servers: what was acknowledged after the copy is gone, and no check can find it.
        var server = (await run.Site.ServersAsync(1))[0];
        var town = await run.TownAsync(server, Persons);
        using var connection = new GrpcConnection(server.Place.Grpc);
        var cluster = run.Site.Postgres.Directory.Cluster;
        var copy = cluster + ".copy";
        await SettleAsync(connection, town, 1, BeforeCopy);
        await WhileStoppedAsync(run, () => CopyAsync(cluster, copy));
        var acknowledged = await SettleAsync(connection, town, BeforeCopy + 1, AfterCopy);
        await AnchoredAsync(server, run.Say);
        await WhileStoppedAsync(run, async () =>
        {
            Directory.Delete(cluster, recursive: true);
            await CopyAsync(copy, cluster);
        });

        await NothingIsAcknowledgedAsync(run, connection, town);
        await NothingOlderIsShownAsync(run, connection, town, acknowledged);
        var verified = await server.RunCommandAsync(["verify", .. server.Place.Options.Where(o => o != "--no-sample")]);
        run.Say($"verify ended with {verified.ExitCode}");
        run.Verdict.Require(
            !verified.Succeeded && verified.Output.Contains("anchor", StringComparison.OrdinalIgnoreCase),
            $"verify did not notice that the end is missing: {verified.Output}");
    }

    static async Task<List<Settlement>> SettleAsync(GrpcConnection connection, Town town, int from, int count)
    {
        var settled = new List<Settlement>();
        for (var number = from; number < from + count; number++)
            settled.Add(
                (await Checking.Patiently.AskAsync(connection, GrpcMethods.Settle, town.Bill(number))).Required);
        return settled;
    }

    static async Task WhileStoppedAsync(FaultRun run, Func<Task> carryOut)
    {
        await run.Site.Postgres.StopAsync(immediate: false, CancellationToken.None);
        await carryOut();
        await run.Site.Postgres.StartAgainAsync(CancellationToken.None);
    }

    static async Task CopyAsync(string from, string to)
    {
        var copied = await ChildProgram.RunAsync(
            ["cp", "-a", from, to], "/", TestbedLimits.CommandMax, CancellationToken.None);
        if (!copied.Succeeded)
            throw new FaultSkippedException($"the database's files cannot be copied here: {copied.Output}");
    }

    static async Task AnchoredAsync(RunningServer server, Action<string> say)
    {
        var anchor = Path.Combine(server.Place.DataFolder, "anchor");
        var (before, since) = (File.GetLastWriteTimeUtc(anchor), Stopwatch.GetTimestamp());
        // The anchor in work when the last bill came may have been of the bills before: the next one holds all.
        while (File.GetLastWriteTimeUtc(anchor) == before)
        {
            if (Stopwatch.GetElapsedTime(since) > s_anchoredWithin)
                throw new InvalidOperationException("No anchor was written.");
            await Task.Delay(FaultLimits.ReadBackEvery);
        }
        say($"anchored after {Stopwatch.GetElapsedTime(since).TotalSeconds:0.0} s");
    }

    static async Task NothingIsAcknowledgedAsync(FaultRun run, GrpcConnection connection, Town town)
    {
        var said = new HashSet<string>();
        for (var number = 1; number <= Tried; number++)
        {
            var bill = town.Bill(BeforeCopy + AfterCopy + number);
            var answer = await connection.CallAsync(GrpcMethods.Settle, bill);
            run.Verdict.Require(
                answer.Response is null,
                $"{bill.RequestId} was acknowledged on a database that was taken back (I3, I12)");
            said.Add($"{answer.Status}");
        }
        run.Say($"after the older copy {Tried} bills were answered {string.Join(", ", said)}");
    }

    static async Task NothingOlderIsShownAsync(
        FaultRun run, GrpcConnection connection, Town town, IReadOnlyList<Settlement> acknowledged)
    {
        foreach (var newest in acknowledged.GroupBy(one => one.EnrolleeId)
            .Select(of => of.MaxBy(o => o.AccountVersion)!))
        {
            var answer = await connection.CallAsync(
                GrpcMethods.GetAccount, new GetAccountRequest { EnrolleeId = newest.EnrolleeId, Year = Town.Year });
            run.Verdict.Require(
                answer.Response is null || answer.Response.AccountVersion >= newest.AccountVersion,
                $"{newest.EnrolleeId} was acknowledged version {newest.AccountVersion}; the server shows "
                    + $"{answer.Response?.AccountVersion} of the older copy (I6)");
        }
    }
}
