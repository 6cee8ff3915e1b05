namespace SettlementGrid.Plans;

/// <summary>
/// Finds from a stored result which identities chose its rates, without the roster of that day: the rate case is the
/// one that the result's clause, bands and the bill's own circumstances fit.
/// </summary>
static class ChosenBy
{
    /// <summary>The identities as the plan or the field calls them; null where the rates are anybody's.</summary>
    public static string? Identity(
        Plan plan, Layer layer, LayerResult result, Bill bill, FacilityProfile facility, Language language)
    {
        var facts = new CaseFacts(
            bill.CareType, result.CarePlace, bill.Filing, bill.DrugClass, default, bill.DischargedOn, 0, facility.Level,
            1);
        foreach (var candidate in layer.Rates)
            if (layer.ClauseOf(candidate) == result.Clause && candidate.When.HoldsApartFromIdentity(facts)
                && Fits(candidate.Value, result.Bands))
                return candidate.When.AsksIdentity ? Named(plan, candidate.When, language) : null;
        return null;
    }

    static bool Fits(BandSet set, IReadOnlyList<BandResult> bands)
    {
        for (var i = 0; i < bands.Count; i++)
            if (!Fits(set, bands[i].Rate))
                return false;
        return true;
    }

    static bool Fits(BandSet set, Rate rate)
    {
        foreach (var band in set.Bands)
            if (band.Rate.Parameter is not null || band.Rate.Fixed == rate)
                return true;
        return false;
    }

    static string? Named(Plan plan, Condition when, Language language)
    {
        var names = new List<string>();
        if (when.AnyIdentity != 0)
            names.Add(Named(plan, when.AnyIdentity, language));
        if (when.AllIdentities != 0)
            names.Add(Named(plan, when.AllIdentities, language));
        return names.Count == 0 ? null : string.Join(language == Language.Chinese ? "、" : " and ", names);
    }

    static string Named(Plan plan, int identities, Language language)
    {
        foreach (var group in plan.IdentityGroups)
            if (group.Identities == identities)
                return language == Language.Chinese ? group.NameZh : group.NameEn;
        var kinds = Enum.GetValues<IdentityKind>().Where(kind => (identities & Condition.Bit((int)kind)) != 0);
        return string.Join(language == Language.Chinese ? "、" : ", ",
            kinds.Select(kind => Words.Identity(kind, language)));
    }
}
