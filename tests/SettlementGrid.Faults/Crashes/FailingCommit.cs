using SettlementGrid.Api;
using SettlementGrid.Faults.Running;

namespace SettlementGrid.Faults.Crashes;

/// <summary>
/// One person's rows pass every statement and fail only when PostgreSQL commits (a constraint checked at the end): the
/// whole batch is rolled back after all its statements said yes. Nobody may be acknowledged from it; that person is
/// refused, everybody else is stored by another try.
/// </summary>
public sealed class FailingCommit : Fault
{
    const int Poisoned = 0;
    const int SettledMin = 400;

    public override string Name => "failing-commit";

    public override IReadOnlyList<int> Numbers => [5];

    public override string What => "one person's rows fail at COMMIT, after every statement of the batch succeeded";

    public override string WhatChinese => "某一参保人的记录在提交时才失败";

    public override async Task RunAsync(FaultRun run)
    {
        var servers = await run.ServersAsync(2);
        var habits = FaultLimits.Closed with { MayRefuse = answer => answer.Status == GrpcStatus.Internal };
        var load = await run.LoadAsync(servers, habits);
        var poisoned = load.Town.PersonId(Poisoned);
        await load.Hospitals.SettleAsync(SettledMin);
        await run.Site.ExecuteAsync($"""
            CREATE FUNCTION public.fail_at_commit() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION 'made to fail' USING ERRCODE = 'check_violation'; END $$;
            CREATE CONSTRAINT TRIGGER fail_at_commit AFTER INSERT ON ledger.entries DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW WHEN (NEW.stream_id = '{poisoned}') EXECUTE FUNCTION public.fail_at_commit();
            """);
        try
        {
            while (load.Hospitals.Refusals().Count == 0)
                await load.Hospitals.SettleAsync(SettledMin);
            await load.Hospitals.SettleAsync(SettledMin);
        }
        finally
        {
            await run.Site.ExecuteAsync(
                "DROP TRIGGER fail_at_commit ON ledger.entries; DROP FUNCTION public.fail_at_commit()");
        }
        await load.FinishAsync();
        var refused = load.Hospitals.Refusals();
        run.Say($"{refused.Count} bills of one person refused at COMMIT");
        run.Verdict.Require(
            refused.All(one => load.Town.Bill(one.Number).EnrolleeId == poisoned),
            $"Somebody else was refused as well: {string.Join("; ", refused.Take(3))}");
    }
}
