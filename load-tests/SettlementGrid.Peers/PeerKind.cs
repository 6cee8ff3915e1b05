namespace SettlementGrid.Peers;

/// <summary>What stands behind the front.</summary>
public enum PeerKind
{
    /// <summary>One stored function a settlement; the region's fund is not touched.</summary>
    StoredFunction,

    /// <summary>The same function, which also adds to the fund's row of the region.</summary>
    StoredFunctionWithFund,

    /// <summary>The server's own enrollees and mailboxes over the ledger in memory: nothing is waited for.</summary>
    Acknowledging,
}
