namespace SettlementGrid.Faults.Writers;

/// <summary>How hard the writers are tried, each with its reason.</summary>
static class WritersLimits
{
    /// <summary>Settlements between two steps of a fault: enough that several commits are under way at each.</summary>
    public const int SettledBetween = 300;

    /// <summary>Pairs of calls under way at once where two servers are asked at the same instant.</summary>
    public const int AtOnce = 32;
}
