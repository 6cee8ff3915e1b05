using System.Collections.Concurrent;
using SettlementGrid.Enrollees;
using SettlementGrid.Ledger.Tests.Kit;
using SettlementGrid.Plans;
using SettlementGrid.Regions;
using SettlementGrid.Regions.Following;
using SettlementGrid.Testing;

namespace SettlementGrid.Ledger.Tests;

[Collection(OnPostgres.Name)]
public sealed class FundsTests(PostgresFixture postgres) : IAsyncLifetime
{
    static readonly FundQuery Tongliao = new("150500", GivenPlans.Tongliao, 2025, false);

    readonly ShiftedClock _clock = new();
    readonly ConcurrentQueue<string> _said = [];
    readonly TaskCompletionSource _saidTakenBack = new();
    string _database = "";
    PostgresLedger? _ledger;
    IReadOnlyList<Recorded> _facts = [];

    PostgresLedger Ledger => _ledger!;

    public async Task InitializeAsync()
    {
        _database = await postgres.NewDatabase();
        _ledger = await PostgresFixture.Open(_database, _clock);
        _facts = await FundLedger.Facts();
    }

    public async Task DisposeAsync() => await Ledger.DisposeAsync();

    [Fact]
    public async Task At_any_mark_the_funds_are_the_facts_up_to_it_added_up()
    {
        await FundLedger.Write(Ledger, _facts, _clock);
        await using var funds = NewFunds();
        await funds.RequireExact(_facts, _facts.Count, isNow: true);
        await funds.RequireExact(_facts, _facts.Count / 2);
        await funds.RequireExact(_facts, _facts.Count / 3);
        Assert.Empty(_said);
    }

    [Fact]
    public async Task At_three_marks_the_funds_are_the_sums_of_SQL_over_the_columns()
    {
        await FundLedger.Write(Ledger, _facts, _clock);
        await using var funds = NewFunds();
        foreach (var mark in new[] { _facts.Count / 4, _facts.Count / 2, _facts.Count })
        {
            var paid = 0L;
            foreach (var plan in new[] { GivenPlans.Tongliao, GivenPlans.Supplement, GivenPlans.Puyang })
            {
                var folded = 0L;
                foreach (var year in FundLedger.Years)
                {
                    var given = await funds.Given(new FundQuery("150000", plan, year, false), mark);
                    var position = Assert.Single(given.Positions);
                    folded += position.Paid.Fen - position.AccidentBasic.Fen;
                }
                var summed = (decimal)(await PostgresFixture.Execute(_database, $"""
                    SELECT coalesce(sum(l.paid), 0) FROM ledger.entries e JOIN ledger.commits c ON c.id = e.commit_id
                    CROSS JOIN unnest(e.layer_keys, e.layer_paid) AS l (layer, paid)
                    WHERE c.first_position + e.ordinal <= {mark} AND e.region_id LIKE '15%' AND l.layer LIKE '{plan}/%'
                    """))!;
                Assert.Equal(summed, folded);
                paid += Math.Abs(folded);
            }
            Assert.True(paid > 0, "No plan paid anything: this has shown nothing.");
        }
    }

    [Fact]
    public async Task Whoever_was_acknowledged_a_fact_reads_it()
    {
        await using var funds = NewFunds();
        for (var written = 0; written < 140; written += 7)
        {
            await FundLedger.Write(Ledger, _facts.Skip(written).Take(7), _clock);
            Assert.Equal(written + 7, (await funds.Given(Tongliao)).Mark);
        }
        await funds.RequireExact(_facts, 140, isNow: true);
    }

    [Fact]
    public async Task Two_servers_on_one_ledger_give_equal_sums_at_equal_marks()
    {
        await using var other = await PostgresFixture.Open(_database, _clock);
        await using var ours = NewFunds();
        await using var theirs = new Regions.Following.Funds(other, other.Checkpoints, GivenPlans.Read, _clock, Say);
        // By turns through one and the other, so that either hears of every second commit by memory alone.
        for (var written = 0; written < _facts.Count; written += 14)
        {
            await FundLedger.Write(Ledger, _facts.Skip(written).Take(7), _clock);
            await FundLedger.Write(other, _facts.Skip(written + 7).Take(7), _clock);
        }
        await ours.RequireExact(_facts, _facts.Count, isNow: true);
        await theirs.RequireExact(_facts, _facts.Count, isNow: true);
        Assert.Empty(_said);
    }

    [Fact]
    public async Task A_mark_the_ledger_does_not_have_is_unknown()
    {
        await FundLedger.Write(Ledger, _facts.Take(10), _clock);
        await using var funds = NewFunds();
        foreach (var mark in new[] { -1L, 11 })
        {
            var refused = Assert.IsType<FundReading.Refused>(await funds.Read(Tongliao, mark, default));
            Assert.Equal(RefusalReason.PositionUnknown, refused.Refusal.Reason);
            await foreach (var reading in funds.Watch(Tongliao, mark, default))
                Assert.IsType<FundReading.Refused>(reading);
        }
        Assert.Equal(0, (await funds.Given(Tongliao, 0)).Mark);
        Assert.Equal(10, (await funds.Given(Tongliao, 10)).Mark);
    }

    [Fact]
    public async Task On_a_database_taken_back_no_sums_are_given()
    {
        await FundLedger.Write(Ledger, _facts, _clock);
        await using var funds = NewFunds();
        await funds.Given(Tongliao);
        await TakeBack();
        FundReading reading;
        do
            reading = await funds.Read(Tongliao, null, default);
        while (reading is FundReading.Given);
        Assert.Equal(
            RefusalReason.Unavailable, Assert.IsType<FundReading.Refused>(reading).Refusal.Reason);
        await _saidTakenBack.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task On_a_database_taken_back_and_written_on_by_another_no_sums_are_given()
    {
        await FundLedger.Write(Ledger, _facts, _clock);
        await using var funds = NewFunds();
        await funds.Given(Tongliao);
        await TakeBack();
        await using (var other = await PostgresFixture.Open(_database, _clock))
        {
            for (var person = 0; person < 20; person++)
            {
                var append = Make.One(Make.Enrolled($"new-{person}", _clock.Now));
                Assert.IsType<AppendOutcome.Committed>(await other.Append(append, default));
            }
        }
        var refused = Assert.IsType<FundReading.Refused>(await funds.Read(Tongliao, null, default));
        Assert.Equal(RefusalReason.Unavailable, refused.Refusal.Reason);
        await using var fresh = await PostgresFixture.Open(_database, _clock);
        await using var begunAgain = new Regions.Following.Funds(
            fresh, fresh.Checkpoints, GivenPlans.Read, _clock, Say);
        Assert.True((await begunAgain.Given(Tongliao)).Mark > _facts.Count);
    }

    void Say(string what)
    {
        _said.Enqueue(what);
        if (what.Contains("taken back", StringComparison.Ordinal))
            _saidTakenBack.TrySetResult();
    }

    Task TakeBack() => PostgresFixture.Execute(postgres.AsSuperuser(_database), """
        SET session_replication_role = replica;
        DELETE FROM ledger.entries WHERE commit_id = (SELECT id FROM ledger.commits ORDER BY number DESC LIMIT 1);
        DELETE FROM ledger.commits WHERE number = (SELECT max(number) FROM ledger.commits);
        UPDATE ledger.head h SET number = c.number, position = c.first_position + c.count - 1, hash = c.hash
        FROM (SELECT * FROM ledger.commits ORDER BY number DESC LIMIT 1) c
        """);

    Regions.Following.Funds NewFunds() =>
        new(Ledger, Ledger.Checkpoints, GivenPlans.Read, _clock, Say);
}
