namespace SettlementGrid.Peers;

/// <summary>Every bound of the peers, each with its reason.</summary>
public static class PeerLimits
{
    /// <summary>
    /// Connections of the stored function: measured, see load-tests/results. Fewer leave commits unshared, more make 2
    /// processors change between them.
    /// </summary>
    public const int Connections = 32;

    /// <summary>What the embedded database allows, less those of the front and of people.</summary>
    public const int ConnectionsMax = 45;

    /// <summary>Entries that the acknowledging ledger keeps, about 700 bytes each: a minute's, 2 GB.</summary>
    public const int AcknowledgedMax = 3_000_000;

    /// <summary>How long calls under way may take when it is stopped.</summary>
    public static readonly TimeSpan DrainMax = TimeSpan.FromSeconds(10);
}
