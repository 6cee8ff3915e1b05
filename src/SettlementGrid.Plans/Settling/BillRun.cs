namespace SettlementGrid.Plans;

/// <summary>One bill on its way through the plans: what was paid so far and what moved. Lives for one call.</summary>
/// <param name="first">Where a settled bill is rated again: what it came to at first. Nothing is refused then.</param>
sealed class BillRun(AdjudicationInput input, AdjudicationOutcome? first)
{
    public AdjudicationOutcome? First { get; } = first;

    public AdjudicationInput Input { get; } = input;
    public Bill Bill { get; } = input.Bill;
    public List<LayerResult> Layers { get; } = new(2);
    public List<AccumulatorChange> Changes { get; } = new(2);

    /// <summary>What all layers so far paid, basic ones included.</summary>
    public Money PlansPaid { get; private set; }

    /// <summary>
    /// The plan that is settled first. A basic layer elsewhere would come too late: plans before it have paid as if
    /// there were no basic payment, or have computed one themselves.
    /// </summary>
    public Plan? FirstPlan { get; set; }
    public string BasicFundCode { get; set; } = "";

    /// <summary>What the request states and what basic layers of the plans so far have computed.</summary>
    public Money BasicPaid { get; private set; } = input.Bill.BasicPaid;

    /// <summary>Cost whose basic payment a computed basic pool's cap cut off; null: none was computed.</summary>
    public Money? CutByBasicCap { get; private set; }
    public Refusal? Refusal { get; private set; }

    public void Add(LayerResult result)
    {
        Layers.Add(result);
        PlansPaid += result.Paid;
    }

    public void AddBasic(Money paid, Money cut)
    {
        BasicPaid += paid;
        CutByBasicCap = (CutByBasicCap ?? Money.Zero) + cut;
    }

    /// <summary>Keeps the first by order; going on after a refusal finds those that come before it.</summary>
    public void Refuse(Refusal refusal)
    {
        if (First is null && (Refusal is null || refusal.Reason < Refusal.Reason))
            Refusal = refusal;
    }

    public Accumulator Accumulator(AccumulatorKey key) =>
        Input.Accumulators.TryGetValue(key, out var accumulator) ? accumulator : default;

    /// <summary>What a layer of this plan has paid on this very bill.</summary>
    public Money PaidOnThisBill(string planId, string layerId)
    {
        var paid = Money.Zero;
        foreach (var layer in Layers)
            if (layer.LayerId == layerId && layer.PlanId == planId)
                paid += layer.Paid;
        return paid;
    }
}
