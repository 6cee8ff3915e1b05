namespace SettlementGrid.Plans.Tests;

/// <summary>
/// Tongliao 4.1 once more, from the table in the agreement and by another construction: the exact benefit of a whole
/// position, in fen, before any rounding and cap. Knows nothing of plan files, layers or bands.
/// </summary>
static class Reference
{
    public static decimal Benefit(Circumstances at, long position)
    {
        var reduced = at.Outside && at.Discharged <= new DateOnly(2025, 6, 30);
        var more = at.Special ? 0.05m : 0m;
        decimal start = at.Special ? 700_000 : 1_400_000;
        var (second, third, fourth) = reduced ? (0.65m, 0.75m, 0.85m) : (0.70m, 0.80m, 0.90m);
        // Above an edge every fen is worth the difference of two rates more than below it.
        return Above(start) * (0.60m + more)
            + Above(3_000_000) * (second - 0.60m)
            + Above(5_000_000) * (third - second)
            + Above(8_000_000) * (fourth - third);

        decimal Above(decimal edge) => Math.Max(0, position - edge);
    }
}
