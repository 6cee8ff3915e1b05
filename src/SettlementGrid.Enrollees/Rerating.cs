using SettlementGrid.Plans;

namespace SettlementGrid.Enrollees;

/// <summary>
/// What a reversal changes for the settlements after it: each live one of the same policy year is rated again, in its
/// order, from its stored request, plan versions and identities; only the accumulators differ. What the hospital was
/// paid stays; the difference lies between person and payer and is posted as an adjustment. It never refuses: a base
/// that can no longer be derived stays as first found. Pure.
/// </summary>
static class Rerating
{
    /// <param name="reversed">The settlement that is being reversed.</param>
    /// <param name="reversal">The id of its reversal: what causes the adjustments.</param>
    /// <param name="history">All the person's entries, in order.</param>
    /// <param name="planOf">The published version; every one that a settlement names is known.</param>
    public static List<Fact.Adjusted> After(
        Fact.Settled reversed, SettlementId reversal, IReadOnlyList<Recorded> history,
        Func<PlanCounted, PlanVersion> planOf)
    {
        var gone = history.Select(r => r.Fact).OfType<Fact.Reversed>().Select(r => r.Reversal.Reverses).ToHashSet();
        gone.Add(reversed.Id);
        var adjustments = history.Select(r => r.Fact).OfType<Fact.Adjusted>().ToLookup(a => a.Adjusts);
        var posted = new List<Fact.Adjusted>();
        if (Posted(reversed, reversal, Difference.Sum(adjustments[reversed.Id]).Negated()) is { } cancelled)
            posted.Add(cancelled);

        // Where the person would stand had the reversed settlement never been: rebuilt from the year's live facts.
        var standing = AccumulatorSet.Empty;
        var reached = false;
        foreach (var recorded in history)
        {
            switch (recorded.Fact)
            {
                case Fact.OpeningBalanceSet opening:
                    standing = standing.Plus([opening.Change]);
                    break;
                case Fact.Settled settled when settled.Id == reversed.Id:
                    reached = true;
                    break;
                case Fact.Settled settled when settled.Request.Year == reversed.Request.Year
                    && !gone.Contains(settled.Id):
                    var stands = Difference.Of(settled.Outcome).Plus(adjustments[settled.Id]);
                    if (reached && Again(settled, recorded.Entry.After!.Roster!, standing, planOf) is { } again)
                    {
                        if (Posted(settled, reversal, again.Minus(stands)) is { } adjusted)
                            posted.Add(adjusted);
                        stands = again;
                    }
                    standing = standing.Plus(stands.Changes);
                    break;
            }
        }
        return posted;
    }

    static Difference? Again(
        Fact.Settled settled, RosterEntry roster, AccumulatorSet standing, Func<PlanCounted, PlanVersion> planOf)
    {
        var plans = settled.Outcome.Counted.Select(planOf).ToList();
        var input = new AdjudicationInput(settled.Request.Bill, roster, settled.Facility, standing);
        return Adjudication.RateAgain(input, plans, settled.Outcome) is { } outcome ? Difference.Of(outcome) : null;
    }

    static Fact.Adjusted? Posted(Fact.Settled settled, SettlementId cause, Difference difference) =>
        difference.IsNothing
            ? null
            : new Fact.Adjusted(
                SettlementId.OfAdjustment(settled.Id, cause), settled.Request, settled.RegionId, settled.Facility,
                new AdjudicationOutcome(difference.Layers, [], difference.Changes, "")
                {
                    Counted = settled.Outcome.Counted,
                },
                settled.Id, cause);
}

/// <summary>
/// Layers and accumulator changes that can be added and taken off: of a settlement, or between two ratings.
/// </summary>
sealed record Difference(IReadOnlyList<LayerResult> Layers, IReadOnlyList<AccumulatorChange> Changes)
{
    static readonly Difference Nothing = new([], []);

    /// <summary>Positions alone are no difference: nobody is paid by them, and they follow from the changes.</summary>
    public bool IsNothing => Changes.Count == 0 && Layers.All(l => l.Base == Money.Zero && l.Paid == Money.Zero);

    public static Difference Of(AdjudicationOutcome outcome) =>
        new([.. outcome.Layers.Select(l => l with { Bands = [] })], outcome.Changes);

    public static Difference Sum(IEnumerable<Fact.Adjusted> adjustments) => Nothing.Plus(adjustments);

    public Difference Plus(IEnumerable<Fact.Adjusted> adjustments) =>
        adjustments.Aggregate(this, (sum, a) => sum.Combine(Of(a.Outcome), 1));

    public Difference Plus(Difference other) => Combine(other, 1);

    public Difference Minus(Difference other) => Combine(other, -1);

    public Difference Negated() => Nothing.Combine(this, -1);

    Difference Combine(Difference other, int sign)
    {
        var layers = Layers.ToList();
        foreach (var layer in other.Layers)
        {
            var at = layers.FindIndex(l =>
                l.PlanId == layer.PlanId && l.LayerId == layer.LayerId && l.Period == layer.Period);
            if (at < 0)
                layers.Add(Signed(layer, sign));
            else
                layers[at] = Add(layers[at], Signed(layer, sign));
        }
        var changes = Changes.ToDictionary(c => c.Key, c => c.Change);
        foreach (var (key, change) in other.Changes)
            changes[key] = changes.GetValueOrDefault(key) + (sign > 0 ? change : default(Accumulator) - change);
        return new Difference(
            layers, [.. changes.Where(c => !c.Value.IsZero).Select(c => new AccumulatorChange(c.Key, c.Value))]);
    }

    static LayerResult Signed(LayerResult layer, int sign) => sign > 0 ? layer : layer with
    {
        Base = -layer.Base,
        PositionBefore = -layer.PositionBefore,
        PositionAfter = -layer.PositionAfter,
        Paid = -layer.Paid,
        PaidBefore = -layer.PaidBefore,
        OtherStart = layer.OtherStart?.Negated(),
    };

    // What remains and why is the left side's word: the newer rating's where two ratings are compared.
    static LayerResult Add(LayerResult a, LayerResult b) => a with
    {
        Base = a.Base + b.Base,
        PositionBefore = a.PositionBefore + b.PositionBefore,
        PositionAfter = a.PositionAfter + b.PositionAfter,
        Paid = a.Paid + b.Paid,
        PaidBefore = a.PaidBefore + b.PaidBefore,
        OtherStart = a.OtherStart is { } x && b.OtherStart is { } y ? x.Plus(y) : null,
        // What ledger format 1 holds does not say basic: its differences go where it was shown.
        IsBasic = a.IsBasic && b.IsBasic,
    };
}
