using System.Diagnostics;
using Npgsql;
using SettlementGrid.Faults.Running;

namespace SettlementGrid.Faults.Crashes;

/// <summary>
/// A PostgreSQL process is killed in the middle of a commit. PostgreSQL then ends every session and recovers; the
/// servers live on, find out what became of their commits, and go on without a hand.
/// </summary>
public sealed class KillBackend : Fault
{
    const int Servers = 2;
    const int SettledBetween = 200;

    const string Committing = """
        SELECT pid FROM pg_stat_activity
        WHERE application_name = 'settlementgrid' AND state = 'active' AND query LIKE '%commit_entries%' LIMIT 1
        """;

    public override string Name => "kill-backend";

    public override IReadOnlyList<int> Numbers => [2];

    public override string What => "a PostgreSQL process killed (-9) during COMMIT, which restarts the whole database";

    public override string WhatChinese => "提交时强杀数据库后端进程，数据库整体重启";

    public override async Task RunAsync(FaultRun run)
    {
        var load = await run.LoadAsync(await run.ServersAsync(Servers));
        var since = Stopwatch.GetTimestamp();
        for (var kill = 1; kill == 1 || Stopwatch.GetElapsedTime(since) < run.Lasts; kill++)
        {
            await load.Hospitals.SettleAsync(run.Draw.Next(SettledBetween));
            await KillOneAsync(run);
            var killed = Stopwatch.GetTimestamp();
            await load.Hospitals.SettleAsync(1);
            run.Say($"kill {kill}: settling again after {Stopwatch.GetElapsedTime(killed).TotalSeconds:0.0} s");
        }
        await load.FinishAsync();
    }

    // Asked until a commit is under way at that moment.
    static async Task KillOneAsync(FaultRun run)
    {
        await using var connection = new NpgsqlConnection(run.Site.SuperuserConnection);
        await connection.OpenAsync();
        await using var ask = new NpgsqlCommand(Committing, connection);
        var since = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(since) < FaultLimits.AnswerMax)
        {
            if (await ask.ExecuteScalarAsync() is not int pid)
                continue;
            using var backend = Process.GetProcessById(pid);
            backend.Kill();
            await EndedAsync(ask, since);
            return;
        }
        throw new InvalidOperationException("No commit was ever under way.");
    }

    // The killed session takes all others with it, and this one shows it. A quiet machine recovers in a third of a
    // second, which the servers ride out: that no caller had to send again says nothing.
    static async Task EndedAsync(NpgsqlCommand ask, long since)
    {
        while (Stopwatch.GetElapsedTime(since) < FaultLimits.AnswerMax)
        {
            try
            {
                await ask.ExecuteScalarAsync();
            }
            catch (NpgsqlException)
            {
                return;
            }
        }
        throw new InvalidOperationException("PostgreSQL went on as if no process of it had been killed.");
    }
}
