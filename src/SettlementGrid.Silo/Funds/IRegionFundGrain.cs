namespace SettlementGrid.Silo.Funds;

/// <summary>
/// The funds of one region in one year, on a cluster; the key is <see cref="RegionFundGrain.KeyOf"/>. A view: whatever
/// it says is the fold of the silo it stands on, at the mark it states.
/// </summary>
[Alias("settlementgrid.region-fund")]
public interface IRegionFundGrain : IGrainWithStringKey
{
    /// <summary>
    /// The region's funds at the ledger's head, and a checkpoint of them where they moved; null: they cannot be read
    /// now. Reminders ask for it every minute, so that the grain stands somewhere as long as anybody keeps the year's
    /// books.
    /// </summary>
    [Alias("keep-up")]
    ValueTask<RegionFunds?> KeepUp();
}

/// <summary>A region's funds of a year at one mark.</summary>
[GenerateSerializer]
[Immutable]
[Alias("settlementgrid.region-funds")]
public sealed record RegionFunds(
    [property: Id(0)] long Mark, [property: Id(1)] IReadOnlyList<RegionFund> Plans);

/// <summary>One plan's fund; amounts in fen.</summary>
[GenerateSerializer]
[Immutable]
[Alias("settlementgrid.region-fund-of-plan")]
public readonly record struct RegionFund(
    [property: Id(0)] string PlanId, [property: Id(1)] long PremiumFen, [property: Id(2)] long PaidFen,
    [property: Id(3)] long Cases);

/// <summary>What is kept of it: enough to find out later whether two silos' folds agree.</summary>
[GenerateSerializer]
[Alias("settlementgrid.region-fund-checkpoint")]
public sealed class RegionFundCheckpoint
{
    /// <summary>The ledger position; 0: none was kept yet.</summary>
    [Id(0)]
    public long Mark { get; set; }

    /// <summary>SHA-256 over the figures at the mark.</summary>
    [Id(1)]
    public byte[] Digest { get; set; } = [];
}
