using SettlementGrid.Plans;
using SettlementGrid.Testing;

namespace SettlementGrid.Enrollees.Tests.Turns;

/// <summary>What a turn answers while another server writes between two of its steps.</summary>
public sealed class Second_server_tests
{
    readonly ManualClock _clock = new();

    [Fact]
    public async Task A_plan_loaded_between_decision_and_append_never_passes_for_the_one_decided_under()
    {
        var ledger = new Disturbed(await Given.Ledger(_clock));
        await Given.Enrol(ledger, _clock, "anna", GivenPlans.Supplement);
        var catalogs = await Given.Catalogs(ledger);
        // The clock is read once the turn has its catalog: there another turn loads a newer one.
        var clock = new Interrupting(_clock, () =>
        {
            Done(GivenPlans.Publish(ledger, GivenPlans.SupplementPaying(40), _clock.GetUtcNow()));
            Done(catalogs.Refresh(default).AsTask());
        });
        var anna = new Enrollee("anna", ledger, catalogs, clock);
        var before = ledger.Appends;

        var answer = await anna.Turn(Given.Settle("r1", "anna", 11_000), default);

        var settled = Assert.IsType<Answer.Settled>(answer).Settlement.Fact;
        Assert.Equal(2, Assert.Single(settled.Outcome.Counted).Version);
        Assert.Equal(Money.Yuan(4_000), settled.Outcome.PlansPaid);
        // The publication's own, the one that lost, the one that was stored.
        Assert.Equal(before + 3, ledger.Appends);
        Assert.IsType<AppendOutcome.CatalogMoved>(ledger.Outcomes[^2]);
    }

    [Fact]
    public async Task A_dry_run_shows_account_and_adjustments_of_one_moment()
    {
        var person = await Person.Enrolled();
        var original = await person.Settle("r1", 30_000);
        var ledger = new BetweenLookAndHistory(person.Ledger);
        var catalogs = await Given.Catalogs(person.Ledger);
        var anna = new Enrollee("anna", ledger, catalogs, person.Clock);
        ledger.Meanwhile = () => person.Settle("r2", 20_000, server: 1);

        var shown = Assert.IsType<Answer.Settled>(
            await anna.Turn(Person.Reverse("x1", original, dryRun: true), default)).Settlement;

        // Version 3 was settled while the turn was under way; the adjustment of it is shown, so it must be stood on.
        Assert.Equal(4, shown.Recorded.Entry.Version);
        Assert.Single(shown.Adjustments);
        var real = await person.Settled(Person.Reverse("x1", original), server: 1);
        Assert.Equal(real.Recorded.Entry.Body, shown.Recorded.Entry.Body);
        Assert.Equal(
            real.Adjustments.Select(a => a.Recorded.Entry.Body), shown.Adjustments.Select(a => a.Recorded.Entry.Body));
    }

    [Fact]
    public async Task A_reading_is_given_after_one_load_however_often_others_write_meanwhile()
    {
        var person = await Person.Enrolled();
        await person.Settle("r0");
        var ledger = new BeforeEveryLoad(person.Ledger);
        var anna = new Enrollee("anna", ledger, await Given.Catalogs(person.Ledger), person.Clock);
        Assert.IsType<Answer.State>(await anna.Turn(new Command.GetAccount("anna"), default));
        var number = 0;
        ledger.Meanwhile = () => person.Settle($"r{++number}", 1_000, server: 1);
        await person.Settle("r", 1_000, server: 1);
        var acknowledged = (await person.Account()).Version;

        var state = Assert.IsType<Answer.State>(await anna.Turn(new Command.GetAccount("anna"), default));

        Assert.Equal(acknowledged + 1, state.Account.Version);
        Assert.Equal(1, number);
    }

    [Fact]
    public async Task A_settlement_of_a_plan_published_elsewhere_is_explained_with_it()
    {
        var person = await Person.Enrolled();
        var catalogs = await Given.Catalogs(person.Ledger);
        await GivenPlans.Publish(person.Ledger, GivenPlans.TongliaoText + "\n# again\n", person.Clock.GetUtcNow());
        var settled = (await person.Settle("r1")).Fact;
        var (planId, version) = settled.Outcome.Counted[0];
        Assert.Null(catalogs.Current.Find(planId, version));

        var catalog = await catalogs.Knowing(settled, default);

        Assert.NotNull(catalog.Find(planId, version));
        Assert.Same(catalog, await catalogs.Knowing(settled, default));
    }

    static void Done(Task task) => Assert.True(task.IsCompletedSuccessfully, "The ledger in memory answers at once.");

    /// <summary>Does something the first time it is asked.</summary>
    sealed class Interrupting(TimeProvider inner, Action first) : TimeProvider
    {
        Action? _first = first;

        public override DateTimeOffset GetUtcNow()
        {
            Interlocked.Exchange(ref _first, null)?.Invoke();
            return inner.GetUtcNow();
        }
    }

    /// <summary>Lets something happen once, before the person's entries are read.</summary>
    sealed class BetweenLookAndHistory(ILedger inner) : LedgerAround(inner)
    {
        public Func<Task>? Meanwhile { get; set; }

        public override async ValueTask<IReadOnlyList<Recorded>> ReadStream(
            StreamKey stream, long fromVersion, int max, CancellationToken cancellation)
        {
            if (Meanwhile is { } meanwhile)
            {
                Meanwhile = null;
                await meanwhile();
            }
            return await base.ReadStream(stream, fromVersion, max, cancellation);
        }
    }

    /// <summary>Lets something happen before every load.</summary>
    sealed class BeforeEveryLoad(ILedger inner) : LedgerAround(inner)
    {
        public Func<Task>? Meanwhile { get; set; }

        public override async ValueTask<Account> Load(string enrolleeId, CancellationToken cancellation)
        {
            if (Meanwhile is { } meanwhile)
                await meanwhile();
            return await base.Load(enrolleeId, cancellation);
        }
    }
}
