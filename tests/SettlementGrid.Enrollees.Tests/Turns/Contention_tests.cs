using SettlementGrid.Plans;
using SettlementGrid.Testing;

namespace SettlementGrid.Enrollees.Tests.Turns;

/// <summary>
/// Turns whose append is lost, late, refused or broken: what was answered is durable, nothing else is.
/// </summary>
public sealed class Contention_tests
{
    readonly ManualClock _clock = new();

    async Task<(Disturbed Ledger, Enrollee Anna, CatalogSource Catalogs)> Anna()
    {
        var ledger = new Disturbed(await Given.Ledger(_clock, "anna"));
        var catalogs = await Given.Catalogs(ledger);
        return (ledger, new Enrollee("anna", ledger, catalogs, _clock), catalogs);
    }

    static async Task<Settlement> Settled(Enrollee anna, string id, decimal eligible = 1_000) =>
        Assert.IsType<Answer.Settled>(await anna.Turn(Given.Settle(id, "anna", eligible), default)).Settlement;

    static async Task<Refusal> Refused(Enrollee anna, Command command) =>
        Assert.IsType<Answer.Refused>(await anna.Turn(command, default)).Refusal;

    [Fact]
    public async Task Who_loses_the_version_eight_times_is_told_that_others_write()
    {
        var (ledger, anna, _) = await Anna();
        ledger.Next(_ => new AppendOutcome.VersionTaken(), Limits.DecisionsPerTurnMax);
        var refusal = await Refused(anna, Given.Settle("r1", "anna"));
        Assert.Equal(RefusalReason.Overloaded, refusal.Reason);
        Assert.Contains("Others keep writing", refusal.MessageEn);
        Assert.Contains("正被多处同时办理", refusal.MessageZh);
        Assert.Equal((8, 8), (ledger.Appends, ledger.Loads));
        ledger.Next(_ => new AppendOutcome.VersionTaken(), Limits.DecisionsPerTurnMax - 1);
        await Settled(anna, "r1");
        Assert.Equal(16, ledger.Appends);
    }

    [Fact]
    public async Task A_full_queue_or_a_late_turn_is_refused_and_the_next_one_goes_on()
    {
        foreach (var outcome in new AppendOutcome[] { new AppendOutcome.Overloaded(), new AppendOutcome.Expired() })
        {
            var (ledger, anna, _) = await Anna();
            ledger.Next(_ => outcome);
            var refusal = await Refused(anna, Given.Settle("r1", "anna"));
            Assert.Equal(RefusalReason.Overloaded, refusal.Reason);
            Assert.Contains("queue is full", refusal.MessageEn);
            Assert.Contains("本次未入账", refusal.MessageZh);
            Assert.Equal(2, (await Settled(anna, "r1")).Recorded.Entry.Version);
            Assert.Equal((1, 2), (ledger.Loads, ledger.Appends));
        }
    }

    [Fact]
    public async Task A_catalog_that_moved_is_loaded_and_the_turn_decides_again()
    {
        var (ledger, anna, catalogs) = await Anna();
        await GivenPlans.Publish(ledger, GivenPlans.SupplementPaying(40), _clock.GetUtcNow());
        Assert.Equal(3, catalogs.Current.Revision);
        var before = ledger.Appends;
        await Settled(anna, "r1");
        Assert.Equal(4, catalogs.Current.Revision);
        Assert.IsType<AppendOutcome.CatalogMoved>(ledger.Outcomes[before]);
        Assert.Equal((1, 0, before + 2), (ledger.Loads, ledger.Confirms, ledger.Appends));
    }

    [Fact]
    public async Task A_ledger_that_is_away_refuses_and_the_next_turn_reads_the_account_again()
    {
        var (ledger, anna, _) = await Anna();
        await Settled(anna, "r0");
        ledger.Next(_ => throw new LedgerUnavailableException("away"));
        Assert.Equal(RefusalReason.Unavailable, (await Refused(anna, Given.Settle("r1", "anna"))).Reason);
        Assert.Equal(1, ledger.Loads);
        Assert.Equal(3, (await Settled(anna, "r1")).Recorded.Entry.Version);
        Assert.Equal(2, ledger.Loads);
    }

    [Fact]
    public async Task A_broken_turn_drops_what_it_remembered()
    {
        var (ledger, anna, _) = await Anna();
        await Settled(anna, "r0");
        ledger.Next(_ => throw new InvalidDataException("broken"));
        await Assert.ThrowsAsync<InvalidDataException>(async () =>
            await anna.Turn(Given.Settle("r1", "anna"), default));
        await Settled(anna, "r1");
        Assert.Equal(2, ledger.Loads);
    }

    [Fact]
    public async Task A_settlement_goes_straight_to_the_append_and_its_retry_is_looked_up_first()
    {
        var (ledger, anna, _) = await Anna();
        var first = await Settled(anna, "r1");
        Assert.Equal((1, 0, 1), (ledger.Loads, ledger.Confirms, ledger.Appends));
        Assert.Equal(first.Recorded, (await Settled(anna, "r1")).Recorded);
        Assert.Equal((1, 1, 1), (ledger.Loads, ledger.Confirms, ledger.Appends));
        // What the process does not remember: its append meets the request key, and one look tells whether it was
        // reversed since.
        ledger.IsForgetful = true;
        Assert.Equal(first.Recorded, (await Settled(anna, "r1")).Recorded);
        Assert.Equal((1, 2, 2), (ledger.Loads, ledger.Confirms, ledger.Appends));
        Assert.IsType<AppendOutcome.RequestTaken>(ledger.Outcomes[^1]);
        // What it remembers wrongly costs a look and nothing else.
        (ledger.IsForgetful, ledger.Remembered) = (false, _ => true);
        Assert.Equal(3, (await Settled(anna, "r2")).Recorded.Entry.Version);
        Assert.Equal((1, 3, 3), (ledger.Loads, ledger.Confirms, ledger.Appends));
    }

    [Fact]
    public async Task What_a_turn_showed_stays_as_it_was_while_later_turns_settle()
    {
        var (ledger, anna, _) = await Anna();
        var first = await Settled(anna, "r1");
        var shown = Assert.IsType<Answer.State>(await anna.Turn(new Command.GetAccount("anna"), default)).Account;
        var (before, after) = (shown.Accumulators.Items.ToArray(), first.Recorded.Entry.After!);
        Assert.Equal(after, shown);

        await Settled(anna, "r2");
        await Settled(anna, "r3");

        Assert.Equal(2, shown.Version);
        Assert.Equal(before, shown.Accumulators.Items.ToArray());
        Assert.Equal(before, after.Accumulators.Items.ToArray());
        Assert.NotEqual(before, (await ledger.Load("anna", default)).Accumulators.Items.ToArray());
    }

    [Fact]
    public async Task An_object_tells_about_what_it_keeps_alive()
    {
        var (ledger, anna, _) = await Anna();
        Assert.Equal(270, anna.EstimatedBytes);
        await anna.Turn(new Command.GetAccount("anna"), default);
        Assert.Equal(270, anna.EstimatedBytes);
        await Settled(anna, "r1");
        Assert.Equal(270 + 27 + 60, anna.EstimatedBytes);
        // An entry like that of many others is kept once for all of them; days of one's own make it one's own.
        await Enrol(default);
        Assert.Equal(270 + 27 + 60, anna.EstimatedBytes);
        await Enrol(new DaySpan(new DateOnly(2025, 3, 7), null));
        Assert.Equal(270 + 27 + 60 + 120 + 3 * 56 + 2 * 48, anna.EstimatedBytes);
        var nobody = new Enrollee("zoe", ledger, await Given.Catalogs(ledger), _clock);
        await nobody.Turn(new Command.GetAccount("zoe"), default);
        Assert.Equal(270, nobody.EstimatedBytes);

        async Task Enrol(DaySpan days)
        {
            var roster = Given.Roster(GivenPlans.Tongliao, GivenPlans.Puyang, GivenPlans.Supplement) with
            {
                Identities = [new(IdentityKind.Orphan, days), new(IdentityKind.Student, default)],
            };
            await new RosterLoad(ledger, new Asked(), _clock).Put([new RosterPut("anna", roster)], default);
            await anna.Turn(new Command.GetAccount("anna"), default);
        }
    }

    [Fact]
    public async Task A_state_is_the_ledgers_and_not_what_was_remembered()
    {
        var (ledger, anna, _) = await Anna();
        var state = Assert.IsType<Answer.State>(await anna.Turn(new Command.GetAccount("anna"), default));
        Assert.Equal(1, state.Account.Version);
        await Settled(new Enrollee("anna", ledger, await Given.Catalogs(ledger), _clock), "r1");
        state = Assert.IsType<Answer.State>(await anna.Turn(new Command.GetAccount("anna"), default));
        Assert.Equal(2, state.Account.Version);
        // Looked at once a turn: what the look said of the version still holds after the account was loaded again.
        Assert.Equal((3, 2), (ledger.Loads, ledger.Confirms));
    }

    [Fact]
    public async Task A_look_that_is_older_than_the_account_is_repeated()
    {
        var (ledger, anna, _) = await Anna();
        await Settled(anna, "r1");
        ledger.NextLook = known => known with { Version = 1 };
        await anna.Turn(new Command.Preview(Given.Request("r2", "anna")), default);
        Assert.Equal((2, 2), (ledger.Confirms, ledger.Loads));
        // A mere reading takes what was loaded since.
        ledger.NextLook = known => known with { Version = 1 };
        await anna.Turn(new Command.GetAccount("anna"), default);
        Assert.Equal((3, 3), (ledger.Confirms, ledger.Loads));
    }

    [Fact]
    public async Task Only_settlements_stand_on_the_catalog_and_it_is_read_only_where_it_moved()
    {
        var (ledger, anna, _) = await Anna();
        var reads = ledger.CatalogReads;
        var revisions = new List<long?>();
        ledger.Next(append =>
        {
            revisions.Add(append.CatalogRevision);
            return null;
        }, 4);
        var first = await Settled(anna, "r1");
        await anna.Turn(Person.Reverse("v1", first), default);
        await anna.Turn(Person.Cancel("r2"), default);
        await anna.Turn(new Command.Preview(Given.Request("r3", "anna")), default);
        Assert.Equal([3L, null, null], revisions);
        Assert.Equal(reads, ledger.CatalogReads);
    }

    [Fact]
    public async Task A_history_beyond_five_thousand_facts_is_read_no_further_and_refused()
    {
        var (ledger, anna, _) = await Anna();
        var first = await Settled(anna, "r1", 30_000);
        var load = new RosterLoad(ledger, new Asked(), _clock);
        var (one, other) = (Given.Roster(GivenPlans.Tongliao), Given.Roster(GivenPlans.Tongliao, GivenPlans.Puyang));
        for (var calls = 0; calls < 5; calls++)
            await load.Put(
                [.. Enumerable.Range(0, 1_000).Select(i => new RosterPut("anna", i % 2 == 0 ? other : one))], default);
        var refusal = await Refused(anna, Person.Reverse("v1", first));
        Assert.Equal(RefusalReason.TooManyAdjustments, refusal.Reason);
    }

    [Fact]
    public async Task A_fact_holds_the_facility_without_its_name_and_a_cancel_gives_no_reason()
    {
        var (ledger, anna, catalogs) = await Anna();
        await new CatalogWriting(ledger, catalogs, _clock).PutFacilities(
            [new FacilityProfile(Given.Hospital, "某医院", "150502", 3, true, true, true, true)], default);
        var settled = await Settled(anna, "r1");
        Assert.Equal(new FacilityProfile(Given.Hospital, "", "150502", 3, true, true, true, true),
            settled.Fact.Facility);
        var cancelled = Assert.IsType<Answer.Cancelled>(await anna.Turn(Person.Cancel("r1"), default)).Reversal!;
        Assert.Equal(new ReverseRequest("r1", Given.Hospital, settled.Fact.Id, ""),
            Assert.IsType<Fact.Reversed>(cancelled.Fact).Reversal);
        Assert.Equal((1, -1), (settled.Fact.Sign, cancelled.Fact.Sign));
    }

    [Fact]
    public async Task A_made_up_token_of_a_negative_version_is_refused_with_the_first_fact()
    {
        var (_, anna, _) = await Anna();
        await Settled(anna, "r1");
        var refusal = await Refused(anna, new Command.Settle(Given.Request("r2", "anna"), new PreviewToken(-7, 1)));
        Assert.Equal(RefusalReason.AccountMoved, refusal.Reason);
        Assert.Equal(("1", "Enrolled"), (refusal.Numbers["first_later_version"], refusal.Numbers["first_later_kind"]));
        Assert.False(refusal.Numbers.ContainsKey("first_later_settlement_id"));
    }

    [Fact]
    public async Task A_token_of_the_present_version_names_no_later_fact()
    {
        var (_, anna, _) = await Anna();
        var refusal = await Refused(anna, new Command.Settle(Given.Request("r2", "anna"), new PreviewToken(1, 1)));
        Assert.Equal(["preview_version", "account_version"], refusal.Numbers.Keys);
    }

    [Fact]
    public async Task A_reversal_reads_a_history_of_any_length_to_its_end()
    {
        var (ledger, anna, _) = await Anna();
        var first = await Settled(anna, "r1", 30_000);
        var (one, other) = (Given.Roster(GivenPlans.Tongliao), Given.Roster(GivenPlans.Tongliao, GivenPlans.Puyang));
        await new RosterLoad(ledger, new Asked(), _clock).Put(
            [.. Enumerable.Range(0, 998).Select(i => new RosterPut("anna", i % 2 == 0 ? other : one))], default);
        await Settled(anna, "r2", 30_000);
        // 1,001 facts: the second settlement is on the second page.
        var reversal = Assert.IsType<Answer.Settled>(
            await anna.Turn(Person.Reverse("v1", first), default)).Settlement;
        Assert.Single(reversal.Adjustments);
        Assert.Equal(1_003, reversal.Adjustments[0].Recorded.Entry.Version);
    }

    [Fact]
    public async Task A_reversal_under_a_plan_this_server_does_not_know_yet_loads_the_catalog()
    {
        var (ledger, anna, _) = await Anna();
        var early = await Given.Catalogs(await Given.Ledger(_clock));
        var late = new CatalogSource(ledger, GivenPlans.Read);
        var first = await Settled(anna, "r1", 30_000);
        await Settled(anna, "r2", 30_000);
        Assert.Empty(late.Current.Versions);
        Assert.NotEmpty(early.Current.Versions);
        var elsewhere = new Enrollee("anna", ledger, late, _clock);
        Assert.Single(Assert.IsType<Answer.Settled>(
            await elsewhere.Turn(Person.Reverse("v1", first), default)).Settlement.Adjustments);
    }
}

/// <summary>A grid that is only told whom to forget.</summary>
sealed class Asked : IGrid
{
    public List<string> Forgotten { get; } = [];

    public ValueTask<Answer> Ask(Command command, DateTimeOffset deadline, CancellationToken cancellation) =>
        throw new InvalidOperationException("No turn is asked here.");

    public void Forget(IReadOnlyCollection<string> enrolleeIds) => Forgotten.AddRange(enrolleeIds);
}
