using SettlementGrid.Api;
using SettlementGrid.Api.V1;
using SettlementGrid.Faults.Running;
using SettlementGrid.Ledger.Verification;
using SettlementGrid.Server.Composition;
using SettlementGrid.Testbed;

namespace SettlementGrid.Faults.Checking;

/// <summary>
/// What must hold after every fault: all servers are well (I10); every receipt is found once with its figures, in the
/// lists too (I1, I2); versions have no gap and the accounts add up at every server (I3, I6); the clients' own model
/// gives every amount (I4); the funds moved by exactly what was acknowledged (I5); what was refused is not there (I7);
/// memory stayed within its bound (I9); nothing leaked (I11); `verify` finds nothing against any server's anchor (I12).
/// </summary>
static class ClosingCheck
{
    // Clocks of one machine; a commit may carry the time at which its call came in.
    static readonly TimeSpan s_margin = TimeSpan.FromMinutes(1);

    public static async Task RunAsync(FaultRun run)
    {
        if (run.Servers.Count == 0)
            return;
        var receipts = new Dictionary<Load, IReadOnlyList<Receipt>>();
        foreach (var load in run.Loads)
        {
            receipts[load] = await load.FinishAsync();
            Count(run.Verdict, load, receipts[load].Count);
        }
        run.Say($"checking {run.Verdict.Acknowledged} settlements 核对");
        foreach (var server in run.Servers)
        {
            if (server.IsAlive)
                await AtServerAsync(run, server, receipts);
            else
                run.Verdict.Find($"A server is down at the end (I10): {server.Output}");
        }
        foreach (var (load, of) in receipts)
            run.Verdict.Add(Model.Differences(load.Town, of).Take(Audit.DifferencesMax));
    }

    static void Count(Verdict verdict, Load load, int receipts)
    {
        var hospitals = load.Hospitals;
        verdict.Acknowledged += receipts;
        verdict.SentAgain += hospitals.SentAgain;
        if (hospitals.LongestUnanswered > verdict.LongestUnanswered)
            verdict.LongestUnanswered = hospitals.LongestUnanswered;
    }

    static async Task AtServerAsync(
        FaultRun run, RunningServer server, Dictionary<Load, IReadOnlyList<Receipt>> receipts)
    {
        using var connection = new GrpcConnection(server.Place.Grpc);
        var isFirst = server == run.Servers[0];
        foreach (var (load, of) in receipts)
        {
            var audit = new Audit(connection, load.Town);
            run.Verdict.Add(await audit.AddUpAsync(of));
            // What one server finds in the ledger all find: the lists are read once.
            if (!isFirst)
                continue;
            var some = of.Count > FaultLimits.LookedUpMax ? run.Draw.GetItems([.. of], FaultLimits.LookedUpMax) : of;
            run.Verdict.Add(await audit.FindAllAsync(some));
            run.Verdict.Add(await audit.ListAllAsync(
                of, run.Began - s_margin, TimeProvider.System.GetUtcNow() + s_margin));
            await RefusedAreNotThereAsync(run.Verdict, connection, load);
        }
        if (receipts.Count > 0)
            await FundsAsync(run, connection, receipts);
        foreach (var leak in await Leaks.InAsync(server, [.. receipts.Keys.Select(load => load.Town)]))
            run.Verdict.Find(leak);
        MemoryIsBounded(run, server);
        // Each server signs into an anchor of its own; a short run compares one of them.
        if (!run.IsSlice)
            await VerifiesAsync(run.Verdict, server);
        else if (isFirst)
            await VerifiesHereAsync(run.Verdict, server);
    }

    static async Task VerifiesAsync(Verdict verdict, RunningServer server)
    {
        var verified = await server.RunCommandAsync(["verify", .. server.Place.Options.Where(o => o != "--no-sample")]);
        verdict.Require(verified.Succeeded, $"verify: {verified.Output}");
    }

    // The same walk without a process of its own, whose start would be most of a short check.
    static async Task VerifiesHereAsync(Verdict verdict, RunningServer server)
    {
        var connection = server.Place.Options.SkipWhile(option => option != "--postgres").ElementAt(1);
        var anchor = Path.Combine(server.Place.DataFolder, "anchor");
        var report = await new LedgerVerification(
            connection, Engine.ReadPublished, File.Exists(anchor) ? anchor : null).Run(null, CancellationToken.None);
        foreach (var finding in report.Findings)
            verdict.Find($"verify: {finding}");
    }

    // The first load began before all others, so what moved since then is what all of them were acknowledged.
    static async Task FundsAsync(
        FaultRun run, GrpcConnection connection, Dictionary<Load, IReadOnlyList<Receipt>> receipts)
    {
        var moved = await run.Loads[0].MovedAsync(connection);
        var expected = new Fund(
            receipts.Values.Sum(of => of.Sum(receipt => receipt.PlansPaidFen)), receipts.Values.Sum(of => of.Count));
        run.Verdict.Require(moved == expected, $"The fund moved by {moved}, acknowledged were {expected} (I5)");
    }

    static async Task RefusedAreNotThereAsync(Verdict verdict, GrpcConnection connection, Load load)
    {
        foreach (var (number, said) in load.Hospitals.Refusals())
        {
            var bill = load.Town.Bill(number);
            var found = await Patiently.AskAsync(
                connection, GrpcMethods.GetSettlement,
                new GetSettlementRequest { FacilityId = bill.FacilityId, RequestId = bill.RequestId });
            verdict.Require(
                found.Status == GrpcStatus.NotFound, $"{bill.RequestId} was refused ({said}) and is there (I7)");
        }
    }

    static void MemoryIsBounded(FaultRun run, RunningServer server)
    {
        const string Peak = "VmHWM:";
        var status = $"/proc/{server.ProcessId}/status";
        if (!File.Exists(status))
            return;
        var line = File.ReadLines(status).First(one => one.StartsWith(Peak, StringComparison.Ordinal));
        var peak = long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2]) << 10;
        run.Say($"a server took {peak >> 20} MiB at its highest");
        run.Verdict.Require(
            peak <= FaultLimits.ServerMemoryMax,
            $"A server took {peak >> 20} MiB at its highest, {FaultLimits.ServerMemoryMax >> 20} are its bound (I9)");
    }
}
