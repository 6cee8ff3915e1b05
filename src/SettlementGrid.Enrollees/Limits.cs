namespace SettlementGrid.Enrollees;

/// <summary>Every bound of the account and its turn, each with its reason.</summary>
public static class Limits
{
    /// <summary>
    /// 10^13 fen is 100 billion yuan: no bill comes near, and 900,000 of one person's still add up in an int64. Funds,
    /// which take everybody's, are summed in 128 bits.
    /// </summary>
    public const long AmountFenMax = 10_000_000_000_000;

    public const int IdLengthMax = 64;

    /// <summary>Reason texts and sources are read by people; longer ones belong in a file.</summary>
    public const int TextLengthMax = 500;

    /// <summary>A roster entry rides in every row of the person, so it is kept small.</summary>
    public const int CoveragesMax = 32;

    public const int IdentitiesMax = 32;

    /// <summary>
    /// A turn decides again when the fence, the catalog or a key moved under it. Each of these needs another writer to
    /// succeed in between, so eight in a row means contention that the caller should hear of.
    /// </summary>
    public const int DecisionsPerTurnMax = 8;

    /// <summary>
    /// Facts of one person at the most that a reversal reads to rate later settlements again; a person on dialysis has
    /// some 150 a year.
    /// </summary>
    public const int HistoryFactsMax = 5_000;

    /// <summary>Adjustments of one reversal: they are one append with it. More is for the agency to look at.</summary>
    public const int AdjustmentsMax = 200;

    /// <summary>
    /// A decision older than this is not committed: its caller's deadline (10 s by default) is long gone.
    /// </summary>
    public static readonly TimeSpan DecisionAgeMax = TimeSpan.FromSeconds(30);

    /// <summary>Persons in one roster call; they are one append, all or nothing.</summary>
    public const int RosterCallMax = 1_000;

    /// <summary>An append is one roster call at the most; re-rating stays below it (200 adjustments).</summary>
    public const int AppendEntriesMax = RosterCallMax;

    /// <summary>
    /// About 10 GB at a kilobyte an entry: more than a test or demonstration should ever hold in memory.
    /// </summary>
    public const int VolatileEntriesMax = 10_000_000;

    /// <summary>Bodies that the ledger in memory gives at a time to whoever folds it: some 100 kB.</summary>
    public const int VolatileRunMax = 256;

    public const int ListPageMax = 1_000;

    /// <summary>A discharge before 2000 is refused as well.</summary>
    public const int FundYearMin = 2000;

    /// <summary>Far beyond any premium paid ahead, and still four digits.</summary>
    public const int FundYearMax = 2999;

    /// <summary>More persons than any country has.</summary>
    public const long FundPersonsMax = 2_000_000_000;

    public const int SettleManyMax = 500;

    /// <summary>History entries in one GetAccount answer; the newest are given.</summary>
    public const int HistoryMax = 1_000;

    /// <summary>
    /// Persons, reversals and adjustments that a simulation keeps, together: half a kilobyte each, so 250 MB. A city of
    /// two million has some 250,000 persons with a settlement in a year.
    /// </summary>
    public const int SimulationKeptMax = 500_000;

    /// <summary>The largest differences that a simulation names: as many as a person looks into.</summary>
    public const int LargestDifferencesMax = 10;
}
