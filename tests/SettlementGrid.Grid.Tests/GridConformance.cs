using SettlementGrid.Enrollees;
using SettlementGrid.Plans;
using SettlementGrid.Testing;

namespace SettlementGrid.Grid.Tests;

/// <summary>What every <see cref="IGrid"/> keeps, whatever runs the turns. An adapter's test derives from it.</summary>
public abstract class GridConformance
{
    static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    readonly ManualClock _clock = new();

    protected abstract ValueTask<IGrid> Start(ILedger ledger, CatalogSource catalogs, TimeProvider clock);

    [Fact]
    public async Task A_settlement_is_in_the_ledger_when_it_is_answered()
    {
        var (ledger, grid) = await Given_a_grid("anna");
        var settled = Assert.IsType<Answer.Settled>(await Ask(grid, Given.Settle("r1", "anna")));
        var stored = await ledger.Find(settled.Settlement.Fact.Id, default);
        Assert.Equal(stored, settled.Settlement.Recorded);
        Assert.Equal(Money.Yuan(9_600), settled.Settlement.Fact.Outcome.PlansPaid);
    }

    [Fact]
    public async Task Sixty_four_identical_calls_at_once_make_one_settlement_and_64_equal_answers()
    {
        var (ledger, grid) = await Given_a_grid("anna");
        var asked = Enumerable.Range(0, 64)
            .Select(_ => Task.Run(() => Ask(grid, Given.Settle("r1", "anna")))).ToArray();
        var answers = await Task.WhenAll(asked);
        var first = Assert.IsType<Answer.Settled>(answers[0]).Settlement.Recorded;
        Assert.All(answers, a => Assert.Equal(first, Assert.IsType<Answer.Settled>(a).Settlement.Recorded));
        Assert.Equal(2, (await ledger.Load("anna", default)).Version);
        Assert.Equal(1, ledger.MostAtOnce);
    }

    [Fact]
    public async Task Calls_of_one_person_run_one_at_a_time_in_the_order_they_were_asked()
    {
        var (ledger, grid) = await Given_a_grid("anna");
        var gate = ledger.Close("anna");
        var asked = new List<Task<Answer>> { Ask(grid, Given.Settle("r0", "anna")) };
        await gate.Arrived;
        asked.AddRange(Enumerable.Range(1, 40).Select(i => Ask(grid, Given.Settle("r" + i, "anna"))));
        gate.Open();
        var positions = (await Task.WhenAll(asked))
            .Select(a => Assert.IsType<Answer.Settled>(a).Settlement.Recorded.Position).ToList();
        Assert.Equal(positions.Order(), positions);
        Assert.Equal(1, ledger.MostAtOnce);
    }

    [Fact]
    public async Task A_person_whose_turn_hangs_delays_nobody_else()
    {
        var (ledger, grid) = await Given_a_grid("anna", "bert");
        var gate = ledger.Close("anna");
        var held = Ask(grid, Given.Settle("r1", "anna"));
        await gate.Arrived;
        Assert.IsType<Answer.Settled>(await Ask(grid, Given.Settle("r2", "bert")));
        Assert.False(held.IsCompleted);
        gate.Open();
        Assert.IsType<Answer.Settled>(await held);
    }

    [Fact]
    public async Task A_flood_on_one_person_is_refused_at_once_and_what_was_accepted_is_answered()
    {
        var (ledger, grid) = await Given_a_grid("anna");
        var gate = ledger.Close("anna");
        var asked = new List<Task<Answer>> { Ask(grid, Given.Settle("r0", "anna")) };
        await gate.Arrived;
        asked.AddRange(Enumerable.Range(1, 1_000).Select(i => Ask(grid, Given.Settle("r" + i, "anna", 10))));
        var refused = await Task.WhenAny(asked).WaitAsync(Gate.Patience);
        Assert.Equal(RefusalReason.Overloaded, Assert.IsType<Answer.Refused>(await refused).Refusal.Reason);
        gate.Open();
        var answers = await Task.WhenAll(asked);
        Assert.All(answers, a => Assert.True(
            a is Answer.Settled or Answer.Refused { Refusal.Reason: RefusalReason.Overloaded }));
        Assert.Equal(answers.Count(a => a is Answer.Settled) + 1, (await ledger.Load("anna", default)).Version);
    }

    [Fact]
    public async Task A_call_whose_deadline_has_passed_is_not_started()
    {
        var (ledger, grid) = await Given_a_grid("anna");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => grid.Ask(Given.Settle("r1", "anna"), _clock.GetUtcNow(), default).AsTask());
        Assert.Equal(1, (await ledger.Load("anna", default)).Version);
    }

    [Fact]
    public async Task A_call_whose_deadline_passes_while_it_waits_is_not_started()
    {
        var (ledger, grid) = await Given_a_grid("anna");
        var gate = ledger.Close("anna");
        var first = Ask(grid, Given.Settle("r1", "anna"), TimeSpan.FromMinutes(1));
        await gate.Arrived;
        var second = Ask(grid, Given.Settle("r2", "anna"), TimeSpan.FromSeconds(5));
        _clock.Advance(TimeSpan.FromSeconds(6));
        gate.Open();
        Assert.IsType<Answer.Settled>(await first);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.Equal(2, (await ledger.Load("anna", default)).Version);
    }

    [Fact]
    public async Task A_waiting_call_that_is_cancelled_answers_at_once_and_never_runs()
    {
        var (ledger, grid) = await Given_a_grid("anna");
        var gate = ledger.Close("anna");
        var first = Ask(grid, Given.Settle("r1", "anna"));
        await gate.Arrived;
        using var caller = new CancellationTokenSource();
        var second = grid.Ask(Given.Settle("r2", "anna"), _clock.GetUtcNow() + Deadline, caller.Token).AsTask();
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second.WaitAsync(Gate.Patience));
        Assert.False(first.IsCompleted);
        gate.Open();
        Assert.IsType<Answer.Settled>(await first);
        Assert.IsType<Answer.Settled>(await Ask(grid, Given.Settle("r3", "anna")));
        Assert.Null(await ledger.Find(Given.Request("r2", "anna").Id, default));
    }

    [Fact]
    public async Task A_turn_that_began_runs_to_its_end_when_its_caller_gives_up()
    {
        var (ledger, grid) = await Given_a_grid("anna");
        var gate = ledger.Close("anna");
        using var caller = new CancellationTokenSource();
        var asked = grid.Ask(Given.Settle("r1", "anna"), _clock.GetUtcNow() + Deadline, caller.Token).AsTask();
        await gate.Arrived;
        await caller.CancelAsync();
        gate.Open();
        Assert.IsType<Answer.Settled>(await Ask(grid, Given.Settle("r2", "anna")));
        Assert.NotNull(await ledger.Find(Given.Request("r1", "anna").Id, default));
        Assert.True(asked.IsCompleted);
    }

    [Fact]
    public async Task What_another_server_wrote_is_seen_by_the_next_turn_with_or_without_Forget()
    {
        var (ledger, grid) = await Given_a_grid("anna");
        Assert.IsType<Answer.Settled>(await Ask(grid, Given.Settle("r1", "anna")));
        var catalogs = await Given.Catalogs(ledger);
        var other = await Start(ledger, catalogs, _clock);
        Assert.IsType<Answer.Settled>(await Ask(other, Given.Settle("r2", "anna")));
        var seen = Assert.IsType<Answer.State>(await Ask(grid, new Command.GetAccount("anna")));
        Assert.Equal(3, seen.Account.Version);
        Assert.IsType<Answer.Settled>(await Ask(other, Given.Settle("r3", "anna")));
        grid.Forget(["anna", "nobody"]);
        Assert.IsType<Answer.Settled>(await Ask(grid, Given.Settle("r4", "anna")));
        Assert.Equal(5, (await ledger.Load("anna", default)).Version);
    }

    [Fact]
    public async Task A_fault_ends_its_own_turn_and_no_other()
    {
        var (ledger, grid) = await Given_a_grid("anna");
        ledger.FailNext(new InvalidDataException("damaged"));
        await Assert.ThrowsAnyAsync<InvalidDataException>(() => Ask(grid, Given.Settle("r1", "anna")));
        ledger.FailNext(new LedgerUnavailableException());
        Assert.Equal(
            RefusalReason.Unavailable,
            Assert.IsType<Answer.Refused>(await Ask(grid, Given.Settle("r1", "anna"))).Refusal.Reason);
        Assert.IsType<Answer.Settled>(await Ask(grid, Given.Settle("r1", "anna")));
    }

    async Task<(GatedLedger Ledger, IGrid Grid)> Given_a_grid(params string[] enrollees)
    {
        var ledger = new GatedLedger(await Given.Ledger(_clock, enrollees));
        return (ledger, await Start(ledger, await Given.Catalogs(ledger), _clock));
    }

    Task<Answer> Ask(IGrid grid, Command command, TimeSpan? deadline = null) =>
        grid.Ask(command, _clock.GetUtcNow() + (deadline ?? Deadline), CancellationToken.None)
            .AsTask().WaitAsync(Gate.Patience);
}
