using SettlementGrid.Plans;
using SettlementGrid.Testing;

namespace SettlementGrid.Enrollees.Tests.Values;

/// <summary>
/// The bounds of the ledger in memory, and its tail; what every ledger promises is tested on all of them.
/// </summary>
public sealed class Volatile_ledger_tests
{
    readonly ManualClock _clock = new();

    static Entry Enrolled(string id) => Entry.Next(Account.Unknown(id), new Fact.Enrolled(Given.Roster()), Given.Now);

    static Entry Barred(string person, string request) =>
        Entry.Next(Account.Unknown(person), new Fact.Barred(Given.Hospital, request), Given.Now);

    static Append Of(params Entry[] entries) => new(entries, null, Given.Now);

    static async Task<long[]> Stored(VolatileLedger ledger, params Entry[] entries) =>
        Assert.IsType<AppendOutcome.Committed>(await ledger.Append(Of(entries), default)).Positions;

    [Fact]
    public async Task Whoever_cancelled_is_not_answered()
    {
        var ledger = new VolatileLedger(_clock);
        await Stored(ledger, Enrolled("anna"));
        var gone = new CancellationToken(canceled: true);
        Func<Task>[] calls =
        [
            async () => await ledger.Load("anna", gone),
            async () => await ledger.Append(Of(Enrolled("bert")), gone),
            async () => await ledger.Confirm(new Question("anna", null, null), gone),
            async () => await ledger.Find(SettlementId.Of("f", "r"), gone),
            async () => await ledger.ReadStream(StreamKey.Person("anna"), 1, 1, gone),
            async () => await ledger.Reversals([], gone),
            async () => await ledger.ListFacility("f", "", 0, 1, 0, 1, gone),
            async () => await ledger.ReadTail(0, 1, gone),
            async () => await ledger.ReadCatalog(gone),
            async () => await ledger.ReadHead(gone),
            async () => await ledger.CommitOf(1, gone),
            async () =>
            {
                await foreach (var run in ledger.ReadBodies(0, 1, gone))
                    Assert.Fail("A run from " + run.First);
            },
        ];
        foreach (var call in calls)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(call);
        Assert.Equal(1, (await ledger.ReadHead(default)).Position);
    }

    [Fact]
    public async Task An_append_has_one_to_a_thousand_entries_that_do_not_contradict_each_other()
    {
        var ledger = new VolatileLedger(_clock);
        Assert.Contains("1 to 1000 entries", (await Refused([])).Message);
        var thousand = Enumerable.Range(0, 1_000).Select(i => Enrolled("p" + i)).ToArray();
        await Refused([.. thousand, Enrolled("one-too-many")]);
        Assert.Contains("claim the same key", (await Refused([Barred("anna", "r1"), Barred("bert", "r1")])).Message);
        var (anna, bert) = (Given.Enrolled("anna"), Given.Enrolled("bert"));
        await Refused([Settled(anna, "r1"), Settled(bert, "r2")]);
        Assert.Equal(1_000, (await Stored(ledger, thousand)).Length);
        Assert.Equal(2, (await Stored(ledger, Barred("anna", "r1"), Barred("bert", "r2"))).Length);

        async Task<ArgumentException> Refused(Entry[] entries) =>
            await Assert.ThrowsAsync<ArgumentException>(async () => await ledger.Append(Of(entries), default));

        static Entry Settled(Account account, string id)
        {
            var request = Given.Request(id, account.EnrolleeId, encounter: "the-same");
            return Entry.Next(account, new Fact.Settled(request.Id, request, "150502",
                FacilityProfile.Unregistered(Given.Hospital), new AdjudicationOutcome([], [], [], ""), 1), Given.Now);
        }
    }

    [Fact]
    public async Task It_takes_so_many_entries_and_then_says_that_it_is_full()
    {
        var ledger = new VolatileLedger(_clock, entriesMax: 3);
        await Stored(ledger, Enrolled("a"), Enrolled("b"));
        await Assert.ThrowsAsync<LedgerUnavailableException>(async () =>
            await ledger.Append(Of(Enrolled("c"), Enrolled("d")), default));
        await Stored(ledger, Enrolled("c"));
        var full = await Assert.ThrowsAsync<LedgerUnavailableException>(async () =>
            await ledger.Append(Of(Enrolled("d")), default));
        Assert.Contains("at most 3 entries", full.Message);
        Assert.Equal(3, (await ledger.ReadTail(0, 10, default)).Count);
    }

    [Fact]
    public async Task A_decision_of_thirty_seconds_is_stored_and_an_older_one_is_not()
    {
        var ledger = new VolatileLedger(_clock);
        _clock.Advance(Limits.DecisionAgeMax);
        await Stored(ledger, Enrolled("anna"));
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.IsType<AppendOutcome.Expired>(await ledger.Append(Of(Enrolled("bert")), default));
    }

    [Fact]
    public async Task Readings_ask_for_at_least_one_entry_from_the_first_on()
    {
        var ledger = new VolatileLedger(_clock);
        var anna = StreamKey.Person("anna");
        await Stored(ledger, Enrolled("anna"));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await ledger.ReadStream(anna, 0, 1, default));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await ledger.ReadStream(anna, 1, 0, default));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await ledger.ReadTail(0, 0, default));
        Assert.Single(await ledger.ReadStream(anna, 1, 1, default));
        Assert.Empty(await ledger.ReadStream(anna, 2, 1, default));
        Assert.Single(await ledger.ReadTail(-5, 9, default));
        Assert.Empty(await ledger.ReadTail(7, 9, default));
    }

    [Fact]
    public async Task A_facilitys_facts_are_listed_from_a_moment_to_another_and_after_a_position()
    {
        var ledger = await Given.Ledger(_clock, "anna");
        var anna = new Enrollee("anna", ledger, await Given.Catalogs(ledger), _clock);
        var positions = new List<long>();
        for (var i = 0; i < 3; i++)
        {
            var settled = Assert.IsType<Answer.Settled>(await anna.Turn(Given.Settle("r" + i, "anna", 10), default));
            positions.Add(settled.Settlement.Recorded.Position);
            _clock.Advance(TimeSpan.FromMilliseconds(10));
        }
        var (now, all) = (Given.Now, positions.ToArray());
        Assert.Equal(all, await List(now, now + 21, 0, 9));
        Assert.Equal(all[..2], await List(now, now + 20, 0, 9));
        Assert.Equal(all[1..], await List(now + 1, now + 21, 0, 9));
        Assert.Equal(all[1..], await List(now + 10, now + 21, 0, 9));
        Assert.Equal(all[1..], await List(now, now + 21, all[0], 9));
        Assert.Equal(all[..1], await List(now, now + 21, 0, 1));
        Assert.Empty(await ledger.ListFacility(Given.OtherHospital, "", now, now + 21, 0, 9, default));

        async Task<IEnumerable<long>> List(long from, long to, long after, int max) =>
            (await ledger.ListFacility(Given.Hospital, "", from, to, after, max, default)).Select(r => r.Position);
    }

    [Fact]
    public async Task A_position_belongs_to_the_commit_that_wrote_it()
    {
        var ledger = new VolatileLedger(_clock);
        Assert.Null(await ledger.CommitOf(1, default));
        var hashes = new List<EntryHash>();
        foreach (var size in new[] { 2, 1, 3, 1, 1, 4 })
        {
            await Stored(ledger, [.. Enumerable.Range(0, size).Select(i => Enrolled($"p{hashes.Count}-{i}"))]);
            hashes.Add((await ledger.ReadHead(default)).Hash);
        }
        long[] commits = [1, 1, 2, 3, 3, 3, 4, 5, 6, 6, 6, 6];
        for (var position = 1; position <= commits.Length; position++)
            Assert.Equal(new CommitMark(commits[position - 1], hashes[(int)commits[position - 1] - 1]),
                await ledger.CommitOf(position, default));
        Assert.Null(await ledger.CommitOf(0, default));
        Assert.Null(await ledger.CommitOf(commits.Length + 1, default));
    }

    [Fact]
    public async Task Bodies_come_in_order_and_without_a_gap()
    {
        var ledger = new VolatileLedger(_clock);
        var entries = Enumerable.Range(0, 30).Select(i => Enrolled("p" + i)).ToArray();
        await Stored(ledger, entries);
        foreach (var (after, upTo) in new[] { (0, 30), (0, 1), (29, 30), (7, 19), (5, 5), (6, 5) })
        {
            var read = new List<byte[]>();
            await foreach (var run in ledger.ReadBodies(after, upTo, default))
            {
                Assert.Equal(after + read.Count + 1, run.First);
                for (var i = 0; i < run.Count; i++)
                    read.Add(run[i].ToArray());
                Assert.Equal(after + read.Count, run.Last);
            }
            Assert.Equal(entries[after..Math.Max(after, upTo)].Select(e => e.Body), read);
        }
        await Assert.ThrowsAsync<InvalidDataException>(async () =>
        {
            await foreach (var run in ledger.ReadBodies(30, 31, default))
                Assert.Fail("A run from " + run.First);
        });
    }

    [Fact]
    public async Task Followers_are_told_of_every_commit_until_they_leave()
    {
        var ledger = new VolatileLedger(_clock);
        var (one, other) = (new List<string>(), new List<string>());
        await Stored(ledger, Enrolled("before"));
        var leaves = ledger.Follow((first, entries) => one.Add($"{first} {entries.Count}"));
        using (ledger.Follow((first, entries) => other.Add($"{first} {entries.Count}")))
        {
            await Stored(ledger, Enrolled("a"), Enrolled("b"));
            Assert.IsType<AppendOutcome.VersionTaken>(await ledger.Append(Of(Enrolled("a")), default));
            leaves.Dispose();
            await Stored(ledger, Enrolled("c"));
        }
        await Stored(ledger, Enrolled("d"));
        Assert.Equal(["2 2"], one);
        Assert.Equal(["2 2", "4 1"], other);
    }

    [Fact]
    public void Nobody_follows_where_nobody_asked()
    {
        var followers = new CommitFollowers();
        Assert.False(followers.Any);
        var leaves = followers.Add((_, _) => { });
        Assert.True(followers.Any);
        leaves.Dispose();
        Assert.False(followers.Any);
    }
}
