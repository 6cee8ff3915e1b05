using System.Text;
using SettlementGrid.PlanFiles;
using SettlementGrid.Testing;

namespace SettlementGrid.Plans.Tests;

/// <summary>
/// Every sentence with which adjudication refuses, in both languages and with its figures, word by word in
/// refusals.approved.txt. Whoever changes a sentence changes that file, knowingly.
/// </summary>
public class Refusal_sentence_tests
{
    [Fact]
    public void Refusals_are_those_approved()
    {
        var text = new StringBuilder();
        foreach (var refusal in Refusals())
            text.Append("## ").Append(refusal.Code).Append('\n').Append(refusal.MessageZh).Append('\n')
                .Append(refusal.MessageEn).Append('\n')
                .AppendJoin(", ", refusal.Numbers.Select(n => $"{n.Key}={n.Value}")).Append("\n\n");
        Approved.Check("refusals", text.ToString());
    }

    static IEnumerable<Refusal> Refusals()
    {
        var bill = Bills.Of(20_000m, 10_000m);
        var tongliao = ShippedPlans.Tongliao;
        yield return Refused(tongliao, bill, Facilities.Nowhere);
        foreach (var (stated, at) in new[] { (CarePlace.InRegion, Facilities.Hohhot),
            (CarePlace.InProvince, Facilities.Shenyang), (CarePlace.OutOfProvince, Facilities.Tongliao) })
            yield return Refused(tongliao, bill with { StatedPlace = stated }, at);
        yield return Refused(tongliao,
            bill with { AssistancePaid = Money.Yuan(9_999m), PriorPlansPaid = new Money(101) });
        yield return Refused(tongliao, bill, null, accumulated: 119_999m);

        var drug = bill with { CareType = CareType.OutpatientHighValueDrug };
        yield return Refused(ShippedPlans.DalianSample, drug, Facilities.In("210200"));
        yield return Refused(ShippedPlans.DalianSample, drug with { OverCapEligible = Money.Yuan(10_000.01m) },
            Facilities.In("210200"));
        yield return Refused(ShippedPlans.Sanming with { Effective = default },
            bill with { CareType = CareType.SpecificCancerDrug }, Facilities.In("350400"));
        var open = ShippedPlans.Read("dalian-resident-critical.yaml") with { Effective = default };
        yield return Refused(open, bill, Facilities.In("210200"));

        var puyang = ShippedPlans.Puyang with { Effective = default };
        yield return Refused(puyang, bill with { OverCapEligible = new Money(1) }, Facilities.Puyang);
        yield return Refused(puyang, bill, Facilities.Puyang, accumulated: 100_000m);
        yield return Refused(PlanFile.Read(Basic_layer_tests.Pool).Plan!, bill, Facilities.In("350400"));

        var pool = PlanFile.Read(Basic_layer_tests.Pool).Plan!;
        var second = pool with { Id = "second", Kind = PlanKind.Puhui, Order = 900 };
        yield return new Person(pool, second).Settle(Bills.Of(5_000m), Facilities.In("350400")).Refusal!;
        yield return new Person(puyang with { Region = "350400" }, second)
            .Settle(Bills.Of(5_000m), Facilities.In("350400")).Refusal!;

        var nobody = new Person(puyang, puyang with { Id = "b" });
        nobody.Roster = nobody.Roster with { Coverages = [] };
        yield return nobody.Settle(bill).Refusal!;
        nobody.Roster = nobody.Roster with
        {
            Coverages =
                [new Coverage("none", default), new Coverage(puyang.Id, new DaySpan(new DateOnly(2026, 1, 1), null))],
        };
        yield return nobody.Settle(bill).Refusal!;
        yield return Publishing.Check(ShippedPlans.Read("fujian-employee-supplement.yaml"))!;
    }

    static Refusal Refused(Plan plan, Bill bill, FacilityProfile? at = null, decimal accumulated = 0)
    {
        var person = new Person(plan);
        person.Accumulators[new AccumulatorKey(plan.Id, plan.Layers[0].Id, new Period(2025))] =
            new Accumulator(default, default, Money.Yuan(accumulated), 1);
        var result = person.Settle(bill, at);
        Assert.Null(result.Outcome);
        return result.Refusal!;
    }

    [Fact]
    public void Only_templates_are_kept_from_being_published() => Assert.Null(Publishing.Check(ShippedPlans.Tongliao));
}
