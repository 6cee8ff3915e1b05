using SettlementGrid.Enrollees.Tests.Turns;
using SettlementGrid.Plans;
using SettlementGrid.Testing;

namespace SettlementGrid.Enrollees.Tests.Agency;

/// <summary>Publishing plans and registering facilities: versions, refusals, contention.</summary>
public sealed class Catalog_writing_tests
{
    readonly ManualClock _clock = new();

    async Task<(Disturbed Ledger, CatalogSource Catalogs, CatalogWriting Writing)> Ready()
    {
        var ledger = new Disturbed(await Given.Ledger(_clock, "anna", "bert"));
        var catalogs = await Given.Catalogs(ledger);
        return (ledger, catalogs, new CatalogWriting(ledger, catalogs, _clock));
    }

    static string City(string from = "2025-01-01", string to = "", int percent = 50) =>
        GivenPlans.SupplementPaying(percent)
        .Replace("id: " + GivenPlans.Supplement, "id: city", StringComparison.Ordinal)
        .Replace("effective: { from: 2025-01-01,", $"effective: {{ from: {from},{to}", StringComparison.Ordinal);

    static ValueTask<(int Version, Refusal? Refusal)> Publish(CatalogWriting writing, string text) =>
        writing.Publish(GivenPlans.Read(text), text, default);

    [Fact]
    public async Task A_plan_is_published_once_and_a_changed_text_is_its_next_version()
    {
        var (ledger, catalogs, writing) = await Ready();
        Assert.Equal((1, null), await Publish(writing, City()));
        Assert.Equal((1, null), await Publish(writing, City()));
        Assert.Equal(4, (await ledger.ReadHead(default)).CatalogRevision);
        Assert.Equal((2, null), await Publish(writing, City(percent: 40)));
        Assert.Equal((3, null), await Publish(writing, City()));
        Assert.Equal(6, catalogs.Current.Revision);
        Assert.Equal(3, catalogs.Current.Latest("city")!.Version);
        Assert.Equal(Given.Now, catalogs.Current.Latest("city")!.PublishedAt);
        Assert.Equal(City(percent: 40), catalogs.Current.Find("city", 2)!.Text);
    }

    [Fact]
    public async Task Who_may_not_follow_a_version_that_another_server_published_a_moment_ago_is_refused()
    {
        var (ledger, catalogs, writing) = await Ready();
        var elsewhere = new CatalogWriting(ledger, await Given.Catalogs(ledger), _clock);
        ledger.Next(_ =>
        {
            var published = Publish(elsewhere, City());
            Assert.True(published.IsCompletedSuccessfully, "The ledger in memory answers at once.");
            return null;
        });
        var text = City(percent: 40);

        var (version, refusal) = await writing.Publish(
            GivenPlans.Read(text), text, default, before => Refusals.PlanUnknown(before.Id));

        Assert.Equal((0, RefusalReason.PlanUnknown), (version, refusal?.Reason));
        Assert.Equal(1, (await catalogs.Refresh(default)).Latest("city")!.Version);
    }

    [Fact]
    public async Task A_template_is_refused_before_anything_is_looked_up()
    {
        var (ledger, _, writing) = await Ready();
        var appends = ledger.Appends;
        var plan = GivenPlans.Read(City()) with { Template = true };
        var (version, refusal) = await writing.Publish(plan, City(), default);
        Assert.Equal((0, RefusalReason.PlanInvalid), (version, refusal?.Reason));
        Assert.Equal(appends, ledger.Appends);
    }

    async Task<Settlement> Settled(Disturbed ledger, string id, DateOnly day, string person = "anna")
    {
        var request = Given.Request(id, person, 10_000, discharged: day);
        var anna = new Enrollee(person, ledger, await Given.Catalogs(ledger), _clock);
        return Assert.IsType<Answer.Settled>(await anna.Turn(new Command.Settle(request, null), default)).Settlement;
    }

    [Fact]
    public async Task A_version_that_reaches_back_before_settled_discharges_is_refused_with_their_number()
    {
        var (ledger, _, writing) = await Ready();
        await Publish(writing, City());
        await new RosterLoad(ledger, new Asked(), _clock).Put(
            [new RosterPut("anna", Given.Roster("city", GivenPlans.Tongliao)),
                new RosterPut("bert", Given.Roster(GivenPlans.Tongliao))], default);
        var first = await Settled(ledger, "r1", new DateOnly(2025, 3, 1));
        await Settled(ledger, "r2", new DateOnly(2025, 6, 30));
        await Settled(ledger, "other", new DateOnly(2025, 6, 30), "bert");

        Assert.Equal((0, "2"), await Refused(City(percent: 40)));
        Assert.Equal((0, "2"), await Refused(City("2025-03-01", percent: 40)));
        Assert.Equal((0, "1"), await Refused(City("2025-03-02", percent: 40)));
        Assert.Equal((0, "1"), await Refused(City("2025-06-30", percent: 40)));
        Assert.Equal((0, "1"), await Refused(City("2025-01-01", " to: 2025-06-29,", 40)));
        Assert.Equal((2, null), await Refused(City("2025-07-01", percent: 40)));
        // The same text as the newest is not published again, whatever was settled meanwhile.
        Assert.Equal((2, null), await Refused(City("2025-07-01", percent: 40)));

        var anna = new Enrollee("anna", ledger, await Given.Catalogs(ledger), _clock);
        Assert.IsType<Answer.Settled>(await anna.Turn(Person.Reverse("v1", first), default));
        Assert.Equal((0, "1"), await Refused(City(percent: 40)));
        Assert.Equal((3, null), await Refused(City("2025-01-01", " to: 2025-06-29,", 40)));

        async Task<(int, string?)> Refused(string text)
        {
            var (version, refusal) = await Publish(writing, text);
            Assert.True(refusal is null || refusal.Numbers["plan_id"] == "city");
            return (version, refusal?.Numbers["settlements"]);
        }
    }

    [Fact]
    public async Task Settlements_are_counted_over_the_whole_ledger()
    {
        var (ledger, _, writing) = await Ready();
        await Publish(writing, City());
        var roster = new RosterLoad(ledger, new Asked(), _clock);
        await roster.Put([new RosterPut("anna", Given.Roster("city"))], default);
        await Settled(ledger, "r1", new DateOnly(2025, 3, 1));
        await roster.Put([.. Enumerable.Range(0, 1_000).Select(i => new RosterPut("p" + i, Given.Roster()))], default);
        await Settled(ledger, "r2", new DateOnly(2025, 3, 2));
        var (_, refusal) = await Publish(writing, City(percent: 40));
        Assert.Equal("2", refusal?.Numbers["settlements"]);
    }

    [Fact]
    public async Task Whoever_loses_the_version_publishes_the_next_one_or_is_told_so()
    {
        var (ledger, _, writing) = await Ready();
        ledger.Next(_ => new AppendOutcome.VersionTaken(), Limits.DecisionsPerTurnMax - 1);
        Assert.Equal((1, null), await Publish(writing, City()));
        var before = ledger.Appends;
        ledger.Next(_ => new AppendOutcome.VersionTaken(), Limits.DecisionsPerTurnMax);
        var (version, refusal) = await Publish(writing, City(percent: 40));
        Assert.Equal((0, RefusalReason.Overloaded), (version, refusal?.Reason));
        Assert.Contains("keep publishing", refusal!.MessageEn);
        Assert.Contains("多处同时公布", refusal.MessageZh);
        Assert.Equal(before + Limits.DecisionsPerTurnMax, ledger.Appends);
    }

    static FacilityProfile Clinic(string id, int level = 1) => new(id, "诊所", "150502", level, true, true, true, true);

    [Fact]
    public async Task Register_entries_are_one_commit_and_counted()
    {
        var (ledger, catalogs, writing) = await Ready();
        var commit = (await ledger.ReadHead(default)).CommitNumber;
        Assert.Equal((new RosterCounts(2, 0, 0), null),
            await writing.PutFacilities([Clinic("a"), Clinic("b")], default));
        Assert.Equal(commit + 1, (await ledger.ReadHead(default)).CommitNumber);
        Assert.Equal(5, catalogs.Current.Revision);
        Assert.Equal(
            (new RosterCounts(1, 1, 1), null),
            await writing.PutFacilities([Clinic("a"), Clinic("b", 2), Clinic("c")], default));
        Assert.Equal(7, catalogs.Current.Revision);
        Assert.Equal(2, catalogs.Current.Facility("b").Level);
        Assert.Equal((new RosterCounts(0, 0, 2), null),
            await writing.PutFacilities([Clinic("a"), Clinic("c")], default));
        Assert.Equal(commit + 2, (await ledger.ReadHead(default)).CommitNumber);
    }

    [Fact]
    public async Task Register_entries_begin_again_where_another_writer_was_first()
    {
        var (ledger, _, writing) = await Ready();
        ledger.Next(append =>
        {
            Assert.Null(append.CatalogRevision);
            return new AppendOutcome.VersionTaken();
        }, Limits.DecisionsPerTurnMax - 1);
        Assert.Equal((new RosterCounts(1, 0, 0), null), await writing.PutFacilities([Clinic("a")], default));
        var before = ledger.Appends;
        ledger.Next(_ => new AppendOutcome.VersionTaken(), Limits.DecisionsPerTurnMax);
        var (counts, refusal) = await writing.PutFacilities([Clinic("b")], default);
        Assert.Equal((default, RefusalReason.Overloaded), (counts, refusal?.Reason));
        Assert.Contains("keep writing the register", refusal!.MessageEn);
        Assert.Contains("多处同时修改", refusal.MessageZh);
        Assert.Equal(before + Limits.DecisionsPerTurnMax, ledger.Appends);
        ledger.Next(_ => new AppendOutcome.Overloaded());
        (counts, refusal) = await writing.PutFacilities([Clinic("b")], default);
        Assert.Equal((default, RefusalReason.Overloaded), (counts, refusal?.Reason));
        Assert.Contains("queue is full", refusal!.MessageEn);
        Assert.Contains("本次未登记", refusal.MessageZh);
        Assert.Equal(before + Limits.DecisionsPerTurnMax + 1, ledger.Appends);
    }

    [Fact]
    public async Task The_newest_of_a_thousand_versions_is_found()
    {
        var ledger = new VolatileLedger(_clock);
        var stream = new StreamKey(StreamKind.Facility, "a");
        var entries = new List<Entry>();
        for (var i = 0; i < Limits.ListPageMax; i++)
            entries.Add(Entry.Next(stream, entries.LastOrDefault(), new Fact.FacilityPut(Clinic("a", 1 + i % 2)), 0));
        await ledger.Append(new Append(entries, null, Given.Now), default);
        var writing = new CatalogWriting(ledger, await Given.Catalogs(ledger), _clock);
        Assert.Equal((new RosterCounts(0, 0, 1), null), await writing.PutFacilities([Clinic("a", 2)], default));
        Assert.Equal((new RosterCounts(0, 1, 0), null), await writing.PutFacilities([Clinic("a", 3)], default));
        Assert.Equal((new RosterCounts(0, 0, 1), null), await writing.PutFacilities([Clinic("a", 3)], default));
        Assert.Equal(1_001, (await ledger.ReadHead(default)).CatalogRevision);
    }
}
