using SettlementGrid.Faults.Running;
using SettlementGrid.Testbed;

namespace SettlementGrid.Faults.Crashes;

/// <summary>
/// A byte of the ledger's table is changed on the disk. Whoever reads that page gets an error and never wrong money;
/// `verify` says so; the rest is readable. Put right, everything is as it was.
/// </summary>
public sealed class FlippedByte : Fault
{
    const int Settled = 500;
    const int PageBytes = 8_192;

    // Rows fill a page from its end: whatever page a row is on, this part of it holds one.
    const int RowsFrom = PageBytes - 256;

    public override string Name => "flipped-byte";

    public override IReadOnlyList<int> Numbers => [10];

    public override string What => "one byte of a page of the ledger flipped on the disk";

    public override string WhatChinese => "磁盘上账本数据页翻转一个字节";

    public override async Task RunAsync(FaultRun run)
    {
        var server = (await run.ServersAsync(1))[0];
        var load = await run.LoadAsync([server]);
        await load.Hospitals.SettleAsync(Settled);
        var receipts = await load.FinishAsync();
        var table = Path.Combine(
            run.Site.Postgres.Directory.Cluster,
            (string)(await run.Site.ExecuteAsync("SELECT pg_relation_filepath('ledger.entries')"))!);
        // A page that holds a bill of this run.
        var page = (long)(await run.Site.ExecuteAsync($"""
            SELECT (ctid::text::point)[0]::bigint FROM ledger.entries
            WHERE stream_kind = 1 AND stream_id = '{load.Town.Bill(receipts[run.Draw.Next(Settled)].Number).EnrolleeId}'
            ORDER BY version DESC LIMIT 1
            """))!;
        await server.KillAsync();
        await run.Site.Postgres.StopAsync(immediate: false, CancellationToken.None);

        var at = page * PageBytes + run.Draw.Next(RowsFrom, PageBytes);
        var bit = (byte)(1 << run.Draw.Next(8));
        Flip(table, at, bit);
        run.Say($"bit {bit} of byte {at} flipped");
        await ReadsGiveNoWrongMoneyAsync(run, load, receipts);

        await run.Site.Postgres.StopAsync(immediate: false, CancellationToken.None);
        Flip(table, at, bit);
        await run.ServersAsync(1);
    }

    static async Task ReadsGiveNoWrongMoneyAsync(FaultRun run, Load load, IReadOnlyList<Receipt> receipts)
    {
        var server = (await run.ServersAsync(1))[0];
        using (var connection = new GrpcConnection(server.Place.Grpc))
        {
            var differences = await new Audit(connection, load.Town).FindAllAsync(receipts);
            run.Verdict.Require(differences.Count > 0, "Nobody noticed the flipped byte.");
            foreach (var difference in differences.Where(IsWrong))
                run.Verdict.Find($"A damaged page was read as if it were whole: {difference}");
        }
        var verified = await server.RunCommandAsync(["verify", .. server.Place.Options.Where(o => o != "--no-sample")]);
        run.Say($"verify ended with {verified.ExitCode}: {verified.Output.Split('\n')[^1]}");
        run.Verdict.Require(verified.ExitCode == 1, $"verify did not say that a page is damaged: {verified.Output}");
        await server.KillAsync();
    }

    // An error is honest; another figure, or "there is no such settlement", is not.
    static bool IsWrong(Difference difference) => difference.Kind != DifferenceKind.Lost
        || difference.Text.Contains("NotFound", StringComparison.Ordinal);

    static void Flip(string file, long at, byte bit)
    {
        using var open = new FileStream(file, FileMode.Open, FileAccess.ReadWrite);
        open.Position = at;
        var flipped = (byte)(open.ReadByte() ^ bit);
        open.Position = at;
        open.WriteByte(flipped);
    }
}
