using SettlementGrid.Enrollees;

namespace SettlementGrid.Ledger.Seeing;

/// <summary>
/// What this process has seen of the ledger: its newest commit, which every commit and reading requires, and of its
/// entries what spares a look. Thread-safe.
/// </summary>
sealed class SeenLedger(
    uint versionsMax = LedgerLimits.KnownVersionsMax, int requestsMax = LedgerLimits.KnownRequestsMax)
{
    public SeenHead Head { get; } = new();

    public KnownVersions Versions { get; } = new(versionsMax);

    public KnownRequests Requests { get; } = new(requestsMax);

    /// <summary>An entry that stands in the ledger.</summary>
    public void Saw(Entry entry)
    {
        Versions.Add(entry.Stream, entry.Version);
        if (entry.RequestKey is { } key)
            Requests.Add(key);
    }
}
