using System.Text;
using SettlementGrid.Plans;
using SettlementGrid.Testing;

namespace SettlementGrid.Enrollees.Tests.Sentences;

/// <summary>
/// Every sentence with which the account and its turn refuse, in both languages and with its figures, word by word in
/// refusals.approved.txt. Whoever changes a sentence changes that file, knowingly.
/// </summary>
public sealed class Refusal_sentence_tests
{
    static readonly DateOnly Today = new(2026, 3, 2);
    static readonly SettlementId Id = SettlementId.Of(Given.Hospital, "r1");
    static readonly Catalog Shipped = GivenPlans.Shipped;

    [Fact]
    public void Refusals_are_those_approved()
    {
        var text = new StringBuilder();
        foreach (var refusal in OfTheTurn().Concat(OfTheForm()).Concat(OfTheAgency()))
            text.Append("## ").Append(refusal.Code).Append('\n').Append(refusal.MessageZh).Append('\n')
                .Append(refusal.MessageEn).Append('\n')
                .AppendJoin(", ", refusal.Numbers.Select(n => $"{n.Key}={n.Value}")).Append("\n\n");
        Approved.Check("refusals", text.ToString());
    }

    static IEnumerable<Refusal> OfTheTurn()
    {
        var anna = Given.Enrolled("anna");
        var later =
            new Recorded(Entry.Next(anna, new Fact.RosterChanged(Given.Roster(), RosterAspects.Cover), Given.Now), 9);
        var barred = new Recorded(Entry.Next(anna, new Fact.Barred(Given.Hospital, "r1"), Given.Now), 9);
        yield return Refusals.EnrolleeUnknown();
        yield return Refusals.RequestIdReused(Id);
        yield return Refusals.RequestIdBarred();
        yield return Refusals.EncounterAlreadySettled(Id);
        yield return Refusals.AccountMoved(1, 3, null);
        yield return Refusals.AccountMoved(1, 3, later);
        yield return Refusals.AccountMoved(1, 3, barred);
        yield return Refusals.SettlementUnknown();
        yield return Refusals.AlreadyReversed(Id, SettlementId.Of(Given.Hospital, "v1"));
        yield return Refusals.NotReversible(later);
        yield return Refusals.NotReversible(barred);
        yield return Refusals.TooManyAdjustments(Id, 201);
        yield return Refusals.Overloaded("忙", "busy");
        yield return Refusals.Unavailable();
    }

    static IEnumerable<Refusal> OfTheForm()
    {
        var good = Given.Request("r1", "anna", 1_000, 400);
        foreach (var id in new[] { "", new string('x', 65), "a b" })
            yield return RequestChecks.Check(good with { EncounterId = id }, Today)!;
        foreach (var bill in new[]
        {
            good.Bill with { Unreasonable = new Money(-1) },
            good.Bill with { Eligible = new Money(100_001) },
            good.Bill with { OverCapEligible = new Money(60_001) },
            good.Bill with { AdmittedOn = good.Bill.DischargedOn.AddDays(1) },
            good.Bill with { DischargedOn = Today.AddDays(1) },
            good.Bill with { AdmittedOn = new DateOnly(1999, 1, 1), DischargedOn = new DateOnly(1999, 12, 31) },
        })
            yield return RequestChecks.Check(good with { Bill = bill }, Today)!;
    }

    static IEnumerable<Refusal> OfTheAgency()
    {
        var key = new AccumulatorKey(GivenPlans.Tongliao, "critical", new Period(2025, 3));
        yield return Refusals.AlreadySettledInPeriod(key);
        yield return Refusals.PlanReachesBack(Shipped.Latest(GivenPlans.Tongliao)!.Plan, 7);
        var balance = new OpeningBalance("anna", key, default, default, default, "a\tb");
        yield return RequestChecks.Check(balance, Shipped)!;
        yield return RequestChecks.Check(balance with { Source = "", Key = key with { PlanId = "none" } }, Shipped)!;
        yield return RequestChecks.Check(balance with { Source = "", Key = key with { LayerId = "none" } }, Shipped)!;
        var span = new DaySpan(Given.Day, Given.Day.AddDays(-1));
        foreach (var entry in new[]
        {
            Given.Roster() with { RegionId = "1505" },
            Given.Roster() with { Coverages = [.. Enumerable.Repeat(new Coverage("a", default), 33)] },
            Given.Roster() with { Coverages = [new Coverage("a", span)] },
        })
            yield return RequestChecks.Check(new RosterPut("anna", entry))!;
        var record =
            new FundRecordRequest("q1", "150500", "plan-a", 2026, FundRecordKind.Premium, new Money(1), 0, Today);
        foreach (var request in new[]
        {
            record with { Year = 1999 }, record with { Kind = 0 }, record with { Amount = default },
            record with { Persons = -1 },
        })
            yield return RequestChecks.Check(request)!;
        yield return RequestChecks.CheckReceived(record with { ReceivedOn = Today.AddDays(1) }, Today)!;
        yield return RequestChecks.CheckWithin("410900", Shipped.Latest(GivenPlans.Tongliao)!.Plan)!;
        yield return Refusals.RegionTooLarge("150500", 7);
        yield return RequestChecks.Check(new FacilityProfile("clinic-7", "", "", 0, true, true, true, true))!;
    }
}
