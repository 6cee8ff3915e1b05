namespace SettlementGrid.Ledger;

/// <summary>Every bound of the PostgreSQL ledger, each with its reason.</summary>
public static class LedgerLimits
{
    /// <summary>Measured: 84,000 rows/s at 256 a batch, 77,000 at 1,000; beyond it only the waiting grows.</summary>
    public const int BatchRowsMax = 256;

    /// <summary>
    /// A second keeps PostgreSQL busy while the first waits for its flush; the head row lets no third gain anything.
    /// </summary>
    public const int Writers = 2;

    /// <summary>
    /// Rows that must wait before a second batch sets out beside the first. A commit costs PostgreSQL some 480 µs
    /// whatever it holds; at 64 rows that is 7 µs a row beside the 33 of the row itself. With 128 calls under way two
    /// free writers made commits of 20 rows at 54 to 64 µs a row. Where PostgreSQL is what everybody waits for, this
    /// many do wait.
    /// </summary>
    public const int SecondBatchRows = 64;

    /// <summary>A batch of this many rows had company: the next one waits for its own.</summary>
    public const int CompanyRows = 4;

    /// <summary>
    /// From one setting out to the next while there is company and fewer than <see cref="SecondBatchRows"/> wait. It
    /// costs a caller 2 ms at most more than otherwise, on average, and only from some 1,000 settlements a second on;
    /// every commit spared is a millisecond of a processor.
    /// </summary>
    public static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(4);

    /// <summary>
    /// Rows waiting for the writers: about a second of their work and 64 MB; more would only be answered late.
    /// </summary>
    public const int QueuedRowsMax = 65_536;

    /// <summary>Persons or questions in one look-up; its plan is one index descent each.</summary>
    public const int LookUpMax = 256;

    /// <summary>
    /// Look-ups of a kind under way at once: one would leave PostgreSQL idle between two, more take its cores.
    /// </summary>
    public const int LookUpLanes = 2;

    /// <summary>
    /// Waiting look-ups of a kind: two seconds at the slowest rate measured, and room for 64 roster calls at once.
    /// </summary>
    public const int QueuedLookUpsMax = 65_536;

    /// <summary>
    /// Connections for what turns ask: <see cref="LookUpLanes"/> of each of the two kinds, one for each writer's taken
    /// keys, two for single settlements and histories. With those for lists no more than PostgreSQL's default of 100
    /// holds for several servers and the console.
    /// </summary>
    public const int TurnConnectionsMax = 8;

    /// <summary>Connections for lists: more at once would take the processors of those who settle.</summary>
    public const int ListConnectionsMax = 6;

    /// <summary>
    /// Connections for callers and audit: one reads keys, one writes the audit, two read it.
    /// </summary>
    public const int WorkingConnectionsMax = 4;

    /// <summary>
    /// Connections of a silo's memberships, reminders and checkpoints together: a few statements a second, and one to
    /// spare for each while another waits for a lock.
    /// </summary>
    public const int OrleansConnectionsMax = 6;

    /// <summary>
    /// Slots of the table of known versions, a power of two: 16 MB, one for every person of a large city.
    /// </summary>
    public const uint KnownVersionsMax = 1 << 21;

    /// <summary>
    /// Places in the table of known request keys, a power of two: 16 MB; a province's settlements of a peak quarter of
    /// an hour, a large city's of a month.
    /// </summary>
    public const int KnownRequestsMax = 1 << 21;

    /// <summary>
    /// A statement that takes longer hangs: a batch takes about 10 ms, a page of the tail about 50. On a line that
    /// swallows everything its connection is given up so late, and up to twice <see cref="ConnectTimeMax"/> later: so
    /// long the driver tries to cancel it.
    /// </summary>
    public static readonly TimeSpan StatementTimeMax = TimeSpan.FromSeconds(15);

    /// <summary>
    /// PostgreSQL restarts in about five seconds after a backend's crash. Waiting a little longer makes most restarts
    /// unnoticed; the caller's deadline is ten.
    /// </summary>
    public static readonly TimeSpan ReachPatience = TimeSpan.FromSeconds(7);

    /// <summary>
    /// How long a reading is waited for: longer than for a restart of PostgreSQL (<see cref="ReachPatience"/>), shorter
    /// than the usual deadline, so that the answer says why there is none.
    /// </summary>
    public static readonly TimeSpan ReadingPatience = TimeSpan.FromSeconds(8);

    /// <summary>First and longest pause between two tries to reach PostgreSQL.</summary>
    public static readonly TimeSpan ReachPause = TimeSpan.FromMilliseconds(50);

    public static readonly TimeSpan ReachPauseMax = TimeSpan.FromSeconds(1);

    public static readonly TimeSpan ConnectTimeMax = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Deadlocks and lost outcomes in a row for one batch. Batches are sorted, so a deadlock needs a request id crossed
    /// between two servers; three in a row do not happen by chance.
    /// </summary>
    public const int TriesPerBatchMax = 4;

    /// <summary>
    /// How long a stop waits for an outcome that is unknown; then the process may go, its callers unanswered.
    /// </summary>
    public static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(10);

    /// <summary>The head is signed this often if it moved: what a forger could still cut off unseen.</summary>
    public static readonly TimeSpan AnchorEvery = TimeSpan.FromSeconds(5);

    /// <summary>
    /// What whoever folds the ledger reads at a time: below the size from which the runtime keeps buffers for long.
    /// </summary>
    public const int CopyBufferBytes = 80_000;

    /// <summary>
    /// Rows of one statement of such a reading: well below a second, so a lost connection repeats little.
    /// </summary>
    public const int CopyRowsMax = 100_000;

    /// <summary>Rows of one page of verification: about 2 MB.</summary>
    public const int VerifyPage = 2_000;

    /// <summary>Findings kept; a ledger with more is damaged as a whole, and memory stays bounded.</summary>
    public const int FindingsMax = 100;
}
