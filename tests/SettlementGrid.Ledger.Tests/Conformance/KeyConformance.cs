using SettlementGrid.Enrollees;
using SettlementGrid.Ledger.Tests.Kit;
using static SettlementGrid.Ledger.Tests.Kit.Storing;

namespace SettlementGrid.Ledger.Tests.Conformance;

/// <summary>What every adapter of the port promises of the keys that are taken once: requests and encounters.</summary>
public abstract class KeyConformance(Func<ShiftedClock, Task<ILedger>> open) : LedgerConformance(open)
{
    [Fact]
    public async Task A_request_key_is_answered_with_the_fact_that_took_it()
    {
        var ledger = await NewLedger();
        var (p1, p2) = (Make.Enrolled("p1", Now), Make.Enrolled("p2", Now));
        var settled = Entry.Next(p1.After!, Make.Settled(Make.Request("p1", "r1")), Now);
        await Stored(ledger, p1, p2, settled);
        var other = Entry.Next(p2.After!, Make.Settled(Make.Request("p2", "r1", "E-other")), Now);
        var taken = Assert.IsType<AppendOutcome.RequestTaken>(await ledger.Append(Make.One(other), default));
        Assert.Equal(settled, taken.Stored.Entry);
        Assert.Equal(3, taken.Stored.Position);
    }

    [Fact]
    public async Task A_request_key_is_remembered_once_it_is_stored_and_not_before()
    {
        var ledger = await NewLedger();
        var enrolled = Make.Enrolled("p1", Now);
        var settled = Entry.Next(enrolled.After!, Make.Settled(Make.Request("p1", "r1")), Now);
        var key = settled.RequestKey!.Value;
        Assert.False(ledger.Remembers(key));
        await Stored(ledger, enrolled, settled);
        Assert.True(ledger.Remembers(key));
        Assert.False(ledger.Remembers(Make.Settled(Make.Request("p1", "r2")).Id));
    }

    [Fact]
    public async Task A_taken_request_key_answers_before_a_stale_version()
    {
        var ledger = await NewLedger();
        var enrolled = Make.Enrolled("p1", Now);
        var settled = Entry.Next(enrolled.After!, Make.Settled(Make.Request("p1", "r1")), Now);
        await Stored(ledger, enrolled, settled);
        var again = Entry.Next(enrolled.After!, Make.Settled(Make.Request("p1", "r1")), Now + 5);
        Assert.IsType<AppendOutcome.RequestTaken>(await ledger.Append(Make.One(again), default));
    }

    [Fact]
    public async Task A_moved_catalog_answers_before_a_taken_request()
    {
        var ledger = await NewLedger();
        var p1 = Make.Enrolled("p1", Now);
        var settled = Entry.Next(p1.After!, Make.Settled(Make.Request("p1", "r1")), Now);
        await Stored(ledger, p1, settled, Make.PlanText("plan-a", null, "text", Now));
        Assert.IsType<AppendOutcome.CatalogMoved>(await ledger.Append(Make.One(settled, revision: 0), default));
        Assert.IsType<AppendOutcome.RequestTaken>(await ledger.Append(Make.One(settled, revision: 1), default));
    }

    [Fact]
    public async Task An_encounter_has_one_live_settlement_and_tells_all_its_uses()
    {
        var ledger = await NewLedger();
        var p1 = Make.Enrolled("p1", Now);
        var first = Entry.Next(p1.After!, Make.Settled(Make.Request("p1", "r1", "E1")), Now);
        await Stored(ledger, p1, first);
        var second = Entry.Next(first.After!, Make.Settled(Make.Request("p1", "r2", "E1")), Now);
        var taken = Assert.IsType<AppendOutcome.EncounterTaken>(await ledger.Append(Make.One(second), default));
        Assert.Equal([new EncounterUse(1, first.RequestKey!.Value, null)], taken.Uses);

        var reversed = Entry.Next(first.After!, Make.Reversed((Fact.Settled)first.Fact, "v1"), Now);
        await Stored(ledger, reversed);
        var third = Entry.Next(reversed.After!, Make.Settled(Make.Request("p1", "r3", "E1"), attempt: 2), Now);
        await Stored(ledger, third);
        var known = await ledger.Confirm(
            new Question("p1", third.RequestKey, Make.Request("p1", "r3", "E1").EncounterKey), default);
        Assert.Equal(4, known.Version);
        Assert.Equal(third, known.Request!.Entry);
        Assert.Equal(
            [
                new EncounterUse(1, first.RequestKey!.Value, reversed.RequestKey),
                new EncounterUse(2, third.RequestKey!.Value, null),
            ],
            known.Uses);
    }

    [Fact]
    public async Task A_settlement_is_reversed_once_whoever_tries()
    {
        var ledger = await NewLedger();
        var p1 = Make.Enrolled("p1", Now);
        var settled = Entry.Next(p1.After!, Make.Settled(Make.Request("p1", "r1")), Now);
        var fact = (Fact.Settled)settled.Fact;
        var reversed = Entry.Next(settled.After!, Make.Reversed(fact, "v1"), Now);
        await Stored(ledger, p1, settled, reversed);
        var again = Entry.Next(reversed.After!, Make.Reversed(fact, "v2"), Now);
        Assert.IsType<AppendOutcome.EncounterTaken>(await ledger.Append(Make.One(again), default));
        var reversals = await ledger.Reversals([fact], default);
        Assert.Equal(reversed.RequestKey, Assert.Single(reversals).Value);
    }

    [Fact]
    public async Task A_barred_request_id_is_found_and_stays_taken()
    {
        var ledger = await NewLedger();
        var barred = Entry.Next(Account.Unknown("p1"), new Fact.Barred(Make.Hospital, "r1"), Now);
        await Stored(ledger, barred);
        var p2 = Make.Enrolled("p2", Now);
        await Stored(ledger, p2);
        var late = Entry.Next(p2.After!, Make.Settled(Make.Request("p2", "r1")), Now);
        var taken = Assert.IsType<AppendOutcome.RequestTaken>(await ledger.Append(Make.One(late), default));
        Assert.IsType<Fact.Barred>(taken.Stored.Fact);
    }

    [Fact]
    public async Task A_funds_request_is_taken_for_every_fund_of_its_region()
    {
        var ledger = await NewLedger();
        var first = Make.FundRecord("q1", null, Now);
        await Stored(ledger, first);
        foreach (var again in new[] { Make.FundRecord("q1", first, Now), Make.FundRecord("q1", null, Now, year: 2027) })
        {
            var taken = Assert.IsType<AppendOutcome.RequestTaken>(await ledger.Append(Make.One(again), default));
            Assert.Equal(first, taken.Stored.Entry);
        }
        await Stored(ledger, Make.FundRecord("q1", null, Now, region: "410922"));
    }
}

public sealed class VolatileLedgerKeys() : KeyConformance(InMemory);

[Collection(OnPostgres.Name)]
public sealed class PostgresLedgerKeys(PostgresFixture postgres) : KeyConformance(postgres.NewLedger);
