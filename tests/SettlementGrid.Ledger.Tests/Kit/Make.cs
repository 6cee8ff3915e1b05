using SettlementGrid.Enrollees;
using SettlementGrid.Plans;

namespace SettlementGrid.Ledger.Tests.Kit;

/// <summary>Facts in plausible shape; the ledger does not judge amounts.</summary>
static class Make
{
    public const string Plan = "puyang-employee-large-2026";
    public const string Hospital = "H41092600001";

    public static readonly RosterEntry Roster = new(
        "410926", Insurance.Employee, [new Coverage(Plan, new DaySpan(new DateOnly(2026, 1, 1), null))], []);

    public static Entry Enrolled(string person, long now) =>
        Entry.Next(Account.Unknown(person), new Fact.Enrolled(Roster), now);

    public static Entry Moved(Account account, string region, long now) => Entry.Next(
        account, new Fact.RosterChanged(Roster with { RegionId = region }, RosterAspects.Region), now);

    public static SettleRequest Request(
        string person, string request, string? encounter = null, long fen = 45_000_00, string hospital = Hospital,
        DateOnly? discharged = null) =>
        new(request, hospital, encounter ?? "E-" + request, person, Channel.OneStop, new Bill(
            CareType.Inpatient, null, Filing.Filed, new DateOnly(2026, 2, 20), discharged ?? new DateOnly(2026, 3, 1),
            new Money(fen * 2), new Money(fen), Money.Zero, new Money(fen), Money.Zero, Money.Zero, Money.Zero, null));

    public static Fact.Settled Settled(SettleRequest request, int attempt = 1) => new(
        request.Id, request, "410926", FacilityProfile.Unregistered(request.FacilityId),
        Outcome(request.Bill.Eligible.Fen),
        attempt);

    public static Fact.Reversed Reversed(Fact.Settled settled, string request)
    {
        var reverse = new ReverseRequest(request, settled.Request.FacilityId, settled.Id, "typed twice");
        return new Fact.Reversed(
            reverse.Id, settled.Request, settled.RegionId, settled.Facility,
            Outcome(-settled.Request.Bill.Eligible.Fen),
            settled.Attempt, reverse);
    }

    /// <summary>
    /// Settlements as a server of ledger format 1 wrote them; gives the first. The person's entries go on from there.
    /// </summary>
    public static async Task<Recorded> InFormat1(ILedger ledger, string person, long now, params string[] requests)
    {
        var catalog = new Catalog(1, [new PlanVersion(City.ReadPlan(City.PlanText), 1, City.PlanText)], []);
        var account = await ledger.Load(person, default);
        var entries = new List<Entry>();
        foreach (var id in requests)
        {
            var decision = Decide.Settle(account, Request(person, id), null, catalog, null, null);
            var fact = (Fact.Settled)Assert.IsType<Decision.Facts>(decision).All[0];
            entries.Add(Entry.Next(account, fact with { LaterDischarge = null }, now, format: 1));
            account = entries[^1].After!;
        }
        var outcome = await ledger.Append(new Append(entries, null, now), default);
        return new Recorded(entries[0], Assert.IsType<AppendOutcome.Committed>(outcome).Positions[0]);
    }

    public static Append One(Entry entry, long? revision = null) => new([entry], revision, entry.At);

    public static Entry PlanText(string id, Entry? last, string text, long now) =>
        Entry.Next(new StreamKey(StreamKind.Plan, id), last, new Fact.PlanPublished(text), now);

    public static Entry Facility(string id, Entry? last, string name, long now) => Entry.Next(
        new StreamKey(StreamKind.Facility, id), last,
        new Fact.FacilityPut(FacilityProfile.Unregistered(id) with { Name = name, Registered = true }), now);

    public static Entry FundRecord(
        string request, Entry? last, long now, string region = "410900", int year = 2026)
    {
        var record = new FundRecordRequest(
            request, region, Plan, year, FundRecordKind.Premium, new Money(90_00), 1, new DateOnly(2026, 1, 5));
        return Entry.Next(record.Stream, last, new Fact.FundRecorded(record), now);
    }

    static AdjudicationOutcome Outcome(long fen)
    {
        var paid = new Money(fen / 10 * 9);
        var layer = new LayerResult(
            Plan, 1, "large", new Period(2026), "insurer", "390201", CarePlace.InRegion, new Money(fen), Money.Zero,
            new Money(fen), [new BandResult(Money.Zero, null, new Money(fen), new Rate(9000), paid)], paid, Money.Zero,
            Money.Zero, Money.Yuan(490_000) - paid, LayerNote.None, "13(1)");
        return new AdjudicationOutcome(
            [layer], [],
            [new AccumulatorChange(
                new AccumulatorKey(Plan, "large", new Period(2026)),
                new Accumulator(new Money(fen), paid, Money.Zero, Math.Sign(fen)))],
            "");
    }
}
