using SettlementGrid.Plans;
using SettlementGrid.Testing;

namespace SettlementGrid.Enrollees.Tests.Bytes;

/// <summary>
/// One entry per kind of fact and per edge. Made of figures alone, of no plan file: a reworded clause must not change
/// them.
/// </summary>
static class Entries
{
    const string Plan = "plan-a";

    static readonly RosterEntry Roster = new(
        "150502", Insurance.Resident,
        [new Coverage(Plan, new DaySpan(new DateOnly(2025, 1, 1), new DateOnly(2025, 6, 30))),
            new Coverage(Plan, new DaySpan(new DateOnly(2025, 8, 1), null))],
        [new Identity(IdentityKind.LowIncome, default),
            new Identity(IdentityKind.PreexistingRare, new DaySpan(null, DateOnly.MaxValue))]);

    static readonly SettleRequest Request = Given.Request("r1", "p-1", 30_000, 10_000);

    static readonly AdjudicationOutcome Outcome = new(
        [
            new LayerResult(
                Plan, 3, "critical", new Period(2025), "承办机构", "390201", CarePlace.InRegion,
                Money.Yuan(20_000), Money.Yuan(10_000), Money.Yuan(30_000),
                [new BandResult(
                    Money.Yuan(14_000), Money.Yuan(30_000), Money.Yuan(16_000), new Rate(6_000), Money.Yuan(9_600))],
                Money.Yuan(9_600), Money.Zero, Money.Zero, Money.Yuan(370_400), LayerNote.None, "第四条")
            {
                Deductible = Money.Yuan(14_000),
            },
        ],
        [], [new AccumulatorChange(new AccumulatorKey(Plan, "critical", new Period(2025)),
            new Accumulator(Money.Yuan(20_000), Money.Yuan(9_600), Money.Yuan(10_000), 1))],
        "") { Counted = [new PlanCounted(Plan, 3)] };

    static readonly Fact.Settled Settled = new(
        Request.Id, Request, "150502", FacilityProfile.Unregistered(Given.Hospital), Outcome, 1);

    static readonly Fact.Reversed Reversed = new(
        SettlementId.Of(Given.Hospital, "v1"), Request, "150502", Settled.Facility, Negative(Outcome), 1,
        new ReverseRequest("v1", Given.Hospital, Settled.Id, "录入有误"));

    static readonly FundRecordRequest Premium = new(
        "premium-2025-1", "150500", Plan, 2025, FundRecordKind.Premium, Money.Yuan(202_624_372.44m), 2_217_285,
        new DateOnly(2025, 1, 20));

    /// <summary>As entries are written now: the cases of format 1 and what only format 2 can hold.</summary>
    public static IReadOnlyDictionary<string, Entry> All { get; } = new Cases(Entry.CurrentFormat).WithFormat2();

    /// <summary>Format 1, which is read for good and written no more: these cases are closed.</summary>
    public static IReadOnlyDictionary<string, Entry> OfFormat1 { get; } = new Cases(1).Common();

    sealed class Cases(byte format)
    {
        public Dictionary<string, Entry> WithFormat2()
        {
            var cases = Common();
            var first =
                Next(Next(Account.Unknown("p-1"), new Fact.Enrolled(Roster), Given.Now).After!, Settled, Given.Now);
            var earlier = Request with
            {
                RequestId = "r2",
                Bill = Request.Bill with
                {
                    AdmittedOn = new DateOnly(2025, 3, 1), DischargedOn = new DateOnly(2025, 3, 8),
                },
            };
            cases["settled-out-of-order"] = Next(
                first.After!,
                Settled with { Id = earlier.Id, Request = earlier, LaterDischarge = Request.Bill.DischargedOn },
                Given.Now + 1);
            cases["settled-in-two-years"] = Next(
                first.After!,
                Settled with
                {
                    Request = Request with
                    {
                        Bill = Request.Bill with { DischargedOn = new DateOnly(2026, 1, 2) },
                    },
                },
                Given.Now + 1);
            cases["settled-with-flags"] = Next(
                first.After!,
                Settled with
                {
                    Outcome = Outcome with
                    {
                        Layers =
                        [
                            Outcome.Layers[0] with { LayerId = "pool", IsBasic = true },
                            Outcome.Layers[0] with
                            {
                                OtherStart = new StartStanding(Money.Yuan(10_000), Money.Yuan(30_000)),
                            },
                            Outcome.Layers[0] with
                            {
                                IsBasic = true,
                                OtherStart = new StartStanding(new Money(-1), Money.Zero),
                            },
                        ],
                    },
                },
                Given.Now + 1);
            cases["fund-recorded"] = FundRecorded(null, Premium);
            cases["fund-recorded-at-the-edges"] = FundRecorded(
                cases["fund-recorded"],
                Premium with
                {
                    RequestId = "r:2", Kind = FundRecordKind.Return, Amount = new Money(long.MaxValue), Persons = 0,
                    ReceivedOn = DateOnly.MaxValue,
                });
            return cases;
        }

        public Dictionary<string, Entry> Common()
        {
            var enrolled = Next(Account.Unknown("p-1"), new Fact.Enrolled(Roster), Given.Now).After!;
            return new Dictionary<string, Entry>(StringComparer.Ordinal)
            {
                ["enrolled"] = Next(Account.Unknown("p-1"), new Fact.Enrolled(Roster), Given.Now),
                ["enrolled-with-nothing"] = Next(
                    Account.Unknown(new string('x', 64)),
                        new Fact.Enrolled(new RosterEntry("110105", Insurance.Employee, [], [])), 0),
                ["enrolled-after-barred"] = Next(
                    Next(Account.Unknown("p-1"), new Fact.Barred(Given.Hospital, "r0"), Given.Now).After!,
                        new Fact.Enrolled(Roster), Given.Now + 5),
                ["roster-changed"] = Next(
                    enrolled,
                        new Fact.RosterChanged(Roster with { RegionId = "150521", Identities = [] },
                            RosterAspects.Region | RosterAspects.Identity), Given.Now + 1),
                ["opening-balance"] = Next(
                    enrolled,
                    new Fact.OpeningBalanceSet(
                        new AccumulatorChange(
                            new AccumulatorKey(Plan, "monthly", new Period(2025, 12)),
                            new Accumulator(new Money(Limits.AmountFenMax), new Money(1), Money.Zero, 0)),
                        "旧系统 2025-12-31 结转"),
                    Given.Now + 2),
                ["settled"] = Next(enrolled, Settled, Given.Now + 3),
                ["settled-at-the-edges"] =
                    Next(enrolled with { Version = long.MaxValue - 1, LastAt = 253402300799999 }, AtTheEdges(), 0),
                ["settled-in-no-layer"] = Next(
                    enrolled,
                    Settled with { Outcome = new AdjudicationOutcome([], [], [], "") { Counted = Outcome.Counted } },
                        Given.Now + 3),
                ["reversed"] = Next(Next(enrolled, Settled, Given.Now + 3).After!, Reversed, Given.Now + 4),
                ["adjusted"] = Next(
                    Next(enrolled, Settled, Given.Now + 3).After!,
                    new Fact.Adjusted(
                        SettlementId.OfAdjustment(Settled.Id, Reversed.Id), Request, "150502", Settled.Facility,
                        Negative(Outcome), Settled.Id, Reversed.Id),
                    Given.Now + 4),
                ["barred-of-nobody"] = Next(Account.Unknown("p-2"), new Fact.Barred("clinic-7", "r9"), Given.Now),
                ["plan-published"] = Next(
                    new StreamKey(StreamKind.Plan, Plan), null, new Fact.PlanPublished("id: plan-a\nname: { zh: 甲 }\n"),
                        Given.Now),
                ["facility-put"] = Next(
                    new StreamKey(StreamKind.Facility, "clinic-7"), null,
                    new Fact.FacilityPut(
                        new FacilityProfile("clinic-7", "第七诊所 🏥", "150502", 3, true, false, true, true)),
                        Given.Now),
                ["facility-put-again"] = Next(
                    new StreamKey(StreamKind.Facility, "clinic-7"),
                    Next(new StreamKey(StreamKind.Facility, "clinic-7"), null,
                        new Fact.FacilityPut(
                            new FacilityProfile("clinic-7", "", "150502", 1, false, true, false, true)),
                            Given.Now),
                    new Fact.FacilityPut(
                        new FacilityProfile("clinic-7", "第七诊所", "150502", 1, false, true, false, true)),
                        Given.Now + 1),
            };
        }

        Entry FundRecorded(Entry? last, FundRecordRequest request) =>
            Next(request.Stream, last, new Fact.FundRecorded(request), Given.Now);

        Entry Next(Account account, Fact fact, long now) => Entry.Next(account, fact, now, format);

        Entry Next(StreamKey stream, Entry? last, Fact fact, long now) => Entry.Next(stream, last, fact, now, format);
    }

    static Fact.Settled AtTheEdges()
    {
        var request = Request with
        {
            Channel = Channel.Window,
            Bill = new Bill(
                CareType.RareDiseaseDrug, CarePlace.OutOfProvince, Filing.Unfiled, DateOnly.MinValue, DateOnly.MaxValue,
                new Money(long.MaxValue), new Money(long.MinValue), Money.Zero, Money.Zero, new Money(-1), new Money(1),
                new Money(63), DrugClass.C),
        };
        var layer = Outcome.Layers[0] with
        {
            Period = new Period(2999, 12),
            CarePlace = CarePlace.OutOfProvince,
            Bands = [.. Outcome.Layers[0].Bands,
                new BandResult(new Money(64), null, new Money(-64), new Rate(10_000), new Money(8_191))],
            CapRemaining = null,
            Note = LayerNote.LimitedByBase,
            Clause = "",
        };
        var outcome = new AdjudicationOutcome(
            [layer, layer with { LayerId = "accident", Note = LayerNote.FacilityUnregistered,
                Deductible = Money.Zero }],
            [new PlanLeftOut("plan-b", LeftOutReason.CoverNotInForce),
                new PlanLeftOut("plan-c", LeftOutReason.KindAlreadyCounted)],
            [new AccumulatorChange(new AccumulatorKey(Plan, "accident", new Period(0)),
                new Accumulator(new Money(-1), Money.Zero, Money.Zero, int.MinValue))],
            "390401") { Counted = [new PlanCounted(Plan, int.MaxValue), new PlanCounted("plan-d", 1)] };
        return new Fact.Settled(
            request.Id, request, "999999",
                new FacilityProfile(request.FacilityId, "", "", 0, false, false, false, false), outcome, int.MaxValue);
    }

    static AdjudicationOutcome Negative(AdjudicationOutcome outcome) => outcome with
    {
        Layers = [.. outcome.Layers.Select(l => l with { Base = -l.Base, Paid = -l.Paid, Bands = [] })],
        Changes = [.. outcome.Changes.Select(c => c with { Change = default(Accumulator) - c.Change })],
    };
}
