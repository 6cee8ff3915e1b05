namespace SettlementGrid.Plans;

public readonly record struct AccumulatorKey(string PlanId, string LayerId, Period Period)
{
    /// <summary>Ordinal by plan, layer, period: the order in which accumulators are stored.</summary>
    public static int Compare(AccumulatorKey a, AccumulatorKey b)
    {
        var byPlan = string.CompareOrdinal(a.PlanId, b.PlanId);
        if (byPlan != 0)
            return byPlan;
        var byLayer = string.CompareOrdinal(a.LayerId, b.LayerId);
        return byLayer != 0 ? byLayer : (a.Period.Year * 13 + a.Period.Month)
            .CompareTo(b.Period.Year * 13 + b.Period.Month);
    }
}

/// <summary>What a person has accumulated under one layer in one period.</summary>
/// <param name="Position">The cumulative amount on which the layer's bands are measured.</param>
/// <param name="Paid">What the layer paid in the period; its cap is measured on it.</param>
/// <param name="BasicPaid">
/// Basic payments booked here. A plan's cumulative basic of a period is the sum over its layers; a settlement books its
/// own on the plan's first layer.
/// </param>
/// <param name="Cases">Settlements less reversals that moved this accumulator.</param>
public readonly record struct Accumulator(Money Position, Money Paid, Money BasicPaid, int Cases)
{
    public bool IsZero => this == default;

    public static Accumulator operator +(Accumulator a, Accumulator b) =>
        new(a.Position + b.Position, a.Paid + b.Paid, a.BasicPaid + b.BasicPaid, checked(a.Cases + b.Cases));

    public static Accumulator operator -(Accumulator a, Accumulator b) =>
        new(a.Position - b.Position, a.Paid - b.Paid, a.BasicPaid - b.BasicPaid, checked(a.Cases - b.Cases));
}

/// <summary>A change to one accumulator; a settlement's reversal is exactly its negative.</summary>
public readonly record struct AccumulatorChange(AccumulatorKey Key, Accumulator Change);
