namespace SettlementGrid.Plans.Tests;

/// <summary>Tongliao's agreement of 2025, clause by clause.</summary>
public class Tongliao_tests
{
    static void Check(string table) => Histories.Check(ShippedPlans.Tongliao, table);

    [Fact]
    public void Clause_4_1_worked_figures() => Check("""
        who       at       discharged eligible basic => critical position
        ordinary  tongliao 2025-03-10 100000   0     => 65600    100000
        ----
        LowIncome tongliao 2025-03-10 100000   0     => 74450    100000
        ----
        ordinary  shenyang 2025-03-10 100000   0     => 62100    100000
        ----
        ordinary  hohhot   2025-03-10 100000   0     => 65600    100000
        ----
        ordinary  tongliao 2025-03-10 150000   50000 => 65600    100000
        """);

    [Fact]
    public void Identities_change_for_later_discharges_only() => Check("""
        who       discharged eligible => critical position
        ordinary  2025-03-10 10000    => 0        10000
        Orphan    2025-04-10 5000     => 3250     15000
        ordinary  2025-05-10 1000     => 600      16000
        """);

    [Theory]
    [InlineData("ExtremePoverty")]
    [InlineData("Orphan")]
    [InlineData("LowIncome")]
    [InlineData("LowIncomeDisabled")]
    [InlineData("ReturnedToPoverty")]
    public void Special_persons_have_their_start_rates_and_no_cap(string who) => Check($"""
        who   at       discharged eligible => critical left deductible
        {who} tongliao 2025-03-10 6999.99  => 0        -    0.01
        {who} tongliao 2025-03-10 0.01     => 0        -    0
        {who} tongliao 2025-03-10 0.01     => 0.01     -    0
        ----
        {who} tongliao 2025-03-10 100000   => 74450    -    0
        {who} tongliao 2025-03-10 1000000  => 950000   -    0
        ----
        {who} shenyang 2025-06-30 100000   => 70950    -    0
        ----
        {who} shenyang 2025-07-01 100000   => 74450    -    0
        """);

    [Theory]
    [InlineData("Rescue")]
    [InlineData("Student")]
    [InlineData("Preexisting")]
    public void Other_identities_are_ordinary_persons(string who) => Check($"""
        who   discharged eligible => critical left
        {who} 2025-03-10 100000   => 65600    314400
        """);

    [Fact]
    public void Edges_of_the_start_and_the_bands_to_the_fen() => Check("""
        eligible => critical position deductible
        13999.99 => 0        13999.99 0.01
        0.01     => 0        14000    0
        0.01     => 0.01     14000.01 0        // 0.006
        15999.98 => 9599.99  29999.99 0        // 9,599.988
        0.01     => 0.01     30000    0        // 60 % of the last fen of the band
        0.01     => 0.01     30000.01 0        // 70 %
        ----
        30000    => 9600     30000    0
        20000    => 14000    50000    0
        30000    => 24000    80000    0
        20000    => 18000    100000   0
        ----
        29999.95 => 9599.97  29999.95 0
        0.10     => 0.07     30000.05 0        // 0.05 × 60 % + 0.05 × 70 % = 0.065
        ----
        49999.95 => 23599.97 49999.95 0        // 9,600 + 13,999.965 → half up
        0.10     => 0.08     50000.05 0        // 0.035 + 0.040 = 0.075
        ----
        79999.95 => 47599.96 79999.95 0
        0.10     => 0.09     80000.05 0        // 0.040 + 0.045 = 0.085
        """);

    [Fact]
    public void Outside_the_autonomous_region_the_rates_change_on_1_July() => Check("""
        at       discharged eligible => critical
        shenyang 2025-01-01 100000   => 62100
        ----
        shenyang 2025-06-30 100000   => 62100
        ----
        shenyang 2025-07-01 100000   => 65600
        ----
        shenyang 2025-12-31 100000   => 65600
        ----
        shenyang 2025-06-30 50000    => 22600    // 9,600 + 13,000
        shenyang 2025-07-01 50000    => 42000    // 24,000 + 18,000
        """);

    [Fact]
    public void The_cap_of_ordinary_persons_is_380000_a_year_and_the_position_moves_on() => Check("""
        eligible  => critical  position   left
        449333.32 => 379999.99 449333.32  0.01   // 47,600 + 369,333.32 × 90 % = 379,999.988
        1         => 0.01      449334.32  0
        1000      => 0         450334.32  0
        ----
        449333.33 => 380000    449333.33  0      // 379,999.997 → half up
        ----
        449333.34 => 380000    449333.34  0      // 380,000.006 → 380,000.01, limited
        ----
        1000000   => 380000    1000000    0
        """);

    [Fact]
    public void Basic_payments_above_120000_a_year_are_refused() => Check("""
        eligible basic     => critical refused
        120000   120000    => 0        -
        1        0.01      => -        BASIC_CAP_EXCEEDED
        1        0         => 0        -
        ----
        130000   120000.01 => -        BASIC_CAP_EXCEEDED
        130000   119999.99 => 0        -
        """);

    [Fact]
    public void Discharges_of_2025_count() => Check("""
        discharged eligible => critical refused
        2024-12-31 100000   => -        NOT_COVERED
        2025-01-01 100000   => 65600    -
        ----
        2025-12-31 100000   => 65600    -
        2026-01-01 100000   => -        NOT_COVERED
        """);

    [Fact]
    public void Accident_outpatient_of_students_is_apart_from_position_and_cap() => Check("""
        who      care               eligible basic => critical accident
        Student  AccidentOutpatient 1000     0     => -        750
        Student  AccidentOutpatient 1666.65  0     => -        1249.99  // 1,249.9875
        Student  AccidentOutpatient 100      0     => -        0.01     // 2,000 a year
        Student  AccidentOutpatient 100      0     => -        0
        Student  Inpatient          14001    0     => 0.60     -        // the position is untouched
        ----
        Student  AccidentOutpatient 1000     300   => -        700      // at most what basic left
        ----
        ordinary AccidentOutpatient 1000     0     => -        0
        ordinary Inpatient          14001    0     => 0.60     -
        """);

    [Theory]
    [InlineData(CareType.AccidentInpatient, "390401")]
    [InlineData(CareType.Inpatient, "")]
    [InlineData(CareType.AccidentOutpatient, "")]
    public void The_basic_part_of_accident_inpatient_care_is_booked_on_the_accident_fund(CareType care, string fund)
    {
        var bill = Bills.Of(100_000m) with { CareType = care };
        Assert.Equal(fund, new Person(ShippedPlans.Tongliao).Settle(bill).Outcome!.BasicFundCode);
    }

    [Fact]
    public void Accident_inpatient_care_is_paid_as_any_inpatient_care() => Check("""
        care                     eligible => critical accident position
        AccidentInpatient        100000   => 65600    -        100000
        OutpatientSpecialDisease 1000     => 900      -        101000
        """);

    [Fact]
    public void Bands_add_up_to_the_layer_before_its_cap_by_differences_of_the_rounded_running_sum()
    {
        var layer = new Person(ShippedPlans.Tongliao).Settle(Bills.Of(50_000.05m)).Outcome!.Layers[0];
        Assert.Equal(
            ["14,000.00–30,000.00 16,000.00 60% 9,600.00", "30,000.00–50,000.00 20,000.00 70% 14,000.00",
                "50,000.00–80,000.00 0.05 80% 0.04"],
            layer.Bands.Select(b => $"{b.From}–{b.To} {b.Amount} {b.Rate} {b.Paid}"));
        Assert.Equal(layer.Paid, layer.Bands.Aggregate(Money.Zero, (sum, b) => sum + b.Paid));
    }

    [Fact]
    public void A_layers_result_holds_everything_that_a_receipt_shows()
    {
        var person = new Person(ShippedPlans.Tongliao);
        person.Settle(Bills.Of(20_000m));
        var bill = Bills.Of(12_000m, 1_000m) with { PriorPlansPaid = Money.Yuan(4_000m) };
        Assert.Equal(
            new LayerResult(
                "tongliao-resident-critical-2025", 1, "critical", new Period(2025), "中国人民财产保险股份有限公司通辽市分公司",
                "390201", CarePlace.InProvince, Money.Yuan(7_000m), Money.Yuan(20_000m), Money.Yuan(31_000m),
                [
                    new BandResult(Money.Yuan(14_000m), Money.Yuan(30_000m), Money.Yuan(10_000m), new Rate(6_000),
                        Money.Yuan(6_000m)),
                    new BandResult(Money.Yuan(30_000m), Money.Yuan(50_000m), Money.Yuan(1_000m), new Rate(7_000),
                        Money.Yuan(700m)),
                ],
                Money.Yuan(6_700m), Money.Yuan(3_600m), default, Money.Yuan(369_700m), LayerNote.None, "第四条第1项表（普通居民）")
            {
                Deductible = Money.Yuan(14_000m),
            },
            Assert.Single(person.Settle(bill, Facilities.Hohhot).Outcome!.Layers));
    }

    [Theory]
    [InlineData(10_000, 0, LayerNote.BelowDeductible)]
    [InlineData(14_000, 0, LayerNote.None)]
    [InlineData(500_000, 0, LayerNote.CapReached)]
    [InlineData(100_000, 40_000, LayerNote.LimitedByBase)]
    public void The_note_says_why_a_layer_pays_less(int eligible, int prior, LayerNote note)
    {
        var bill = Bills.Of(eligible) with { PriorPlansPaid = Money.Yuan(prior) };
        Assert.Equal(note, new Person(ShippedPlans.Tongliao).Settle(bill).Outcome!.Layers[0].Note);
    }
}
