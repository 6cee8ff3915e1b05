using System.Diagnostics.Metrics;
using SettlementGrid.Enrollees;
using SettlementGrid.Plans;
using SettlementGrid.Testing;

namespace SettlementGrid.Grid.Tests;

public sealed class Mailboxes_conformance : GridConformance, IDisposable
{
    readonly List<Mailboxes> _started = [];

    protected override ValueTask<IGrid> Start(ILedger ledger, CatalogSource catalogs, TimeProvider clock)
    {
        _started.Add(new Mailboxes(ledger, catalogs, clock, TaskScheduler.Default));
        return new(_started[^1]);
    }

    public void Dispose() => _started.ForEach(m => m.Dispose());
}

/// <summary>What mailboxes promise beyond the port: exact bounds, warm accounts, a graceful stop, figures.</summary>
public sealed class Mailboxes_tests : IDisposable
{
    readonly ManualClock _clock = new();
    readonly List<Mailboxes> _started = [];

    public void Dispose() => _started.ForEach(m => m.Dispose());

    [Fact]
    public async Task Behind_a_running_turn_128_calls_wait_and_the_next_is_refused_on_the_spot()
    {
        var (ledger, grid) = await Started(new GridBounds(), "anna", "bert");
        var gate = ledger.Close("anna");
        var accepted = new List<Task<Answer>> { Ask(grid, Given.Settle("r0", "anna")) };
        await gate.Arrived;
        for (var i = 1; i <= Limits.PersonQueueMax; i++)
            accepted.Add(Ask(grid, Given.Settle("r" + i, "anna", 10)));
        var over = Ask(grid, Given.Settle("over", "anna"));
        Assert.True(over.IsCompletedSuccessfully);
        AssertRefused(RefusalReason.Overloaded, await over);
        Assert.All(accepted, a => Assert.False(a.IsCompleted));
        Assert.IsType<Answer.Settled>(await Ask(grid, Given.Settle("b", "bert")));
        gate.Open();
        Assert.All(await Task.WhenAll(accepted), a => Assert.IsType<Answer.Settled>(a));
    }

    [Fact]
    public async Task All_persons_together_are_bounded_too_and_room_returns_with_the_answers()
    {
        var (ledger, grid) = await Started(new GridBounds(PersonQueueMax: 2, CallsMax: 2), "anna", "bert", "carl");
        var gates = new[] { ledger.Close("anna"), ledger.Close("bert") };
        var accepted = new[] { Ask(grid, Given.Settle("a", "anna")), Ask(grid, Given.Settle("b", "bert")) };
        var over = Ask(grid, Given.Settle("c", "carl"));
        Assert.True(over.IsCompletedSuccessfully);
        AssertRefused(RefusalReason.Overloaded, await over);
        foreach (var gate in gates)
            gate.Open();
        await Task.WhenAll(accepted);
        Assert.True(await grid.Drain(Gate.Patience));
        Assert.Equal(0, Figure("calls"));
    }

    [Fact]
    public async Task An_idle_account_stays_warm_until_its_room_is_needed()
    {
        var (ledger, grid) = await Started(new GridBounds(WarmCountMax: 2, Shards: 1), "anna", "bert", "carl");
        var asked = new[] { ("anna", 1), ("bert", 1), ("anna", 1), ("carl", 1), ("anna", 1), ("bert", 2) };
        foreach (var (person, loads) in asked)
        {
            await Ask(grid, new Command.GetAccount(person));
            Assert.Equal(loads, ledger.Loads(person));
            await Idle();
        }
        Assert.Equal(2, Figure("warm_accounts"));
        Assert.Equal(2, Figure("evictions"));
        Assert.Equal(4, Figure("cold_loads"));
    }

    [Fact]
    public async Task Warm_accounts_are_bounded_by_what_they_keep_alive()
    {
        var (ledger, grid) = await Started(new GridBounds(WarmBytesMax: 800, Shards: 1), "anna", "bert", "carl");
        foreach (var person in new[] { "anna", "bert", "carl", "bert", "anna" })
        {
            await Ask(grid, new Command.GetAccount(person));
            await Idle();
            Assert.InRange(Figure("warm_bytes"), 1, 800);
        }
        Assert.Equal((2, 1, 1), (ledger.Loads("anna"), ledger.Loads("bert"), ledger.Loads("carl")));
    }

    [Fact]
    public async Task Without_room_for_warm_accounts_every_turn_loads()
    {
        var (ledger, grid) = await Started(new GridBounds(WarmCountMax: 0), "anna");
        await Ask(grid, new Command.GetAccount("anna"));
        await Idle();
        await Ask(grid, new Command.GetAccount("anna"));
        Assert.Equal(2, ledger.Loads("anna"));
    }

    [Fact]
    public async Task Forget_drops_an_idle_account()
    {
        var (ledger, grid) = await Started(new GridBounds(), "anna");
        await Ask(grid, Given.Settle("r1", "anna"));
        await Idle();
        grid.Forget(["anna"]);
        Assert.Equal(0, Figure("warm_accounts"));
        await Ask(grid, Given.Settle("r2", "anna"));
        Assert.Equal(2, ledger.Loads("anna"));
    }

    [Fact]
    public async Task Forget_during_a_turn_keeps_its_account_from_the_turns_after_it()
    {
        var (ledger, grid) = await Started(new GridBounds(), "anna");
        var gate = ledger.Close("anna");
        var running = Ask(grid, Given.Settle("r1", "anna"));
        await gate.Arrived;
        var waiting = Ask(grid, Given.Settle("r2", "anna"));
        grid.Forget(["anna"]);
        gate.Open();
        Assert.IsType<Answer.Settled>(await running);
        Assert.IsType<Answer.Settled>(await waiting);
        Assert.Equal(2, ledger.Loads("anna"));
        await Idle();

        // And where nobody waits behind it, it is not written back to the warm ones either.
        gate = ledger.Close("anna");
        running = Ask(grid, Given.Settle("r3", "anna"));
        await gate.Arrived;
        grid.Forget(["anna"]);
        gate.Open();
        await running;
        await Idle();
        Assert.Equal(0, Figure("warm_accounts"));
    }

    [Fact]
    public async Task Drain_gives_accepted_calls_their_turns_and_refuses_new_ones()
    {
        var (ledger, grid) = await Started(new GridBounds(), "anna", "bert");
        var gate = ledger.Close("anna");
        var accepted = new[] { Ask(grid, Given.Settle("r1", "anna")), Ask(grid, Given.Settle("r2", "anna")) };
        await gate.Arrived;
        var drained = grid.Drain(TimeSpan.FromSeconds(10));
        AssertRefused(RefusalReason.Unavailable, await Ask(grid, Given.Settle("r3", "anna")));
        AssertRefused(RefusalReason.Unavailable, await Ask(grid, Given.Settle("r4", "bert")));
        Assert.False(drained.IsCompleted);
        gate.Open();
        Assert.True(await drained.WaitAsync(Gate.Patience));
        Assert.All(await Task.WhenAll(accepted), a => Assert.IsType<Answer.Settled>(a));
    }

    [Fact]
    public async Task Drain_ends_at_its_bound_with_an_honest_answer_for_everybody()
    {
        var (ledger, grid) = await Started(new GridBounds(), "anna");
        var gate = ledger.Close("anna");
        var running = Ask(grid, Given.Settle("r1", "anna"), TimeSpan.FromMinutes(5));
        await gate.Arrived;
        var waiting = Ask(grid, Given.Settle("r2", "anna"), TimeSpan.FromMinutes(5));
        var drained = grid.Drain(TimeSpan.FromSeconds(10));
        _clock.Advance(TimeSpan.FromSeconds(11));
        Assert.False(await drained.WaitAsync(Gate.Patience));
        AssertRefused(RefusalReason.Unavailable, await waiting);
        AssertRefused(RefusalReason.Unavailable, await running);
        Assert.Equal(1, (await ledger.Load("anna", default)).Version);
    }

    [Fact]
    public async Task Turns_run_on_the_given_scheduler_alone()
    {
        var scheduler = new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler;
        var ledger = new SchedulerWatch(await Given.Ledger(_clock, "anna"));
        _started.Add(new Mailboxes(ledger, await Given.Catalogs(ledger), _clock, scheduler));
        Assert.IsType<Answer.Settled>(await Ask(_started[0], Given.Settle("r1", "anna")));
        Assert.NotEmpty(ledger.Seen);
        Assert.All(ledger.Seen, s => Assert.Same(scheduler, s));
    }

    [Fact]
    public async Task Under_load_from_many_threads_every_answer_is_in_the_ledger_and_nobody_has_two_turns_at_once()
    {
        var persons = Enumerable.Range(0, 12).Select(i => "p" + i).ToArray();
        var (ledger, grid) = await Started(new GridBounds(8, 64, WarmCountMax: 4, Shards: 2), persons);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(c => Task.Run(() => Load(grid, persons, c))));
        Assert.True(await grid.Drain(Gate.Patience));
        var settled = answers.SelectMany(a => a).ToList();
        Assert.All(settled, s => Assert.Equal(s, ledger.Find(s.Entry.RequestKey!.Value, default).AsTask().Result));
        var versions = await Task.WhenAll(persons.Select(async p => (await ledger.Load(p, default)).Version - 1));
        Assert.True(settled.Count is > 0 && settled.Count <= versions.Sum());
        Assert.Equal(1, ledger.MostAtOnce);
        Assert.Equal((0, 0), (Figure("calls"), Figure("mailboxes")));
        Assert.InRange(Figure("warm_accounts"), 0, 4);
    }

    async Task<List<Recorded>> Load(Mailboxes grid, string[] persons, int caller)
    {
        var random = new Random(caller);
        var settled = new List<Recorded>();
        for (var i = 0; i < 400; i++)
        {
            using var cancellation = new CancellationTokenSource();
            var person = persons[random.Next(persons.Length)];
            var asked = grid.Ask(
                Given.Settle($"r{caller}-{i}", person, 10), _clock.GetUtcNow().AddSeconds(10), cancellation.Token)
                    .AsTask();
            if (random.Next(4) == 0)
                grid.Forget([person]);
            if (random.Next(4) == 0)
                await cancellation.CancelAsync();
            try
            {
                if (await asked.WaitAsync(Gate.Patience) is Answer.Settled answer)
                    settled.Add(answer.Settlement.Recorded);
            }
            catch (OperationCanceledException)
            {
                // Cancelled before its turn: it was never started.
            }
        }
        return settled;
    }

    [Theory]
    [InlineData(0, 1, 1, 1)]
    [InlineData(2, 1, 1, 1)]
    [InlineData(1, 1, 3, 4)]
    public void Bounds_that_cannot_hold_together_are_refused(int personQueue, int calls, int warm, int shards) =>
        Assert.Throws<ArgumentException>(() => new GridBounds(personQueue, calls, warm, 1, shards).Check());

    async Task<(GatedLedger Ledger, Mailboxes Grid)> Started(GridBounds bounds, params string[] enrollees)
    {
        var ledger = new GatedLedger(await Given.Ledger(_clock, enrollees));
        var grid = new Mailboxes(ledger, await Given.Catalogs(ledger), _clock, TaskScheduler.Default, bounds);
        _started.Add(grid);
        return (ledger, grid);
    }

    Task<Answer> Ask(Mailboxes grid, Command command, TimeSpan? deadline = null)
    {
        var asked = grid.Ask(command, _clock.GetUtcNow() + (deadline ?? TimeSpan.FromSeconds(10)), default).AsTask();
        return asked.IsCompleted ? asked : asked.WaitAsync(Gate.Patience);
    }

    /// <summary>The loop retires its mailbox just after the answer: spins until it has.</summary>
    async Task Idle()
    {
        using var patience = new CancellationTokenSource(Gate.Patience);
        while (Figure("mailboxes") > 0)
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    long Figure(string name)
    {
        long? value = null;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter == _started[0].Meter && instrument.Name == "settlementgrid.grid." + name)
                l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, measured, _, _) => value = measured);
        listener.Start();
        listener.RecordObservableInstruments();
        return value ?? throw new InvalidOperationException($"There is no figure {name}.");
    }

    sealed class SchedulerWatch(ILedger inner) : LedgerAround(inner)
    {
        public List<TaskScheduler> Seen { get; } = [];

        public override async ValueTask<Account> Load(string enrolleeId, CancellationToken cancellation)
        {
            Seen.Add(TaskScheduler.Current);
            await Task.Yield();
            Seen.Add(TaskScheduler.Current);
            return await base.Load(enrolleeId, cancellation);
        }

        public override ValueTask<AppendOutcome> Append(Append append, CancellationToken cancellation)
        {
            Seen.Add(TaskScheduler.Current);
            return base.Append(append, cancellation);
        }
    }

    static void AssertRefused(RefusalReason reason, Answer answer) =>
        Assert.Equal(reason, Assert.IsType<Answer.Refused>(answer).Refusal.Reason);
}
