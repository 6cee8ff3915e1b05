using SettlementGrid.PlanFiles;
using SettlementGrid.Plans;

namespace SettlementGrid.Api.Methods;

/// <summary>A plan's text as a request brings it.</summary>
static class PlanText
{
    /// <summary>The plan, or PLAN_INVALID with the number of findings and the first of them.</summary>
    public static (Plans.Plan? Plan, Plans.Refusal? Refusal) Read(string text)
    {
        var reading = PlanFile.Read(text);
        if (reading.Plan is { } plan)
            return (plan, null);
        var first = reading.Findings.First(f => f.Severity == Severity.Error);
        return (null, new Plans.Refusal(
            RefusalReason.PlanInvalid,
            $"计划文件有 {reading.Findings.Count} 处问题；第一处在第 {first.Line} 行第 {first.Column} 列：{first.MessageZh}",
            $"The plan file has {reading.Findings.Count} findings; the first at line {first.Line}, "
                + $"column {first.Column}: {first.MessageEn}"));
    }
}
