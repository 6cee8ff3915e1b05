namespace SettlementGrid.Testbed;

/// <summary>How the ledger differs from what was acknowledged.</summary>
public enum DifferenceKind
{
    /// <summary>Acknowledged and not there.</summary>
    Lost,

    /// <summary>There twice, or there and never acknowledged.</summary>
    Double,

    /// <summary>There with another figure, version or place.</summary>
    Differing,
}

/// <summary>One difference in words, which name the request or the person.</summary>
public sealed record Difference(DifferenceKind Kind, string Text)
{
    public override string ToString() => Text;
}
