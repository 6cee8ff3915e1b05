using SettlementGrid.Faults.Running;
using SettlementGrid.Postgres;
using SettlementGrid.Testbed;

namespace SettlementGrid.Faults.Crashes;

/// <summary>
/// A server does not start on a PostgreSQL whose COMMIT may be forgotten, and says which setting it is; without data
/// checksums it starts and warns.
/// </summary>
public sealed class UnsafeSettings : Fault
{
    static readonly string[] s_settings = ["fsync", "full_page_writes", "synchronous_commit"];

    public override string Name => "unsafe-settings";

    public override IReadOnlyList<int> Numbers => [9];

    public override string What => "fsync, full_page_writes or synchronous_commit off: refused; checksums off: warned";

    public override string WhatChinese => "不安全的数据库设置：拒绝启动或警告";

    public override async Task RunAsync(FaultRun run)
    {
        await run.Site.ServersAsync(1);
        // A start takes seconds: the slice tries one of them.
        var tried = run.IsSlice ? [s_settings[run.Draw.Next(s_settings.Length)]] : s_settings;
        foreach (var setting in tried)
            await RefusedAsync(run, setting);
        await WithoutChecksumsAsync(run);
    }

    static async Task RefusedAsync(FaultRun run, string setting)
    {
        await run.Site.ExecuteAsync($"ALTER SYSTEM SET {setting} = off");
        await run.Site.ExecuteAsync("SELECT pg_reload_conf()");
        try
        {
            var server = await RunningServer.StartAsync(Site.Place(run.Site.Connection));
            await Site.EndAsync(server);
            run.Verdict.Find($"A server started with {setting} = off");
        }
        catch (InvalidOperationException refused)
        {
            run.Verdict.Require(
                refused.Message.Contains($"{setting} is off", StringComparison.Ordinal),
                $"With {setting} = off a server ended without saying why: {refused.Message}");
            run.Say($"{setting} = off: refused");
        }
        await run.Site.ExecuteAsync($"ALTER SYSTEM RESET {setting}");
        await run.Site.ExecuteAsync("SELECT pg_reload_conf()");
    }

    static async Task WithoutChecksumsAsync(FaultRun run)
    {
        await ChecksumsAsync(run.Site.Postgres, "--disable");
        var server = await RunningServer.StartAsync(Site.Place(run.Site.Connection));
        run.Verdict.Require(
            server.Output.Contains("checksums are off", StringComparison.Ordinal),
            $"A server said nothing of checksums that are off: {server.Output}");
        run.Say("checksums off: started with a warning");
        await Site.EndAsync(server);
        await ChecksumsAsync(run.Site.Postgres, "--enable");
    }

    static async Task ChecksumsAsync(PostgresInstance postgres, string change)
    {
        await postgres.StopAsync(immediate: false, CancellationToken.None);
        var user = await DatabaseUser.ChooseAsync(_ => { }, CancellationToken.None);
        var ran = await ChildProgram.RunAsync(
            user.As(postgres.Binaries.Program("pg_checksums"), change, "-D", postgres.Directory.Cluster), "/",
            TestbedLimits.CommandMax, CancellationToken.None);
        await postgres.StartAgainAsync(CancellationToken.None);
        if (!ran.Succeeded)
            throw new FaultSkippedException($"pg_checksums does not run here: {ran.Output}");
    }
}
