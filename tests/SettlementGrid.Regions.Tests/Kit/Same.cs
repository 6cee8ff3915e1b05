namespace SettlementGrid.Regions.Tests.Kit;

/// <summary>Records with lists compare lists by identity, so figures are compared one by one.</summary>
static class Same
{
    public static void Figures(FundPosition expected, FundPosition found)
    {
        Assert.Equal(expected.ByMonth, found.ByMonth);
        Assert.Equal(expected.ByCarePlace, found.ByCarePlace);
        Assert.Equal(expected.ByFacility, found.ByFacility);
        Assert.Equal(expected.ByLayer, found.ByLayer);
        Assert.Equal(expected, found with
        {
            ByMonth = expected.ByMonth, ByCarePlace = expected.ByCarePlace, ByFacility = expected.ByFacility,
            ByLayer = expected.ByLayer,
        });
    }

    public static FundPosition WithoutFacilities(this FundPosition position) => position with { ByFacility = [] };
}
