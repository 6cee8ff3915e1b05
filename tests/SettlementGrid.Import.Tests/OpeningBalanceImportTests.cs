using SettlementGrid.Enrollees;
using SettlementGrid.Plans;

namespace SettlementGrid.Import.Tests;

public sealed class OpeningBalanceImportTests : IDisposable
{
    const string Header = "enrollee_id,plan_id,layer_id,period,position_fen,paid_fen,basic_paid_fen,source";
    readonly Town _town = new();

    [Fact]
    public async Task Balances_become_accumulators_and_each_refusal_stands_beside_its_own_row()
    {
        await _town.WithPlans();
        await _town.Done(_town.Write(
            "r.csv", "enrollee_id,region_id,insurance,coverages,identities", "P1,150502,RESIDENT,tongliao-sample,",
            "P2,150502,RESIDENT,tongliao-sample,"));
        var path = _town.Write(
            "b.csv", Header,
            "P1,tongliao-sample,critical,2026,2500000,600000,1500000,\"旧系统, 2026\"",
            "P9,tongliao-sample,critical,2026,1,0,0,x",
            "P1,no-such-plan,critical,2026,1,0,0,x",
            "P1,tongliao-sample,large,2026,1,0,0,x",
            "P1,tongliao-sample,critical,2026,1,0,0,x",
            "P1,tongliao-sample,accident,2026,1.5,0,0,x",
            "P1,tongliao-sample,accident,2026-13,1,0,0,x",
            "P1,tongliao-sample,accident,2026,-1,0,0,x",
            "P1,tongliao-sample,accident,2026,100,75,0,x",
            "P2,tongliao-sample,critical,2026,0,0,0,nothing");
        var done = await _town.Done(path);
        Assert.Equal(new ImportCounts(0, 2, 1, 7), done.Counts);
        Assert.Equal(
            [
                ("3", "ENROLLEE_UNKNOWN"), ("4", "PLAN_UNKNOWN"), ("5", "MALFORMED_REQUEST"),
                ("6", "MALFORMED_REQUEST"), ("7", "MALFORMED_REQUEST"),
                ("8", "MALFORMED_REQUEST"), ("9", "AMOUNT_OUT_OF_RANGE"),
            ],
            Rejects.Of(done.RejectsPath!).Select(r => (r.Line, r.Reason)));
        var account = await _town.Ledger.Load("P1", default);
        Assert.Equal(3, account.Version);
        Assert.Equal(
            new Accumulator(Money.Yuan(25_000), Money.Yuan(6_000), Money.Yuan(15_000), 0),
            account.Accumulators[new AccumulatorKey("tongliao-sample", "critical", new Period(2026))]);

        // Again: the same, and no fact.
        var head = await _town.Ledger.ReadHead(default);
        Assert.Equal(new ImportCounts(0, 0, 3, 7), (await _town.Done(path)).Counts);
        Assert.Equal(head, await _town.Ledger.ReadHead(default));
    }

    public void Dispose() => _town.Dispose();
}
