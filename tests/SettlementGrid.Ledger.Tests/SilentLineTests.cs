using SettlementGrid.Enrollees;
using SettlementGrid.Ledger.Tests.Kit;
using SettlementGrid.Testbed.Proxying;
using static SettlementGrid.Ledger.Tests.Kit.Storing;

namespace SettlementGrid.Ledger.Tests;

/// <summary>A database that is parted from its server: nothing passes and neither side is told.</summary>
[Collection(OnPostgres.Name)]
public sealed class SilentLineTests(PostgresFixture postgres)
{
    readonly ShiftedClock _clock = new();

    [Fact]
    public async Task A_reading_that_a_silent_line_swallows_is_unavailable_before_its_caller_gives_up()
    {
        var database = await postgres.NewDatabase();
        await using var proxy = new DatabaseProxy(database);
        var clock = new HurriedClock(_clock);
        await using var ledger = await PostgresFixture.Open(proxy.ConnectionString, clock);
        await Stored(ledger, Make.Enrolled("p1", _clock.Now));
        var settled = Make.Settled(Make.Request("p1", "r1"));
        proxy.Part();
        clock.Hurries = true;

        foreach (var read in (Func<Task>[])
        [
            async () => await ledger.Load("p1", default),
            async () => await ledger.Confirm(new Question("p1", null, null), default),
            .. EveryPage.Of(ledger, settled, _clock.Now),
        ])
        {
            // Without a bound of its own it would end some seconds after its statement's time.
            await Assert.ThrowsAsync<LedgerUnavailableException>(
                () => read().WaitAsync(LedgerLimits.StatementTimeMax));
        }

        clock.Hurries = false;
        proxy.Heal();
        Assert.Equal(1, (await ledger.Load("p1", default)).Version);
        Assert.Equal(1, (await ledger.ReadHead(default)).Position);
        await Clean(database);
    }

    [Fact]
    public async Task Whoever_gives_up_a_reading_on_a_silent_line_is_let_go()
    {
        await using var proxy = new DatabaseProxy(await postgres.NewDatabase());
        await using var ledger = await PostgresFixture.Open(proxy.ConnectionString, _clock);
        await Stored(ledger, Make.Enrolled("p1", _clock.Now));
        proxy.Part();
        using var gaveUp = new CancellationTokenSource();
        // More than the pool has connections: some are sent, some wait for one.
        var readings = Enumerable.Range(0, 2 * LedgerLimits.ListConnectionsMax)
            .Select(Task (_) => ledger.ReadTail(0, 10, gaveUp.Token).AsTask()).ToList();
        readings.Add(ledger.Load("p1", gaveUp.Token).AsTask());

        await gaveUp.CancelAsync();

        foreach (var reading in readings)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        proxy.Heal();
        Assert.Single(await ledger.ReadTail(0, 10, default));
    }
}
