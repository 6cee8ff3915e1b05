namespace SettlementGrid.ScaleLedger;

/// <summary>Every size and bound of filling, each with its reason.</summary>
static class ScaleLimits
{
    /// <summary>
    /// Discharges decided before they are handed to the writer: some 30 MB, and long enough that the workers, who share
    /// the persons between them, seldom wait for the slowest.
    /// </summary>
    public const int Portion = 16_384;

    /// <summary>Portions between deciding and writing.</summary>
    public const int PortionsAhead = 3;

    /// <summary>Persons of one roster call: what the agency's calls have at most.</summary>
    public const int RosterCommitRows = 1_000;

    /// <summary>Every account is held while the history is made: 0.5 kB each.</summary>
    public const int PersonsMax = 20_000_000;

    public static readonly TimeSpan ProgressEvery = TimeSpan.FromSeconds(5);
}
