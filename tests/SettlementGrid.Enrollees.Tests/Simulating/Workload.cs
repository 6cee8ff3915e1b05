using SettlementGrid.Plans;
using SettlementGrid.Testing;

namespace SettlementGrid.Enrollees.Tests.Simulating;

/// <summary>
/// Four persons under one plan, two or another, one of whom loses one of two in summer, and one of low income in
/// another county; bills of any day and reversals in any order, drawn from numbers.
/// </summary>
static class Workload
{
    public static readonly string[] Persons = ["anna", "bert", "carl", "dora"];

    static readonly string[][] Cover =
    [
        [GivenPlans.Tongliao], [GivenPlans.Tongliao, GivenPlans.Supplement], [GivenPlans.Supplement],
        [GivenPlans.Tongliao, GivenPlans.Supplement],
    ];

    static readonly DaySpan Spring = new(null, new DateOnly(2025, 6, 30));

    public static async Task<Person> Done(int[] dice)
    {
        var person = await Person.Enrolled("nobody");
        await Enrol(person.Ledger, person.Clock);
        var live = new List<Settlement>();
        for (var i = 0; i < dice.Length; i++)
        {
            var (kind, rest) = (dice[i] % 10, dice[i] / 10);
            if (kind >= 7 && live.Count > 0)
            {
                await person.Settled(Person.Reverse("v" + i, live[rest % live.Count]));
                live.RemoveAt(rest % live.Count);
            }
            else if (await person.Ask(Bill("r" + i, rest)) is Answer.Settled settled)
                live.Add(settled.Settlement);
        }
        return person;
    }

    /// <summary>The live settlements in their order, settled where the plan was the given one from the start.</summary>
    public static async Task<(VolatileLedger Ledger, List<Settlement> Settlements)> Afresh(Person was, string tongliao)
    {
        var (ledger, clock) = (new VolatileLedger(was.Clock), was.Clock);
        foreach (var text in new[] { tongliao, GivenPlans.SupplementText })
            await GivenPlans.Publish(ledger, text, clock.GetUtcNow());
        await Enrol(ledger, clock);
        var catalogs = await Given.Catalogs(ledger);
        var all = await was.Ledger.ReadTail(0, 10_000, default);
        var gone = all.Select(r => r.Fact).OfType<Fact.Reversed>().Select(r => r.Reversal.Reverses).ToHashSet();
        var settlements = new List<Settlement>();
        foreach (var settled in all.Select(r => r.Fact).OfType<Fact.Settled>().Where(s => !gone.Contains(s.Id)))
        {
            var actor = new Enrollee(settled.Request.EnrolleeId, ledger, catalogs, clock);
            var answer = await actor.Turn(new Command.Settle(settled.Request, null), default);
            settlements.Add(Assert.IsType<Answer.Settled>(answer).Settlement);
        }
        return (ledger, settlements);
    }

    /// <summary>What all plans pay for a person, as the account says it.</summary>
    public static async Task<Money> PaidTo(ILedger ledger, string id) =>
        (await ledger.Load(id, default)).Accumulators.Values.Aggregate(Money.Zero, (sum, a) => sum + a.Paid);

    static async Task Enrol(VolatileLedger ledger, ManualClock clock)
    {
        var identity = new Identity(IdentityKind.LowIncome, default);
        for (var i = 0; i < Persons.Length; i++)
        {
            var roster = Given.Roster(Cover[i]) with { RegionId = i == 3 ? "150523" : "150502" };
            if (i == 1)
                roster = roster with { Coverages = [new Coverage(GivenPlans.Tongliao, Spring), roster.Coverages[1]] };
            var fact = new Fact.Enrolled(i == 3 ? roster with { Identities = [identity] } : roster);
            var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
            var entry = Entry.Next(Account.Unknown(Persons[i]), fact, now);
            Assert.IsType<AppendOutcome.Committed>(await ledger.Append(new Append([entry], null, now), default));
        }
    }

    static Command.Settle Bill(string id, int dice)
    {
        var (who, rest) = (Persons[dice % 4], dice / 4);
        var eligible = rest % 9_000_000;
        var basic = (long)eligible * (rest % 40) / 100;
        return new Command.Settle(
            Given.Request(
                id, who, eligible / 100m, basic / 100m, discharged: new DateOnly(2025, 1, 10).AddDays(rest % 350),
                facility: rest % 3 == 0 ? Given.OtherHospital : Given.Hospital),
            null);
    }
}
