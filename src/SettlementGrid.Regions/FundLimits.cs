namespace SettlementGrid.Regions;

/// <summary>Every bound of the funds' following, each with its reason.</summary>
public static class FundLimits
{
    /// <summary>
    /// Entries of own commits that wait to be folded: about three seconds of settling, 20 MB. What does not fit is read
    /// from the ledger.
    /// </summary>
    public const int OwnEntriesMax = 16_384;

    /// <summary>
    /// How long own commits that are ahead of the fold wait for the one between, which another writer of this process
    /// is about to tell of; then the ledger is read.
    /// </summary>
    public static readonly TimeSpan GapPatience = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// Own commits are folded this often, unless somebody waits for them: at full load several hundred come in a
    /// second, and what the fold touches is in the processor's caches only for the first of a batch to fetch.
    /// </summary>
    public static readonly TimeSpan FoldEvery = TimeSpan.FromMilliseconds(50);

    /// <summary>How often the ledger is looked at for others' commits: a fifth of the promised lag.</summary>
    public static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(100);

    /// <summary>Pause after the ledger could not be read; it has waited for PostgreSQL itself by then.</summary>
    public static readonly TimeSpan RetryEvery = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Runs of bodies read ahead of folding, 80 kB each: enough that neither side waits for the other.
    /// </summary>
    public const int RunsAheadMax = 16;

    /// <summary>
    /// How long a reading waits for the fold once that has caught up after the start: a lag this long is a fault, and
    /// the caller should hear of it before its deadline of ten seconds.
    /// </summary>
    public static readonly TimeSpan ReadPatience = TimeSpan.FromSeconds(5);

    /// <summary>
    /// A watcher is given something at most this often: people see no more, and it bounds what one costs.
    /// </summary>
    public static readonly TimeSpan WatchEvery = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// A sign of life where nothing changes: below the half minute after which proxies cut idle lines.
    /// </summary>
    public static readonly TimeSpan HeartbeatEvery = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Consoles that watch through one server. Each asks the fold ten times a second at most; a hundred take about a
    /// tenth of a core.
    /// </summary>
    public const int WatchersMax = 100;

    /// <summary>
    /// Readings of the past that wait while one is folded: each may take seconds and holds a second fold in memory.
    /// </summary>
    public const int PastReadingsWaitingMax = 4;

    /// <summary>
    /// How long the fold of a reading of the past is kept for the next one: consoles page through one mark.
    /// </summary>
    public static readonly TimeSpan PastKept = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Facts between two checkpoints: what is folded on from one is read in half a second.
    /// </summary>
    public const long CheckpointEvery = 250_000;

    /// <summary>
    /// At the least between two checkpoints of one server, so that a roster's load does not write one every two
    /// seconds.
    /// </summary>
    public static readonly TimeSpan CheckpointPause = TimeSpan.FromSeconds(30);

    /// <summary>While catching up after a start: what a crash then makes fold again.</summary>
    public static readonly TimeSpan CatchUpCheckpointPause = TimeSpan.FromSeconds(10);

    /// <summary>
    /// PostgreSQL holds at most 1 GB in a field; beyond half of it none is written, and a line says so.
    /// </summary>
    public const int CheckpointBytesMax = 512 << 20;
}

/// <summary>
/// The bounds of one <see cref="Following.Funds"/>; by default those of <see cref="FundLimits"/>. Tests set them small.
/// </summary>
public sealed record FundBounds(
    long CheckpointEvery = FundLimits.CheckpointEvery, int WatchersMax = FundLimits.WatchersMax)
{
    public TimeSpan CheckpointPause { get; init; } = FundLimits.CheckpointPause;

    public TimeSpan CatchUpCheckpointPause { get; init; } = FundLimits.CatchUpCheckpointPause;

    public TimeSpan HeartbeatEvery { get; init; } = FundLimits.HeartbeatEvery;
}
