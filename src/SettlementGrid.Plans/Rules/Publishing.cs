namespace SettlementGrid.Plans;

/// <summary>Whether a plan that was read may be published.</summary>
public static class Publishing
{
    /// <summary>
    /// A template is not: PLAN_INVALID names every required parameter that still has no value. Null where it may.
    /// </summary>
    public static Refusal? Check(Plan plan)
    {
        if (!plan.Template)
            return null;
        var missing = plan.Parameters.Where(parameter => parameter is { Required: true, Values.Length: 0 }).ToList();
        var zh = string.Join("、", missing.Select(parameter => $"{parameter.NameZh}（{parameter.Id}）"));
        var en = string.Join(", ", missing.Select(parameter => parameter.Id));
        return new Refusal(
            RefusalReason.PlanInvalid,
            $"“{plan.NameZh}”是模板，不能公布：请另存、改写 id、去掉 template，并填写 {zh}",
            $"{plan.Id} is a template and cannot be published: copy it under another id without 'template', "
                + $"with values for {en}",
            new Dictionary<string, string>(StringComparer.Ordinal) { ["plan_id"] = plan.Id, ["missing"] = en });
    }
}
