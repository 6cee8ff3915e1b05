using FsCheck.Fluent;

namespace SettlementGrid.Plans.Tests;

/// <summary>What holds for every history, whatever its figures.</summary>
public class Adjudication_laws
{
    const long OrdinaryCapFen = 38_000_000;

    static AdjudicationOutcome Settle(Person person, Circumstances at, long eligible, long basic = 0) =>
        person.Settle(at.Bill(eligible, basic), at.Facility).Outcome!;

    static long YearsTotal(Circumstances at, IEnumerable<long> bills)
    {
        var person = at.Person();
        return bills.Sum(fen => Settle(person, at, fen).PlansPaid.Fen);
    }

    [Fact]
    public void Every_payment_is_the_rounded_difference_of_the_benefit_written_out_from_the_policy() =>
        Generators.Law(Generators.Circumstances.Zip(Generators.Bills), test =>
        {
            var (at, bills) = test;
            var person = at.Person();
            long position = 0, paid = 0;
            foreach (var fen in bills)
            {
                var layer = Settle(person, at, fen).Layers[0];
                var due = (long)decimal.Round(
                    Reference.Benefit(at, position + fen) - Reference.Benefit(at, position),
                    MidpointRounding.AwayFromZero);
                var expected = Math.Min(at.Special ? due : Math.Min(due, OrdinaryCapFen - paid), fen);
                Assert.Equal(expected, layer.Paid.Fen);
                position += fen;
                paid += expected;
                Assert.Equal(position, layer.PositionAfter.Fen);
            }
        }, 10_000);

    [Fact]
    public void Parts_add_up_to_the_bill_and_none_is_negative() =>
        Generators.Law(
            from at in Generators.Circumstances
            from eligible in Generators.Fen
            from basic in Gen.Choose(0, 12_000_000)
            from ineligible in Gen.Choose(0, 1_000_000)
            select (at, eligible, Math.Min(basic, eligible), eligible + ineligible),
            test =>
            {
                var (at, eligible, basic, total) = test;
                var outcome = at.Person()
                    .Settle(at.Bill(eligible, basic) with { Total = new Money(total) }, at.Facility).Outcome!;
                var person = total - basic - outcome.PlansPaid.Fen;
                Assert.InRange(person, total - eligible, total);
                var layer = outcome.Layers[0];
                Assert.InRange(layer.Paid.Fen, 0, eligible - basic);
                Assert.Equal(eligible - basic, layer.Base.Fen);
                Assert.Equal(Math.Max(0, layer.PositionAfter.Fen - layer.Deductible.Fen),
                    layer.Bands.Sum(b => b.Amount.Fen));
                Assert.True(layer.Bands.All(b => b.Paid.Fen >= 0));
                Assert.True(layer.Bands.Sum(b => b.Paid.Fen) == layer.Paid.Fen || layer.CapRemaining == Money.Zero);
            });

    [Fact]
    public void Nobody_is_paid_above_the_cap() =>
        Generators.Law(Generators.Circumstances.Where(at => !at.Special).Zip(Generators.Bills), test =>
        {
            var (at, bills) = test;
            var person = at.Person();
            long paid = 0;
            foreach (var fen in bills)
            {
                var layer = Settle(person, at, fen).Layers[0];
                paid += layer.Paid.Fen;
                Assert.Equal(OrdinaryCapFen - paid, layer.CapRemaining!.Value.Fen);
                Assert.InRange(paid, 0, OrdinaryCapFen);
            }
        });

    [Fact]
    public void Splitting_a_stay_moves_the_years_total_by_at_most_one_fen_a_split() =>
        Generators.Law(Generators.Circumstances.Zip(Generators.Bills), test =>
        {
            var (at, parts) = test;
            var whole = YearsTotal(at, [parts.Sum()]);
            Assert.InRange(YearsTotal(at, parts), whole - (parts.Length - 1), whole + (parts.Length - 1));
        });

    [Fact]
    public void A_larger_bill_never_pays_less_and_never_costs_the_person_less() =>
        Generators.Law(Generators.Circumstances.Zip(Generators.Fen.Two()), test =>
        {
            var (at, (fen, more)) = test;
            var paid = Settle(at.Person(), at, fen).PlansPaid.Fen;
            var paidMore = Settle(at.Person(), at, fen + more).PlansPaid.Fen;
            Assert.InRange(paidMore, paid, paid + more);
        });

    [Fact]
    public void The_order_of_settlements_moves_the_years_total_by_at_most_one_fen_each() =>
        Generators.Law(Generators.Circumstances.Zip(Generators.Bills), test =>
        {
            var (at, bills) = test;
            var turned = YearsTotal(at, bills.Reverse());
            Assert.InRange(YearsTotal(at, bills), turned - bills.Length, turned + bills.Length);
        });

    [Fact]
    public void Taking_every_settlement_back_restores_the_accumulators() =>
        Generators.Law(Generators.Circumstances.Zip(Generators.Bills), test =>
        {
            var (at, bills) = test;
            var person = at.Person();
            var outcomes = bills.Select(fen => Settle(person, at, fen, Math.Min(fen, 1_000_000))).ToList();
            outcomes.Reverse();
            foreach (var outcome in outcomes)
                person.TakeBack(outcome);
            Assert.Empty(person.Accumulators);
        });

    [Fact]
    public void Puyang_pays_nine_tenths_of_what_is_over_the_cap_up_to_490000() =>
        Generators.Law(Generators.Bills, bills =>
        {
            var person = new Person(ShippedPlans.Puyang);
            person.Settle(Tests.Bills.Of(110_000m, 110_000m, "2026-01-01") with { OverCapEligible = default(Money) },
                Facilities.Puyang);
            long paid = 0;
            foreach (var fen in bills)
            {
                var bill = Tests.Bills.Of(fen / 100m, 0, "2026-02-01");
                var layer = person.Settle(bill, Facilities.Puyang).Outcome!.Layers[0];
                var expected = Math.Min((fen * 9 + 5) / 10, 49_000_000 - paid);
                Assert.Equal(expected, layer.Paid.Fen);
                paid += expected;
            }
        });

    [Fact]
    public void Amounts_at_their_bound_do_not_overflow()
    {
        var at = new Circumstances(Special: true, Outside: false, new DateOnly(2025, 3, 1));
        var person = at.Person();
        for (var i = 0; i < 100; i++)
            Assert.InRange(Settle(person, at, 10_000_000_000_000).PlansPaid.Fen, 9_499_990_000_000, 9_500_000_000_000);
    }
}
