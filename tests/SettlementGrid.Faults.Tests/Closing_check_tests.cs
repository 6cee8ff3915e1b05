using SettlementGrid.Faults.Checking;
using SettlementGrid.Faults.Running;
using SettlementGrid.Testbed;

namespace SettlementGrid.Faults.Tests;

/// <summary>What looks for lost, double and differing settlements finds each of them when it is there.</summary>
public sealed class Closing_check_tests
{
    [Fact]
    public async Task A_settlement_taken_out_of_the_ledger_is_lost_and_one_changed_behind_its_back_differs()
    {
        var spoiling = new Spoiling();
        await using var runner = new FaultRunner();

        var verdict = await runner.RunAsync(spoiling, 1, FaultLimits.SliceRun, _ => { });

        Assert.True(verdict.Lost > 0, string.Join('\n', verdict.Findings));
        Assert.True(verdict.Differing > 0, string.Join('\n', verdict.Findings));
        Assert.Contains(verdict.Findings, finding => finding.StartsWith("verify:", StringComparison.Ordinal));
        Assert.False(verdict.IsClean);

        // The same receipts: as they were acknowledged, with another amount, with one missing in a person's middle.
        var (town, receipts) = (spoiling.Town!, spoiling.Receipts!);
        Assert.Empty(Model.Differences(town, receipts));
        var first = receipts.First(receipt => receipt.AccountVersion == 2);
        Assert.Equal(DifferenceKind.Differing, Assert.Single(Model.Differences(
            town, receipts.Select(one => one == first ? one with { PlansPaidFen = one.PlansPaidFen + 1 } : one))).Kind);
        Assert.NotEmpty(Model.Differences(town, receipts.Where(one => one != first)));
    }

    /// <summary>No fault of the list: it does what the product must make impossible.</summary>
    sealed class Spoiling : Fault
    {
        public Town? Town { get; private set; }

        public IReadOnlyList<Receipt>? Receipts { get; private set; }

        public override string Name => "spoiling";

        public override IReadOnlyList<int> Numbers => [41];

        public override string What => "a row deleted, a row changed";

        public override string WhatChinese => "删改账本";

        public override bool Shares => false;

        public override async Task RunAsync(FaultRun run)
        {
            var load = await run.LoadAsync(await run.ServersAsync(1), persons: 20);
            await load.Hospitals.SettleAsync(200);
            (Town, Receipts) = (load.Town, await load.FinishAsync());
            var (deleted, changed) = (Newest(load.Town.PersonId(1)), Newest(load.Town.PersonId(2)));
            await run.Site.ExecuteAsync($"""
                SET session_replication_role = replica;
                DELETE FROM ledger.entries WHERE {deleted};
                UPDATE ledger.entries SET body = set_byte(body, length(body) / 2, get_byte(body, length(body) / 2) # 1)
                WHERE {changed}
                """);
        }

        static string Newest(string person) => $"stream_kind = 1 AND stream_id = '{person}' AND version = "
            + $"(SELECT max(version) FROM ledger.entries WHERE stream_kind = 1 AND stream_id = '{person}')";
    }
}
