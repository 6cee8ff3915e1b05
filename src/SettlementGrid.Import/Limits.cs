using SettlementGrid.Enrollees;

namespace SettlementGrid.Import;

/// <summary>Every bound of an import, each with its reason.</summary>
public static class Limits
{
    /// <summary>A batch is one append, all or nothing, and an append holds no more.</summary>
    public const int BatchRowsMax = Enrollees.Limits.RosterCallMax;

    /// <summary>
    /// Batches on their way to the ledger: one for each of its writers, so that a settlement finds at most one ahead of
    /// it. Measured with settlements beside it: 33,000 rows/s with two, 45,000 with four, which made settlements wait
    /// half as long again (p50 33 and 52 ms).
    /// </summary>
    public const int BatchesInFlightMax = 2;

    /// <summary>32 coverages and 32 identities with both dates and the longest ids stay below half of it.</summary>
    public const int LineCharsMax = 16_384;

    /// <summary>
    /// Rows of one file. Every row's key stays in memory (20 bytes at a load of at most 70 %), so that a second row of
    /// a person is found: 16 million are 0.7 GB. A larger roster comes in several files.
    /// </summary>
    public const int RowsMax = 16_000_000;

    /// <summary>Texts of the coverages and identities columns that are read once; most rows repeat a few.</summary>
    public const int KnownTextsMax = 4_096;

    /// <summary>
    /// How long a batch waits after it was told OVERLOADED: doubled each time, so settlements go first.
    /// </summary>
    public static readonly TimeSpan PauseMin = TimeSpan.FromMilliseconds(50);

    public static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(2);

    /// <summary>
    /// A ledger that restarts is back within it; after that the import stops, and can be started again.
    /// </summary>
    public static readonly TimeSpan UnavailableMax = TimeSpan.FromSeconds(60);

    /// <summary>
    /// What a kill costs at the most in work done again; a checkpoint is two small reads and a small file.
    /// </summary>
    public static readonly TimeSpan CheckpointEvery = TimeSpan.FromSeconds(1);

    /// <summary>People read it.</summary>
    public static readonly TimeSpan ProgressEvery = TimeSpan.FromMilliseconds(500);
}
