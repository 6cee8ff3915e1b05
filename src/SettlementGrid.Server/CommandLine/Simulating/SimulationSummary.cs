using SettlementGrid.Enrollees.Simulating;
using SettlementGrid.Plans;

namespace SettlementGrid.Server.CommandLine.Simulating;

/// <summary>The outcome of a simulation as a person reads it at the terminal. Amounts in yuan.</summary>
public static class SimulationSummary
{
    /// <summary>The lines. Person ids are printed as the outcome has them: mask them before.</summary>
    public static IEnumerable<string> Of(SimulationOutcome outcome) =>
    [
        .. Head(outcome),
        .. Totals(outcome),
        .. Layers(outcome),
        .. Bands(outcome),
        .. Largest(outcome),
        .. NotRated(outcome),
    ];

    private static IEnumerable<string> Head(SimulationOutcome outcome)
    {
        yield return $"Simulation 测算  {outcome.PlanId}, year 年度 {outcome.Year}, region 地区 {outcome.RegionId}, "
            + $"ledger position 账本位置 {outcome.Position:N0}";
        foreach (var (plan, settlements) in outcome.Replaced)
        {
            yield return $"  in place of 替代 {plan.PlanId} version 版本 {plan.Version}: "
                + $"{settlements:N0} settlements 笔结算";
        }

        if (outcome.Untouched > 0)
        {
            yield return $"  no plan of its kind counted 无同类险种: {outcome.Untouched:N0} settlements 笔结算";
        }

        if (outcome.Settlements == 0)
        {
            yield return "  there are no settlements in that year and region 该年度该地区没有结算";
        }
    }

    private static IEnumerable<string> Totals(SimulationOutcome outcome)
    {
        var rate = outcome.Paid == Money.Zero
            ? ""
            : $" ({100m * outcome.Difference.Fen / outcome.Paid.Fen:+0.00;-0.00;0.00} %)";
        var table = new TextTable("Totals 合计", "");
        table.Add("settlements 结算笔数", $"{outcome.Settlements:N0}");
        table.Add("persons 人数", $"{outcome.Persons:N0}");
        table.Add("paid 实际支付", outcome.Paid.ToString());
        table.Add("would have been paid 测算支付", outcome.SimulatedPaid.ToString());
        table.Add("difference 差额" + rate, Signed(outcome.Difference));
        table.Add("persons better off 受益人数", $"{outcome.PersonsBetter:N0}");
        table.Add("persons worse off 受损人数", $"{outcome.PersonsWorse:N0}");
        table.Add("persons unchanged 不变人数", $"{outcome.PersonsUnchanged:N0}");
        return ["", .. table.Lines()];
    }

    private static IEnumerable<string> Layers(SimulationOutcome outcome)
    {
        var table = new TextTable(
            "Layer 责任", "cases 例数", "simulated 测算", "paid 实付", "simulated 测算", "difference 差额");
        foreach (var layer in outcome.Layers)
        {
            table.Add(
                $"{layer.PlanId}/{layer.LayerId}{(layer.Basic ? " (basic 基本医保)" : "")}",
                $"{layer.Actual.Cases:N0}", $"{layer.Simulated.Cases:N0}",
                layer.Actual.Paid.ToString(), layer.Simulated.Paid.ToString(),
                Signed(layer.Simulated.Paid - layer.Actual.Paid));
        }

        return ["", .. table.Lines()];
    }

    private static IEnumerable<string> Bands(SimulationOutcome outcome)
    {
        var table = new TextTable(
            "Difference a person, yuan 每人差额", "better off 受益人数", "amount 金额", "worse off 受损人数", "amount 金额");
        foreach (var band in outcome.Bands)
        {
            table.Add(
                band.To is { } to
                    ? $"{band.From.Fen / 100:N0} – {to.Fen / 100:N0}"
                    : $"above 以上 {band.From.Fen / 100:N0}",
                $"{band.Better.Persons:N0}", Signed(band.Better.Amount), $"{band.Worse.Persons:N0}",
                Signed(-band.Worse.Amount));
        }

        return ["", .. table.Lines()];
    }

    private static IEnumerable<string> Largest(SimulationOutcome outcome)
    {
        if (outcome.Largest.Count == 0)
        {
            return [];
        }

        var table = new TextTable(
            "Largest differences 差额最大", "settlements 笔数", "paid 实付", "simulated 测算", "difference 差额");
        foreach (var person in outcome.Largest)
        {
            table.Add(
                person.EnrolleeId, $"{person.Settlements:N0}", person.Before.ToString(), person.After.ToString(),
                Signed(person.Difference));
        }

        return ["", .. table.Lines()];
    }

    private static IEnumerable<string> NotRated(SimulationOutcome outcome)
    {
        if (outcome.NotRated.Count == 0)
        {
            yield break;
        }

        yield return "";
        yield return "Would be refused, kept at what they pay 按该方案不能结算，仍按实付计";
        foreach (var sum in outcome.NotRated)
        {
            yield return $"  {sum.First.Code}: {sum.Settlements:N0} settlements 笔, paid 实付 {sum.Paid}";
            yield return $"    {sum.First.MessageZh}";
            yield return $"    {sum.First.MessageEn}";
        }
    }

    private static string Signed(Money amount) => amount > Money.Zero ? $"+{amount}" : amount.ToString();
}
