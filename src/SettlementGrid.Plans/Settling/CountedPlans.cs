namespace SettlementGrid.Plans;

/// <summary>
/// Which plans of a person count on a day, in the order in which they are settled, and why others do not.
/// </summary>
readonly record struct CountedPlans(List<PlanVersion> Plans, IReadOnlyList<PlanLeftOut> LeftOut)
{
    public static readonly Comparison<PlanVersion> InOrder = static (a, b) =>
        a.Plan.Order != b.Plan.Order
            ? a.Plan.Order.CompareTo(b.Plan.Order)
            : string.CompareOrdinal(a.Plan.Id, b.Plan.Id);

    public static CountedPlans Of(RosterEntry roster, DateOnly discharge, Catalog catalog)
    {
        var plans = new List<PlanVersion>(roster.Coverages.Count);
        List<PlanLeftOut>? leftOut = null;
        for (var i = 0; i < roster.Coverages.Count; i++)
        {
            var planId = roster.Coverages[i].PlanId;
            if (IsNamedBefore(roster.Coverages, i, planId))
                continue;
            if (!IsCovered(roster.Coverages, planId, discharge))
                (leftOut ??= []).Add(new PlanLeftOut(planId, LeftOutReason.CoverNotInForce));
            else if (catalog.InForce(planId, discharge) is { } version)
                plans.Add(version);
            else
                (leftOut ??= []).Add(new PlanLeftOut(planId, LeftOutReason.PlanNotInForce));
        }

        if (plans.Count > 1)
        {
            plans.Sort(InOrder);
            leftOut = LeaveOutSecondOfKind(plans, leftOut);
        }
        return new CountedPlans(plans, leftOut ?? (IReadOnlyList<PlanLeftOut>)[]);
    }

    /// <summary>The first day on which identities count that a plan looks at as of the start of cover.</summary>
    public static DateOnly CoverStart(RosterEntry roster, string planId, DateOnly discharge)
    {
        var newYear = new DateOnly(discharge.Year, 1, 1);
        foreach (var coverage in roster.Coverages)
            if (coverage.PlanId == planId && coverage.Days.Holds(discharge))
                return coverage.Days.From is { } from && from > newYear ? from : newYear;
        return newYear;
    }

    // A suspension is two entries of one plan: the plan is judged once, over all its entries.
    static bool IsNamedBefore(IReadOnlyList<Coverage> coverages, int index, string planId)
    {
        for (var i = 0; i < index; i++)
            if (coverages[i].PlanId == planId)
                return true;
        return false;
    }

    static bool IsCovered(IReadOnlyList<Coverage> coverages, string planId, DateOnly discharge)
    {
        for (var i = 0; i < coverages.Count; i++)
            if (coverages[i].PlanId == planId && coverages[i].Days.Holds(discharge))
                return true;
        return false;
    }

    static List<PlanLeftOut>? LeaveOutSecondOfKind(List<PlanVersion> plans, List<PlanLeftOut>? leftOut)
    {
        var kinds = 0;
        for (var i = 0; i < plans.Count;)
        {
            var kind = Condition.Bit((int)plans[i].Plan.Kind);
            if ((kinds & kind) != 0)
            {
                (leftOut ??= []).Add(new PlanLeftOut(plans[i].Plan.Id, LeftOutReason.KindAlreadyCounted));
                plans.RemoveAt(i);
                continue;
            }
            kinds |= kind;
            i++;
        }
        return leftOut;
    }
}
