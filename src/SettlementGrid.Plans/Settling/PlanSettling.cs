namespace SettlementGrid.Plans;

/// <summary>One plan's part of a bill: its place of care, its basic pool, then its layers in order.</summary>
static class PlanSettling
{
    public static void Settle(BillRun run, PlanVersion version)
    {
        var plan = version.Plan;
        var bill = run.Bill;
        run.FirstPlan ??= plan;
        var facts = FactsOf(run, plan);
        if (bill.StatedPlace is { } stated && stated != facts.Place)
            run.Refuse(Refusals.PlaceDiffers(stated, facts.Place, run.Input.Facility, plan));

        var basicBefore = run.BasicPaid;
        BasicStanding? standing = null;
        if (Cases.First(plan.Basic.FundCodes, facts) is { } fund)
            run.BasicFundCode = fund.Value;

        for (var i = 0; i < plan.Layers.Count; i++)
        {
            var layer = plan.Layers[i];
            var key = new AccumulatorKey(plan.Id, layer.Id, layer.PeriodOf(bill.DischargedOn));
            var before = run.Accumulator(key);
            // How the pool stands is known once its own layers, which come first, have paid.
            var basic = layer.IsBasic ? default : standing ??= BasicStanding.Of(run, plan, facts);
            var moved = layer.Takes.Holds(facts)
                ? LayerSettling.Settle(run, version, layer, key, before, facts, basic)
                : default;
            if (layer.IsBasic)
                moved = moved with { BasicPaid = moved.Paid };
            if (i == 0)
                moved = moved with { BasicPaid = moved.BasicPaid + basicBefore };
            if (!moved.IsZero)
                run.Changes.Add(new AccumulatorChange(key, moved with { Cases = 1 }));
        }
        if (standing is null)
            BasicStanding.Of(run, plan, facts);
    }

    static CaseFacts FactsOf(BillRun run, Plan plan)
    {
        var bill = run.Bill;
        var facility = run.Input.Facility;
        var place = facility.RegionId.Length == 0
            ? bill.StatedPlace!.Value
            : Region.PlaceOf(facility.RegionId, plan.Region);
        return new CaseFacts(
            bill.CareType, place, bill.Filing, bill.DrugClass, run.Input.Roster.Insurance, bill.DischargedOn,
            IdentitiesOf(run.Input.Roster, plan, bill.DischargedOn), facility.Level, 1);
    }

    static int IdentitiesOf(RosterEntry roster, Plan plan, DateOnly discharge)
    {
        if (roster.Identities.Count == 0)
            return 0;
        var coverStart = plan.IdentitiesAtCoverStart == 0
            ? discharge
            : CountedPlans.CoverStart(roster, plan.Id, discharge);
        var identities = 0;
        foreach (var identity in roster.Identities)
        {
            var bit = Condition.Bit((int)identity.Kind);
            if (identity.Days.Holds((plan.IdentitiesAtCoverStart & bit) != 0 ? coverStart : discharge))
                identities |= bit;
        }
        return identities;
    }
}
