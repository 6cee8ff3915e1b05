using SettlementGrid.Enrollees;
using SettlementGrid.Plans;
using SettlementGrid.Regions.Folding;
using SettlementGrid.Testing;

namespace SettlementGrid.Regions.Tests.Kit;

/// <summary>A ledger that is written by hand and folded at once.</summary>
sealed class Funds
{
    readonly FundFold _fold = new(GivenPlans.Read);
    readonly VolatileLedger _ledger;
    readonly CatalogSource _catalogs;
    readonly FundWriting _writing;
    int _requests;

    Funds(VolatileLedger ledger, CatalogSource catalogs)
    {
        (_ledger, _catalogs) = (ledger, catalogs);
        _writing = new FundWriting(ledger, catalogs, Clock);
    }

    public ManualClock Clock { get; } = new();

    /// <summary>The shipped plans are published.</summary>
    public static async Task<Funds> Build()
    {
        var ledger = await Given.Ledger(new ManualClock());
        return new Funds(ledger, await Given.Catalogs(ledger));
    }

    public async Task<FundPosition> Position(string region = "150500", int year = 2025)
    {
        while (await _ledger.ReadTail(_fold.Mark, 1_000, default) is { Count: > 0 } page)
            foreach (var recorded in page)
                _fold.Apply(recorded);
        return _fold.Position(region, GivenPlans.Tongliao, year);
    }

    public async Task Record(
        FundRecordKind kind, decimal yuan, string region = "150500", int year = 2025, long persons = 0)
    {
        var (recorded, _) = await _writing.Record(
            new FundRecordRequest(
                "record-" + ++_requests, region, GivenPlans.Tongliao, year, kind, Money.Yuan(yuan), persons,
                new DateOnly(2025, 1, 20)),
            default);
        Assert.NotNull(recorded);
    }

    /// <summary>The person's whole roster entry; each cover under 通辽.</summary>
    public async Task Put(string person, string region, params DaySpan[] cover)
    {
        var account = await _ledger.Load(person, default);
        var entry = new RosterEntry(
            region, Insurance.Resident, [.. cover.Select(days => new Coverage(GivenPlans.Tongliao, days))], []);
        var now = Clock.GetUtcNow().ToUnixTimeMilliseconds();
        var next = Entry.Next(account, Decide.PutRoster(account, entry)!, now);
        Assert.IsType<AppendOutcome.Committed>(await _ledger.Append(new Append([next], null, now), default));
    }

    public async Task<Recorded> Settle(
        string person, decimal eligible, decimal basic = 0, CareType care = CareType.Inpatient,
        DateOnly? discharged = null)
    {
        var request = Given.Request("r" + ++_requests, person, eligible, basic, discharged: discharged);
        request = request with { Bill = request.Bill with { CareType = care } };
        return Assert.IsType<Answer.Settled>(await Turn(new Command.Settle(request, null))).Settlement.Recorded;
    }

    public async Task<Answer.Settled> Reverse(Recorded settled)
    {
        var fact = (Fact.Settled)settled.Fact;
        var request = new ReverseRequest("v" + ++_requests, fact.Request.FacilityId, fact.Id, "typed twice");
        return Assert.IsType<Answer.Settled>(await Turn(new Command.Reverse(request, settled, false)));
    }

    ValueTask<Answer> Turn(Command command) =>
        new Enrollee(command.EnrolleeId, _ledger, _catalogs, Clock).Turn(command, default);
}
