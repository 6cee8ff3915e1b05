namespace SettlementGrid.LoadTest.Measuring;

/// <summary>The middle of several runs' figures; of an even number, the mean of the two in the middle.</summary>
static class Medians
{
    /// <returns>0 of none.</returns>
    public static double Of<T>(IEnumerable<T> all, Func<T, double> figure)
    {
        var sorted = all.Select(figure).Order().ToList();
        return sorted.Count == 0 ? 0 : (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }
}
