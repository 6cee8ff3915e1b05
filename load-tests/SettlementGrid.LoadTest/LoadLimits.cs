namespace SettlementGrid.LoadTest;

/// <summary>Every bound of the load test, each with its reason.</summary>
public static class LoadLimits
{
    /// <summary>Receipts kept, about 64 bytes each: an hour at 5,000 settlements a second under 1.2 GB.</summary>
    public const int ReceiptsMax = 20_000_000;

    /// <summary>How long calls under way may take after the time is up: the server's own deadline and more.</summary>
    public static readonly TimeSpan FinishMax = TimeSpan.FromSeconds(30);

    /// <summary>More in flight than this measures the generator's queue and not the server.</summary>
    public const int InFlightMax = 10_000;

    /// <summary>Streams a server allows on one connection.</summary>
    public const int InFlightPerConnectionMax = 256;

    /// <summary>
    /// Arrivals that wait for a free caller: ten seconds at the highest rate. More are given up and counted.
    /// </summary>
    public const int WaitingMax = 1_000_000;

    /// <summary>Arrivals a second: more than any server on one machine with the generator could answer.</summary>
    public const double RateMax = 100_000;

    /// <summary>Kinds of refusals shown; a healthy run has none.</summary>
    public const int RefusalKindsMax = 20;

    /// <summary>Bills in one call of SettleMany; the server's own bound.</summary>
    public const int ManyMax = 500;

    /// <summary>Differences told: enough to see the pattern; a broken ledger would give one a settlement.</summary>
    public const int DifferencesMax = 20;

    /// <summary>Accounts asked for at one time by the audit: keeps the server busy without being refused.</summary>
    public const int AuditInFlight = 64;

    /// <summary>The longest that a program asked about the machine (git) may take.</summary>
    public static readonly TimeSpan ProgramMax = TimeSpan.FromSeconds(10);

    /// <summary>How often a run looks whether its end came earlier: costs nothing beside the load.</summary>
    public static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);

    /// <summary>How often a refused bill is sent again: after half a minute a person looks at it.</summary>
    public const int RetriesMax = 5;

    /// <summary>How long a hospital waits for an answer: the server's usual deadline.</summary>
    public static readonly TimeSpan CallerPatience = TimeSpan.FromSeconds(10);

    /// <summary>Runs of one figure: more are an evening's work.</summary>
    public const int RepeatMax = 50;

    /// <summary>Runs made again because a control differed: as many as are usually wanted.</summary>
    public const int RepeatedRunsMax = 5;

    /// <summary>How long each control runs: some thousand calls and commits, and little beside the run.</summary>
    public static readonly TimeSpan ControlLasts = TimeSpan.FromSeconds(3);

    /// <summary>Echoes a second where the run itself has no rate.</summary>
    public const double ControlRate = 2_000;

    /// <summary>
    /// The echo's share that is compared: medians hardly feel a busy machine, tails differ by chance.
    /// </summary>
    public const double ControlShare = 0.9;

    /// <summary>Facilities listed at one time by the audit: while one page is read, others are prepared.</summary>
    public const int AuditListsAtOnce = 4;

    /// <summary>Servers of one database on one machine: the database's connections hold four.</summary>
    public const int ServersMax = 4;
}
