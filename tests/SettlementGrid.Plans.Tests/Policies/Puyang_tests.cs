namespace SettlementGrid.Plans.Tests;

/// <summary>Puyang's agreement of 2026, clause by clause.</summary>
public class Puyang_tests
{
    static void Check(string table) => Histories.Check(ShippedPlans.Puyang, table);

    [Fact]
    public void Clause_13_pays_90_percent_above_the_basic_cap_and_at_most_490000_a_year() => Check("""
        discharged eligible  basic   over   => large  position left   refused
        2026-02-01 120000    110000  0      => 0      0        490000 -
        2026-03-01 50000     0       50000  => 45000  50000    445000 -
        2026-04-01 10000     0       -      => 9000   60000    436000 -
        2026-05-01 540000    0       540000 => 436000 600000   0      -
        2026-06-01 1000      0       -      => 0      601000   0      -
        """);

    [Fact]
    public void Over_cap_eligible_that_is_not_stated_follows_from_the_cumulative_basic_payments() => Check("""
        discharged eligible  basic     over    => large   refused
        2026-02-01 150000    109999.99 -       => 0       -                          // below the cap: nothing over it
        2026-03-01 10000     0.01      -       => -       OVER_CAP_ELIGIBLE_REQUIRED // reached within this bill
        2026-03-01 10000     0.01      4000    => 3600    -
        2026-04-01 0.05      0         -       => 0.05    -                          // 0.045 → half up
        2026-04-01 0.04      0         -       => 0.04    -                          // 0.036
        2026-05-01 100       0.01      -       => -       BASIC_CAP_EXCEEDED
        2026-05-01 100       0         0       => 0       -                          // stated goes before derived
        ----
        2026-02-01 200000    109999.99 0.01    => -       AMOUNT_OUT_OF_RANGE        // stated, the cap not reached
        2026-02-01 200000    110000    90000   => 81000   -
        ----
        2026-02-01 200000    110000    90000.01 => -      AMOUNT_OUT_OF_RANGE        // more than eligible − basic
        2026-02-01 200000    110000.01 -       => -       BASIC_CAP_EXCEEDED
        2026-02-01 200000    110000    -       => -       OVER_CAP_ELIGIBLE_REQUIRED
        """);

    [Fact]
    public void The_cap_is_exact_to_the_fen() => Check("""
        discharged eligible  basic  over      => large     left
        2026-02-01 110000    110000 0         => 0         490000
        2026-03-01 544444.43 0      544444.43 => 489999.99 0.01
        2026-03-02 0.01      0      0.01      => 0.01      0
        2026-03-03 0.01      0      0.01      => 0         0
        ----
        2026-02-01 110000    110000 0         => 0         490000
        2026-03-01 544444.44 0      544444.44 => 490000    0
        ----
        2026-02-01 110000    110000 0         => 0         490000
        2026-03-01 544444.45 0      544444.45 => 490000    0
        """);

    [Fact]
    public void The_year_is_that_of_the_discharge() => Check("""
        discharged eligible basic  over => large refused
        2025-12-31 1000     0      -    => -     NOT_COVERED
        2026-01-01 110000   110000 0    => 0     -
        2026-12-31 1000     0      -    => 900   -
        2027-01-01 1000     0      -    => -     NOT_COVERED
        """);

    [Fact]
    public void Every_care_type_and_place_counts() => Check("""
        discharged care                     at        eligible basic  over => large
        2026-01-01 OutpatientSpecialDisease zhengzhou 110000   110000 0    => 0
        2026-02-01 AccidentOutpatient       shenyang  1000     0      -    => 900
        2026-02-01 RareDiseaseDrug          puyang    1000     0      -    => 900
        2026-02-01 Inpatient                hohhot    1000     0      -    => 900
        """);

    [Fact]
    public void Earlier_payers_outside_the_grid_leave_less_of_the_base() => Check("""
        discharged eligible basic  over prior total  => large base
        2026-01-01 110000   110000 0    0     110000 => 0     0
        2026-02-01 1000     0      1000 200   1000   => 800   800
        2026-02-01 1000     0      1000 1000  1000   => 0     0
        """);
}
