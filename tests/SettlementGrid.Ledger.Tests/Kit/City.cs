using SettlementGrid.Enrollees;
using SettlementGrid.PlanFiles;
using SettlementGrid.Plans;

namespace SettlementGrid.Ledger.Tests.Kit;

/// <summary>
/// A ledger with a real plan and persons, written the way the server writes: by the enrollees' turns.
/// </summary>
sealed class City
{
    readonly ILedger _ledger;
    readonly ShiftedClock _clock;
    readonly CatalogSource _catalogs;

    City(ILedger ledger, ShiftedClock clock)
    {
        (_ledger, _clock) = (ledger, clock);
        _catalogs = new CatalogSource(ledger, ReadPlan);
    }

    /// <summary>The basic pool has paid its cap of 110,000 yuan: from here on the plan pays.</summary>
    static readonly Fact.OpeningBalanceSet BasicCapReached = new(
        new AccumulatorChange(
            new AccumulatorKey(Make.Plan, "large", new Period(2026)),
            new Accumulator(Money.Zero, Money.Zero, Money.Yuan(110_000), 0)),
        "test");

    public static string PlanText
    {
        get
        {
            using var text = new StreamReader(typeof(City).Assembly.GetManifestResourceStream("puyang.yaml")!);
            return text.ReadToEnd();
        }
    }

    public static Plan ReadPlan(string text) =>
        PlanFile.Read(text).Plan ?? throw new InvalidDataException("The plan does not read.");

    /// <summary>One plan, and the given persons on the roster with an opening balance.</summary>
    public static async Task<City> Build(ILedger ledger, ShiftedClock clock, params string[] persons)
    {
        var city = new City(ledger, clock);
        await new CatalogWriting(ledger, city._catalogs, clock).Publish(ReadPlan(PlanText), PlanText, default);
        foreach (var person in persons)
        {
            var enrolled = Make.Enrolled(person, clock.Now);
            var reached = Entry.Next(enrolled.After!, BasicCapReached, clock.Now);
            await ledger.Append(new Append([enrolled, reached], null, clock.Now), default);
        }
        return city;
    }

    public async Task<Recorded> Settle(
        string person, string request, long fen = 45_000_00, DateOnly? discharged = null)
    {
        var settle = new Command.Settle(Make.Request(person, request, fen: fen, discharged: discharged), null);
        var answer = await Person(person).Turn(settle, default);
        return Assert.IsType<Answer.Settled>(answer).Settlement.Recorded;
    }

    public async Task<Recorded> Reverse(Recorded settled, string request)
    {
        var fact = (Fact.Settled)settled.Fact;
        var reverse = new ReverseRequest(request, fact.Request.FacilityId, fact.Id, "typed twice");
        var answer = await Person(settled.Entry.Stream.Id).Turn(new Command.Reverse(reverse, settled, false), default);
        return Assert.IsType<Answer.Settled>(answer).Settlement.Recorded;
    }

    public Task<Answer> Cancel(string person, string request) =>
        Person(person).Turn(new Command.Cancel(person, Make.Hospital, request), default).AsTask();

    Enrollee Person(string id) => new(id, _ledger, _catalogs, _clock);
}
