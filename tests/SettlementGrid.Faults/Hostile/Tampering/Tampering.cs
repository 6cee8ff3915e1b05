using SettlementGrid.Faults.Running;
using SettlementGrid.Ledger.Verification;
using SettlementGrid.Server.Composition;
using SettlementGrid.Testbed;

namespace SettlementGrid.Faults.Hostile.Tampering;

/// <summary>
/// Somebody who owns the database changes the ledger in each way there is: verification names person, year and version,
/// and what leaves everything in order is named by the signed head that was kept elsewhere.
/// </summary>
public sealed class LedgerTampering : Fault
{
    const int Persons = 8;
    const int Bills = 60;

    // Two more must follow the one that is changed.
    const int VersionsMin = 5;

    public override string Name => "tampering";

    public override IReadOnlyList<int> Numbers => [41];

    public override string What => "a superuser changes, deletes, swaps, forges and rewrites rows of the ledger";

    public override string WhatChinese => "超级用户篡改、删除、伪造、重写账本";

    public override bool Shares => false;

    public override async Task RunAsync(FaultRun run)
    {
        var server = await RunningServer.StartAsync(Site.Place(run.Site.Connection));
        var elsewhere = Path.Combine(Path.GetTempPath(), $"settlementgrid-anchor-{Environment.ProcessId}-{run.Seed}");
        try
        {
            await SettleAsync(run, server);
            // The stop signs the last head; then the file goes where the database's owner does not reach.
            run.Verdict.Require(await server.StopAsync() == 0, "The server did not stop well.");
            var anchor = new RunSettings(new DatabasePlace(server.Place.DataFolder, null)).AnchorPath;
            File.Copy(anchor, elsewhere, overwrite: true);
            File.Copy(anchor + ".pub", elsewhere + ".pub", overwrite: true);
            await ChangeAllAsync(run, elsewhere);
        }
        finally
        {
            await Site.EndAsync(server);
            File.Delete(elsewhere);
            File.Delete(elsewhere + ".pub");
        }
    }

    static async Task SettleAsync(FaultRun run, RunningServer server)
    {
        var town = await run.TownAsync(server, Persons);
        using var connection = new GrpcConnection(server.Place.Grpc);
        for (var number = 1; number <= Bills; number++)
            _ = (await connection.CallAsync(GrpcMethods.Settle, town.Bill(number))).Required;
        run.Verdict.Acknowledged = Bills;
    }

    static async Task ChangeAllAsync(FaultRun run, string anchor)
    {
        await using var ledger = await LedgerCopy.OfAsync(run.Site.SuperuserConnection);
        var place = await PlaceAsync(run, ledger);
        run.Verdict.Require((await VerifyAsync(run, anchor)).IsClean, "Verification blames an honest ledger.");
        foreach (var change in Change.All)
        {
            await ledger.ChangeAsync(change.Sql(place));
            var alone = await VerifyAsync(run, null);
            var anchored = await VerifyAsync(run, anchor);
            var named = anchored.Findings.FirstOrDefault(finding => change.Names(place, finding));
            run.Say($"{change.What}: {named?.ToString() ?? "not named"}");
            run.Verdict.Require(
                named is not null, $"{change.What} at {place}: not named by {string.Join("; ", anchored.Findings)}");
            run.Verdict.Require(
                change.IsInOrder == alone.IsClean,
                $"{change.What} at {place}: without the anchor {string.Join("; ", alone.Findings)}");
            await ledger.UndoAsync();
        }
        run.Verdict.Require((await VerifyAsync(run, anchor)).IsClean, "The last change was not undone.");
    }

    static Task<VerificationReport> VerifyAsync(FaultRun run, string? anchor) =>
        new LedgerVerification(run.Site.Connection, Engine.ReadPublished, anchor).Run(null, CancellationToken.None);

    static async Task<Place> PlaceAsync(FaultRun run, LedgerCopy ledger)
    {
        const string histories = """
            FROM (
                SELECT stream_id, count(*) AS versions FROM ledger.entries
                WHERE stream_kind = 1 GROUP BY stream_id) AS h
            """;
        var persons = await ledger.NumberAsync($"SELECT count(*) {histories} WHERE versions >= {VersionsMin}");
        var nth = run.Draw.NextInt64(persons);
        var chosen = $"{histories} WHERE versions >= {VersionsMin} ORDER BY stream_id OFFSET {nth} LIMIT 1";
        var versions = await ledger.NumberAsync($"SELECT versions {chosen}");
        return new Place(
            await ledger.TextAsync($"SELECT stream_id {chosen}"), run.Draw.NextInt64(2, versions - 1), Town.Year,
            await ledger.NumberAsync("SELECT position FROM ledger.head"),
            await ledger.NumberAsync("SELECT number FROM ledger.head"));
    }
}
