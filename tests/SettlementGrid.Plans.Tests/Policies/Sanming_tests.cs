using SettlementGrid.PlanFiles;

namespace SettlementGrid.Plans.Tests;

/// <summary>Sanming's scheme of 2024, responsibility by responsibility.</summary>
public class Sanming_tests
{
    static readonly Plan WithoutDates = ShippedPlans.Sanming with { Effective = default };

    static void Check(string table) => Histories.Check(WithoutDates, table);

    [Fact]
    public void Worked_figures() => Check("""
        who         at      total eligible basic => r1    r2    base
        Preexisting sanming 60000 60000    30000 => 12500 -     30000
        ----
        ordinary    fuzhou  50000 50000    10000 => -     14000 40000
        """);

    [Fact]
    public void R1_pays_reasonable_cost_in_the_region_by_health_and_rescue() => Check("""
        who                total   unreasonable eligible basic => r1      left
        ordinary           5000    0            0        0     => 0       1500000
        ordinary           0.01    0            0        0     => 0.01    1499999.99
        ----
        ordinary           60000   10000        40000    20000 => 25000   1475000
        ----
        Preexisting        60000   10000        40000    20000 => 12500   1487500
        ----
        Preexisting+Rescue 60000   10000        40000    20000 => 25000   1475000
        ----
        Rescue             60000   10000        40000    20000 => 25000   1475000
        ----
        ordinary           1505000.01 0         0        0     => 1500000 0
        """);

    [Fact]
    public void R2_pays_eligible_cost_elsewhere() => Check("""
        who                at       eligible basic => r2    r1
        ordinary           shenyang 120000   0     => 70000 -
        ----
        Preexisting        fuzhou   120000   0     => 30000 -
        ----
        Preexisting+Rescue fuzhou   120000   0     => 80000 -
        ----
        Rescue             fuzhou   120000   0     => 70000 -
        ----
        ordinary           fuzhou   20000    0     => 0     -
        ordinary           fuzhou   0.01     0     => 0.01  -
        """);

    [Fact]
    public void R3_is_for_the_healthy_in_the_region() => Check("""
        who                care                     at      eligible => r3    note                left
        ordinary           OutpatientSpecialDisease sanming 15000    => 7000  FacilityUnregistered 23000
        ordinary           OutpatientSpecialDisease sanming 50000    => 23000 FacilityUnregistered 0
        ----
        Preexisting        OutpatientSpecialDisease sanming 15000    => 0     IdentityNotEntitled -
        Preexisting+Rescue OutpatientSpecialDisease sanming 15000    => 0     IdentityNotEntitled -
        ordinary           OutpatientSpecialDisease fuzhou  15000    => -     -                   -
        """);

    [Fact]
    public void R4a_goes_by_drug_class() => Check("""
        who                care               class total  => r4a     position refused
        ordinary           SpecificCancerDrug A     30000  => 7000    30000    -
        ordinary           SpecificCancerDrug B     30000  => 0       30000    -           // not covered: nothing moves
        ordinary           SpecificCancerDrug C     30000  => 0       30000    -
        ordinary           SpecificCancerDrug -     30000  => -       -        MALFORMED_REQUEST
        ordinary           SpecificCancerDrug A     2000000 => 993000 2030000  -                 // 1,000,000 a year
        ----
        Preexisting        SpecificCancerDrug A     30000  => 0       0        -
        Preexisting        SpecificCancerDrug B     28000  => 4000    28000    -
        Preexisting        SpecificCancerDrug C     10000  => 500     38000    -                 // 4,500 a year
        ----
        Preexisting+Rescue SpecificCancerDrug C     30000  => 3000    30000    -
        """);

    [Fact]
    public void R4b_pays_half_for_rare_diseases() => Check("""
        who             care            total   => r4b    note
        ordinary        RareDiseaseDrug 30000   => 5000   FacilityUnregistered
        ordinary        RareDiseaseDrug 2000000 => 495000 FacilityUnregistered
        ----
        PreexistingRare RareDiseaseDrug 30000   => 0      IdentityNotEntitled
        Preexisting     RareDiseaseDrug 30000   => 5000   FacilityUnregistered
        """);

    [Theory]
    [InlineData(2, true, true, true)]
    [InlineData(1, true, true, false)]
    [InlineData(3, false, true, false)]
    [InlineData(3, true, false, false)]
    public void R1_asks_what_the_register_says_of_the_facility(int level, bool isPublic, bool drg, bool met)
    {
        var facility = new FacilityProfile("f", "", "350402", level, isPublic, drg, false, Registered: true);
        var outcome = new Person(WithoutDates).Settle(Bills.Of(10_000m), facility).Outcome!;
        var layer = outcome.Layers[0];
        Assert.Equal(met ? (LayerNote.None, Money.Yuan(5_000m)) : (LayerNote.FacilityNotDesignated, default),
            (layer.Note, layer.Paid));
        Assert.Equal(met, outcome.Changes.Any(change =>
            change.Key.LayerId == "r1" && change.Change.Position.IsPositive));
    }

    [Fact]
    public void Preexisting_counts_as_it_stood_when_cover_began()
    {
        var person = new Person(WithoutDates);
        person.Roster = person.Roster with
        {
            Coverages = [new Coverage(WithoutDates.Id, new DaySpan(new DateOnly(2024, 1, 1), null))],
            Identities = [new Identity(IdentityKind.Preexisting, new DaySpan(new DateOnly(2024, 5, 1), null))],
        };
        Assert.Equal(Money.Yuan(5_000m),
            person.Preview(Bills.Of(10_000m, 0, "2024-06-01"), Facilities.In("350402")).Outcome!.PlansPaid);
        Assert.Equal(Money.Yuan(2_500m),
            person.Preview(Bills.Of(10_000m, 0, "2025-06-01"), Facilities.In("350402")).Outcome!.PlansPaid);
    }

    [Fact]
    public void Cover_of_another_plan_does_not_begin_this_ones()
    {
        var person = new Person(WithoutDates);
        person.Roster = person.Roster with
        {
            Coverages =
            [
                new Coverage("other", new DaySpan(new DateOnly(2024, 5, 1), null)),
                new Coverage(WithoutDates.Id, new DaySpan(new DateOnly(2024, 1, 1), new DateOnly(2024, 2, 1))),
                new Coverage(WithoutDates.Id, new DaySpan(new DateOnly(2024, 4, 1), null)),
            ],
            Identities = [new Identity(IdentityKind.Preexisting, new DaySpan(new DateOnly(2024, 4, 2), null))],
        };
        Assert.Equal(Money.Yuan(5_000m),
            person.Preview(Bills.Of(10_000m, 0, "2024-06-01"), Facilities.In("350402")).Outcome!.PlansPaid);
    }

    [Theory]
    [InlineData(null, 0)]
    [InlineData("19.99%", 0)]
    [InlineData("20%", 30_000)]
    [InlineData("30%", 50_000)]
    public void The_backstop_follows_the_enrolment_rate(string? rate, int expected)
    {
        var text = ShippedPlans.Text("sanming-puhui-2024.yaml");
        if (rate is not null)
            text = text.Replace("    unit: RATE\n",
                $"    unit: RATE\n    values: [{{ from: 2024-01-01, value: {rate}, source: a }}]\n",
                StringComparison.Ordinal);
        var person = new Person(PlanFile.Read(text).Plan!);

        // 150,000 of outpatient drugs that no other responsibility takes are the person's own burden.
        var bill = Bills.Of(150_000m, 0, "2024-06-01") with { CareType = CareType.OutpatientHighValueDrug };
        var layer = Assert.Single(person.Settle(bill, Facilities.In("350402")).Outcome!.Layers);
        Assert.Equal(("backstop", Money.Yuan(expected), Money.Yuan(150_000m)),
            (layer.LayerId, layer.Paid, layer.PositionAfter));
    }

    [Fact]
    public void The_backstop_sees_what_the_responsibilities_before_it_paid()
    {
        var person = new Person(ShippedPlans.SanmingSample);
        var outcome = person.Settle(Bills.Of(400_000m), Facilities.In("350402")).Outcome!;
        Assert.Equal(["r1 395,000.00", "backstop 0.00"], outcome.Layers.Select(l => $"{l.LayerId} {l.Paid}"));
        person.As(IdentityKind.Preexisting);
        outcome = person.Settle(Bills.Of(400_000m), Facilities.In("350402")).Outcome!;
        Assert.Equal(["r1 200,000.00", "backstop 85,000.00"], outcome.Layers.Select(l => $"{l.LayerId} {l.Paid}"));
    }

    [Fact]
    public void A_person_in_fujian_sample_and_sanming_is_settled_in_one_call_with_both_layers()
    {
        var person = new Person(ShippedPlans.FujianSample, WithoutDates);
        var bill = Bills.Of(200_000m, 60_000m) with { AssistancePaid = Money.Yuan(10_000m) };
        var outcome = person.Settle(bill, Facilities.In("350402")).Outcome!;
        Assert.Equal(
            ["fujian-sample large 140,000.00 90,000.00", "sanming-puhui-2024 r1 40,000.00 35,000.00",
                "sanming-puhui-2024 backstop 5,000.00 0.00"],
            outcome.Layers.Select(l => $"{l.PlanId} {l.LayerId} {l.Base} {l.Paid}"));
    }
}
