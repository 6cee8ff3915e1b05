using FsCheck;
using FsCheck.Fluent;
using SettlementGrid.Plans;

namespace SettlementGrid.Enrollees.Tests.Bytes;

/// <summary>Whatever is written is read back as it was: facts with any figures, texts and lists.</summary>
public sealed class Round_trip_tests
{
    [Fact]
    public void Any_entry_is_read_back_as_it_was() => Prop.ForAll(
        Arb.From(AnyEntry), entry => Same.Entry(entry, Entry.Read(entry.Body))).QuickCheckThrowOnFailure();

    static readonly Gen<string> AnyText = Gen.Elements(
        "", "a", "plan-a", "第四条", "🏥", "r-1", new string('长', 100)).Or(Gen.Choose(0, 99).Select(i => "t" + i));

    static readonly Gen<Money> AnyMoney = Gen.Choose(int.MinValue, int.MaxValue)
        .SelectMany(a => Gen.Choose(0, 40).Select(shift => new Money((long)a << shift >> 8)));

    static readonly Gen<Money?> AnyOptional = AnyMoney.Select(m => (Money?)m).Or(Gen.Constant((Money?)null));

    static readonly Gen<DateOnly> AnyDay = Gen.Choose(0, DateOnly.MaxValue.DayNumber).Select(DateOnly.FromDayNumber);

    static readonly Gen<DaySpan> AnySpan =
        from one in AnyDay
        from other in AnyDay
        from open in Gen.Choose(0, 3)
        select new DaySpan((open & 1) == 0 ? one : null, (open & 2) == 0 ? other : null);

    static readonly Gen<Period> AnyPeriod =
        from year in Gen.Choose(1990, 2998) from month in Gen.Choose(0, 12) select new Period(year, month);

    static readonly Gen<AccumulatorChange> AnyChange =
        from plan in AnyText
        from layer in AnyText
        from period in AnyPeriod
        from position in AnyMoney
        from paid in AnyMoney
        from basic in AnyMoney
        from cases in Gen.Choose(-3, 3)
        select new AccumulatorChange(new AccumulatorKey(plan, layer, period),
            new Accumulator(position, paid, basic, cases));

    static readonly Gen<RosterEntry> AnyRoster =
        from region in AnyText
        from insurance in Any<Insurance>()
        from coverages in AnyText.SelectMany(_ => AnySpan, (plan, days) => new Coverage(plan, days)).ListOf()
        from identities in Any<IdentityKind>().SelectMany(_ => AnySpan, (kind, days) =>
            new Identity(kind, days)).ListOf()
        select new RosterEntry(region, insurance, [.. coverages], [.. identities]);

    static readonly Gen<LayerResult> AnyLayer =
        from plan in AnyText
        from layer in AnyText
        from version in Gen.Choose(1, int.MaxValue)
        from period in AnyPeriod
        from payer in AnyText
        from place in Any<CarePlace>()
        from amounts in AnyMoney.ArrayOf(7)
        from bands in AnyOptional.SelectMany(_ => AnyMoney, (to, m) =>
            new BandResult(m, to, m, new Rate(8_500), m)).ListOf()
        from cap in AnyOptional
        from note in Any<LayerNote>()
        from basic in ArbMap.Default.GeneratorFor<bool>()
        from start in AnyMoney.SelectMany(_ => AnyMoney, (a, b) => (StartStanding?)new StartStanding(a, b))
            .Or(Gen.Constant((StartStanding?)null))
        select new LayerResult(
            plan, version, layer, period, payer, "390201", place, amounts[0], amounts[1], amounts[2], [.. bands],
            amounts[3], amounts[4], amounts[5], cap, note, payer)
        {
            Deductible = amounts[6],
            IsBasic = basic,
            OtherStart = start,
        };

    static readonly Gen<AdjudicationOutcome> AnyOutcome =
        from layers in AnyLayer.ListOf()
        from left in AnyText.SelectMany(_ => Any<LeftOutReason>(), (plan, reason) =>
            new PlanLeftOut(plan, reason)).ListOf()
        from changes in AnyChange.ListOf()
        from counted in AnyText.ListOf()
        select new AdjudicationOutcome([.. layers], [.. left], [.. changes], "")
        {
            Counted = [.. counted.Select((p, i) => new PlanCounted(p, i))],
        };

    static readonly Gen<SettleRequest> AnyRequest =
        from texts in AnyText.ArrayOf(4)
        from channel in Any<Channel>()
        from care in Any<CareType>()
        from place in Any<CarePlace>().Select(p => (CarePlace?)p).Or(Gen.Constant((CarePlace?)null))
        from filing in Any<Filing>()
        from drug in Any<DrugClass>().Select(d => (DrugClass?)d).Or(Gen.Constant((DrugClass?)null))
        from days in AnyDay.ArrayOf(2)
        from amounts in AnyMoney.ArrayOf(6)
        from over in AnyOptional
        select new SettleRequest(
            texts[0], texts[1], texts[2], texts[3], channel,
            new Bill(care, place, filing, days[0], days[1], amounts[0], amounts[1], amounts[2], over, amounts[3],
                amounts[4], amounts[5], drug));

    static readonly Gen<Fact> AnyMoneyFact =
        from request in AnyRequest
        from region in AnyText
        from level in Gen.Choose(0, 3)
        from flags in Gen.Choose(0, 15)
        from outcome in AnyOutcome
        from kind in Gen.Choose(0, 2)
        from attempt in Gen.Choose(1, 9)
        from later in AnyDay.Select(d => (DateOnly?)d).Or(Gen.Constant((DateOnly?)null))
        select MoneyFact(
            kind, request, region,
            new FacilityProfile(request.FacilityId, "", region, level, (flags & 1) != 0, (flags & 2) != 0,
                (flags & 4) != 0, (flags & 8) != 0),
            outcome, attempt, later);

    static readonly Gen<Fact> AnyFact = Gen.OneOf(
        AnyRoster.Select(Fact (r) => new Fact.Enrolled(r)),
        AnyRoster.SelectMany(_ => Gen.Choose(1, 15), Fact (r, a) => new Fact.RosterChanged(r, (RosterAspects)a)),
        AnyChange.SelectMany(_ => AnyText, Fact (c, t) => new Fact.OpeningBalanceSet(c, t)),
        AnyText.SelectMany(_ => AnyText, Fact (f, r) => new Fact.Barred(f, r)),
        AnyMoneyFact, AnyMoneyFact);

    static readonly Gen<FundRecordRequest> AnyFundRecord =
        from texts in AnyText.ArrayOf(3)
        from year in Gen.Choose(int.MinValue, int.MaxValue)
        from kind in Any<FundRecordKind>()
        from amount in AnyMoney
        from persons in Gen.Choose(int.MinValue, int.MaxValue)
        from day in AnyDay
        select new FundRecordRequest(texts[0], texts[1], texts[2], year, kind, amount, persons, day);

    internal static readonly Gen<Entry> AnyEntry = AnyPersonsEntry.Or(
        from request in AnyFundRecord
        from now in Gen.Choose(0, int.MaxValue)
        select Entry.Next(request.Stream, null, new Fact.FundRecorded(request), now));

    static Gen<Entry> AnyPersonsEntry =>
        from before in AnyRoster
        from fact in AnyFact
        from id in AnyText
        from now in Gen.Choose(0, int.MaxValue)
        select Entry.Next(Entry.Next(Account.Unknown(id), new Fact.Enrolled(before), now).After!, fact,
            (long)now * 1_000);

    static Fact MoneyFact(
        int kind, SettleRequest request, string region, FacilityProfile facility, AdjudicationOutcome outcome,
            int attempt, DateOnly? later)
    {
        var id = SettlementId.Of("a", region);
        return kind switch
        {
            0 => new Fact.Settled(request.Id, request, region, facility, outcome, attempt) { LaterDischarge = later },
            1 => new Fact.Reversed(
                id, request, region, facility, outcome, attempt,
                    new ReverseRequest(region, request.FacilityId, request.Id, region)),
            _ => new Fact.Adjusted(id, request, region, facility, outcome, request.Id, id),
        };
    }

    static Gen<T> Any<T>()
        where T : struct, Enum => Gen.Elements(Enum.GetValues<T>());
}
