using SettlementGrid.Enrollees.Simulating;
using SettlementGrid.Plans;
using SettlementGrid.Server.CommandLine.Simulating;

namespace SettlementGrid.Server.Tests.CommandLine;

public sealed class SimulationSummaryTests
{
    [Fact]
    public void Outcome_is_readable_in_both_languages()
    {
        var persons = new[]
        {
            new PersonDifference("15**************34", Money.Yuan(65_600), Money.Yuan(58_800), 1),
            new PersonDifference("15**************56", Money.Yuan(9_600), Money.Yuan(10_800.50m), 12),
        };
        var outcome = new SimulationOutcome(
            "tongliao", 2025, "150500", 24_743, 1_234, 7, 3, Money.Yuan(75_200), Money.Yuan(69_600.50m),
            [
                new LayerUse("tongliao", "basic", true, default, default),
                new LayerUse("tongliao", "critical", false, new(2, Money.Yuan(75_200)), new(2, Money.Yuan(69_600.50m))),
            ],
            DifferenceBand.Of(persons),
            persons,
            [new NotRated(new Refusal(RefusalReason.PlanParameterMissing, "没有起付线", "no start"), 4, Money.Yuan(1_000))],
            [new ReplacedPlan(new PlanCounted("tongliao", 2), 1_227)]);

        Assert.Equal(
            """
            Simulation 测算  tongliao, year 年度 2025, region 地区 150500, ledger position 账本位置 24,743
              in place of 替代 tongliao version 版本 2: 1,227 settlements 笔结算
              no plan of its kind counted 无同类险种: 7 settlements 笔结算

            Totals 合计
            settlements 结算笔数               1,234
            persons 人数                           3
            paid 实际支付                  75,200.00
            would have been paid 测算支付  69,600.50
            difference 差额 (-7.45 %)      -5,599.50
            persons better off 受益人数            1
            persons worse off 受损人数             1
            persons unchanged 不变人数             1

            Layer 责任                       cases 例数  simulated 测算  paid 实付  simulated 测算  difference 差额
            tongliao/basic (basic 基本医保)           0               0       0.00            0.00             0.00
            tongliao/critical                         2               2  75,200.00       69,600.50        -5,599.50

            Difference a person, yuan 每人差额  better off 受益人数  amount 金额  worse off 受损人数  amount 金额
            0 – 100                                               0         0.00                   0         0.00
            100 – 500                                             0         0.00                   0         0.00
            500 – 1,000                                           0         0.00                   0         0.00
            1,000 – 2,000                                         1    +1,200.50                   0         0.00
            2,000 – 5,000                                         0         0.00                   0         0.00
            5,000 – 10,000                                        0         0.00                   1    -6,800.00
            10,000 – 50,000                                       0         0.00                   0         0.00
            above 以上 50,000                                     0         0.00                   0         0.00

            Largest differences 差额最大  settlements 笔数  paid 实付  simulated 测算  difference 差额
            15**************34                           1  65,600.00       58,800.00        -6,800.00
            15**************56                          12   9,600.00       10,800.50        +1,200.50

            Would be refused, kept at what they pay 按该方案不能结算，仍按实付计
              PLAN_PARAMETER_MISSING: 4 settlements 笔, paid 实付 1,000.00
                没有起付线
                no start
            """,
            string.Join('\n', SimulationSummary.Of(outcome)));
    }

    [Fact]
    public void Nothing_settled_is_said()
    {
        var outcome = new SimulationOutcome(
            "tongliao", 2024, "150500", 5, 0, 0, 0, Money.Zero, Money.Zero, [], DifferenceBand.Of([]), [], [], []);

        var lines = SimulationSummary.Of(outcome).ToList();

        Assert.Contains(lines, line => line.Contains("没有结算", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Contains("Largest", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("2025-01-01", "2025-12-31", 2025)]
    [InlineData("2027-01-01", null, 2027)]
    [InlineData("2020-01-01", null, 2026)]
    [InlineData(null, null, 2026)]
    public void Year_left_out_is_the_plans_own_next_to_today(string? from, string? to, int year)
    {
        var span = new DaySpan(from is null ? null : DateOnly.Parse(from), to is null ? null : DateOnly.Parse(to));
        var plan = new Plan("x", "某", "x", PlanKind.Large, 1, "150500", span, Sample: false);

        Assert.Equal(year, SimulateCommand.DefaultYear(plan, new DateOnly(2026, 11, 22)));
    }
}
