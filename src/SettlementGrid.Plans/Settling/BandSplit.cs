namespace SettlementGrid.Plans;

/// <summary>
/// How the way of a position from before to after falls into bands. Paid is rounded once, on the exact sum; the bands'
/// own figures are differences of the rounded running sum, so that they add up to it.
/// </summary>
readonly record struct BandSplit(IReadOnlyList<BandResult> Bands, Money Paid)
{
    public static readonly BandSplit Empty = new([], Money.Zero);

    /// <summary>
    /// The cost for which a payment cut down to that amount no longer pays: what lies behind the point of the bands at
    /// which it was used up, rounded half up to the fen.
    /// </summary>
    public Money CostAbove(Money paid)
    {
        var cost = Money.Zero;
        if (paid >= Paid)
            return cost;
        for (var i = 0; i < Bands.Count; i++)
        {
            var band = Bands[i];
            var used = Money.Min(paid, band.Paid);
            paid -= used;
            if (used < band.Paid)
                cost += band.Amount - Rounding.Quotient(used, band.Rate);
        }
        return cost;
    }

    /// <param name="costLimit">Cost above the start beyond which nothing is paid; null: none.</param>
    public static BandSplit Of(
        BillRun run, Plan plan, Layer layer, BandSet set, Money start, Money before, Money after, Money? costLimit,
        DateOnly day)
    {
        var low = Money.Max(before, start);
        if (after <= low)
            return Empty;
        var top = costLimit is { } limit ? Money.Min(after, start + limit) : after;
        var shift = layer.BandsOn == BandsOn.Excess ? start : Money.Zero;
        List<BandResult>? bands = null;
        Int128 sum = 0;
        var paid = Money.Zero;
        var from = start;
        foreach (var band in set.Bands)
        {
            Money? to = null;
            if (band.UpTo is { } edge)
            {
                if (edge.At(day) is not { } upTo)
                {
                    run.Refuse(Refusals.ParameterMissing(plan, edge.Parameter!, day));
                    return Empty;
                }
                to = upTo + shift;
            }
            var amount = Money.Min(top, to ?? top) - Money.Max(low, from);
            if (amount.IsPositive)
            {
                if (band.Rate.At(day) is not { } rate)
                {
                    run.Refuse(Refusals.ParameterMissing(plan, band.Rate.Parameter!, day));
                    return Empty;
                }
                sum += (Int128)amount.Fen * rate.BasisPoints;
                var running = Rounding.OfBasisPoints(sum);
                // Nearly every bill stays within one band.
                (bands ??= new List<BandResult>(1))
                    .Add(new BandResult(from, to, amount, rate, running - paid));
                paid = running;
            }
            if (to is null)
                break;
            from = Money.Max(from, to.Value);
        }
        return bands is null ? Empty : new BandSplit(bands, paid);
    }
}
