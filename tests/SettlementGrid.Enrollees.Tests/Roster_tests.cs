using SettlementGrid.Plans;
using SettlementGrid.Testing;

namespace SettlementGrid.Enrollees.Tests;

/// <summary>What the agency writes: roster entries and opening balances, past the actors.</summary>
public sealed class Roster_tests
{
    static readonly AccumulatorKey Key = new(GivenPlans.Tongliao, "critical", new Period(2025));

    [Fact]
    public void An_unchanged_entry_is_no_fact()
    {
        var account = Given.Enrolled("anna");
        Assert.Null(Decide.PutRoster(account, Given.Roster(GivenPlans.Tongliao)));
        Assert.IsType<Fact.Enrolled>(Decide.PutRoster(Account.Unknown("anna"), Given.Roster()));
    }

    public static TheoryData<RosterAspects, RosterEntry> Changes
    {
        get
        {
            var entry = Given.Roster(GivenPlans.Tongliao);
            return new()
            {
                { RosterAspects.Region, entry with { RegionId = "150521" } },
                { RosterAspects.Insurance, entry with { Insurance = Insurance.Employee } },
                { RosterAspects.Cover, entry with { Coverages = [] } },
                { RosterAspects.Cover,
                    entry with { Coverages = [new Coverage(GivenPlans.Tongliao, new DaySpan(Given.Day, null))] } },
                { RosterAspects.Identity, entry with { Identities = [new Identity(IdentityKind.Student, default)] } },
                {
                    RosterAspects.Region | RosterAspects.Identity,
                    entry with { RegionId = "150521", Identities = [new Identity(IdentityKind.Orphan, default)] }
                },
            };
        }
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public void A_changed_entry_says_what_changed(RosterAspects aspects, RosterEntry entry)
    {
        var fact = Assert.IsType<Fact.RosterChanged>(Decide.PutRoster(Given.Enrolled("anna"), entry));
        Assert.Equal((aspects, entry), (fact.Aspects, fact.Entry));
    }

    [Fact]
    public async Task Many_persons_are_one_append_and_counted()
    {
        var person = await Person.Enrolled("anna", "bert");
        var load = new RosterLoad(person.Ledger, new Forgotten(), person.Clock);
        var commit = (await person.Ledger.ReadHead(default)).CommitNumber;
        var (counts, refusal) = await load.Put(
            [
                new RosterPut("anna", Given.Roster(GivenPlans.Tongliao)),
                new RosterPut("bert", Given.Roster(GivenPlans.Puyang)),
                new RosterPut("carl", Given.Roster()), new RosterPut("carl", Given.Roster(GivenPlans.Puyang)),
            ],
            default);
        Assert.Null(refusal);
        Assert.Equal(new RosterCounts(1, 2, 1), counts);
        Assert.Equal(commit + 1, (await person.Ledger.ReadHead(default)).CommitNumber);
        Assert.Equal(2, (await person.Account("carl")).Version);
    }

    [Fact]
    public async Task An_opening_balance_counts_from_the_first_settlement_on()
    {
        var person = await Person.Enrolled();
        Assert.Null(
            await person.PutOpening(
                new OpeningBalance("anna", Key, Money.Yuan(20_000), Money.Yuan(3_600), Money.Zero, "旧系统")));
        // 20,000 → 30,000 at 60 %, with nothing below the start.
        Assert.Equal(Money.Yuan(6_000), (await person.Settle("r1", 10_000)).Fact.Outcome.PlansPaid);
    }

    [Fact]
    public async Task An_opening_balance_is_set_not_added_and_the_same_again_is_no_fact()
    {
        var person = await Person.Enrolled();
        var balance = new OpeningBalance("anna", Key, Money.Yuan(20_000), Money.Zero, Money.Zero, "旧系统");
        Assert.Null(await person.PutOpening(balance));
        Assert.Null(await person.PutOpening(balance));
        Assert.Equal(2, (await person.Account()).Version);
        Assert.Null(await person.PutOpening(balance with { Position = Money.Yuan(15_000) }));
        Assert.Equal(Money.Yuan(15_000), (await person.Accumulators())[Key].Position);
        Assert.Null(await person.PutOpening(balance with { Position = Money.Zero }));
        Assert.Empty(await person.Accumulators());
    }

    [Fact]
    public async Task An_opening_balance_is_refused_after_a_settlement_of_its_period_and_for_nobody()
    {
        var person = await Person.Enrolled();
        var balance = new OpeningBalance("anna", Key, Money.Yuan(20_000), Money.Zero, Money.Zero, "旧系统");
        var settled = await person.Settle("r1");
        Assert.Equal(RefusalReason.MalformedRequest, (await person.PutOpening(balance))?.Reason);
        Assert.Null(await person.PutOpening(balance with { Key = Key with { Period = new Period(2024) } }));
        Assert.Equal(RefusalReason.EnrolleeUnknown,
            (await person.PutOpening(balance with { EnrolleeId = "zoe" }))?.Reason);
        await person.Settled(Person.Reverse("v1", settled));
        Assert.Null(await person.PutOpening(balance));
    }

    [Fact]
    public async Task One_refused_balance_refuses_the_whole_call()
    {
        var person = await Person.Enrolled("anna", "bert");
        await person.Settle("r1");
        var load = new RosterLoad(person.Ledger, new Forgotten(), person.Clock);
        var balances = new[] { "bert", "anna" }
            .Select(id => new OpeningBalance(id, Key, Money.Yuan(1), Money.Zero, Money.Zero, "旧系统")).ToList();
        var (counts, refusal) = await load.PutOpeningBalances(balances, default);
        Assert.NotNull(refusal);
        Assert.Equal(default, counts);
        Assert.Empty(await person.Accumulators("bert"));
    }

    [Fact]
    public void A_balance_names_a_plan_and_a_layer_that_are_published()
    {
        var plan = new PlanVersion(PlanFiles.PlanFile.Read(GivenPlans.TongliaoText).Plan!, 1, GivenPlans.TongliaoText);
        var catalog = new Catalog(1, [plan], []);
        var balance = new OpeningBalance("anna", Key, Money.Yuan(1), Money.Zero, Money.Zero, "旧系统");
        Assert.Null(RequestChecks.Check(balance, catalog));
        Assert.Equal(RefusalReason.PlanUnknown,
            RequestChecks.Check(balance with { Key = Key with { PlanId = "nobody" } }, catalog)?.Reason);
        Assert.Equal(RefusalReason.MalformedRequest,
            RequestChecks.Check(balance with { Key = Key with { LayerId = "nothing" } }, catalog)?.Reason);
    }

    sealed class Forgotten : IGrid
    {
        public ValueTask<Answer> Ask(Command command, DateTimeOffset deadline, CancellationToken cancellation) =>
            throw new InvalidOperationException("The roster asks no turn.");

        public void Forget(IReadOnlyCollection<string> enrolleeIds)
        {
        }
    }
}
