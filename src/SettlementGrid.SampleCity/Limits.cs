namespace SettlementGrid.SampleCity;

/// <summary>Every size and bound of the sample, each with its reason.</summary>
public static class Limits
{
    /// <summary>
    /// 20,000 persons in all: enough for every share and district to show, few enough to load in seconds.
    /// </summary>
    public const int TongliaoPersons = 14_000;

    public const int PuyangPersons = 6_000;

    /// <summary>
    /// Persons whose histories are loaded side by side: fills a batch of the ledger, leaves room for callers.
    /// </summary>
    public const int HistoriesAtOnce = 128;

    /// <summary>Roster batches side by side: one for each of the ledger's writers.</summary>
    public const int RosterBatchesAtOnce = 2;

    /// <summary>A sample is loaded at the start, when a cold database may be slow.</summary>
    public static readonly TimeSpan StepDeadline = TimeSpan.FromSeconds(30);

    /// <summary>A step that is told OVERLOADED or UNAVAILABLE waits this long and asks again, so many times.</summary>
    public static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(200);

    public const int TriesMax = 50;
}
