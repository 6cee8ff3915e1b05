namespace SettlementGrid.Silo;

/// <summary>Every bound of the cluster's programs, each with its reason.</summary>
public static class SiloLimits
{
    /// <summary>
    /// Calls that wait behind one person's turn, as in the mailboxes: a queue this long is a client in a loop.
    /// </summary>
    public const int PersonQueueMax = Grid.Limits.PersonQueueMax;

    /// <summary>Calls that one program has under way in the cluster, as in the mailboxes.</summary>
    public const int CallsMax = Grid.Limits.CallsMax;

    /// <summary>Between a lost call and the next try: the memberships that lost it take longer to change.</summary>
    public static readonly TimeSpan AskAgainAfter = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// When a call is taken for lost on the way and asked again: a turn takes milliseconds, and twice this is still
    /// within a caller's default deadline of 10 s. Where the turn does run on, the second one finds what it did.
    /// </summary>
    public const string AnswerMax = "00:00:04";

    /// <summary>How long a silo that stops goes on answering gateways which it has told to go elsewhere.</summary>
    public static readonly TimeSpan GatewayFarewell = TimeSpan.FromSeconds(2);

    /// <summary>
    /// When the runtime itself gives a call up. Callers' own deadlines come long before; this only ends what has none.
    /// </summary>
    public static readonly TimeSpan ResponseMax = TimeSpan.FromSeconds(60);

    /// <summary>
    /// An account that nobody asked for in this time leaves memory. A person is asked for a few times a year; a stay's
    /// preview, settlement and perhaps reversal come within minutes.
    /// </summary>
    public static readonly TimeSpan IdleAge = TimeSpan.FromMinutes(10);

    /// <summary>How often idle accounts are looked for.</summary>
    public static readonly TimeSpan IdleLook = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Above this share of the memory that the process may use, the longest idle accounts leave before their age: the
    /// rest is for calls under way and the fold of the funds.
    /// </summary>
    public const double MemoryShareMax = 75;

    /// <summary>Down to this share, so that it does not begin again at once.</summary>
    public const double MemoryShareAfter = 65;

    /// <summary>
    /// How often that share is looked at: at 5,000 cold accounts a second, of 3 kB each, it moves by 15 MB meanwhile.
    /// </summary>
    public static readonly TimeSpan MemoryLookEvery = TimeSpan.FromSeconds(1);

    /// <summary>
    /// What a silo's managed memory holds besides accounts, where the operator says how much these may take: the
    /// youngest objects (64 MB are collected at a time), large buffers (60 MB under batches), the fold of the funds.
    /// </summary>
    public const long MemoryBesideAccounts = 256L << 20;

    /// <summary>
    /// Silos ask each other this often whether they live. With <see cref="ProbesMissedMax"/> a killed silo is known to
    /// be dead after 5 to 6 s, within a caller's default deadline of 10 s; a garbage collection lasts a tenth of a
    /// probe.
    /// </summary>
    public static readonly TimeSpan ProbeEvery = TimeSpan.FromSeconds(1.5);

    /// <summary>One lost probe is a network's hiccup; three are a death.</summary>
    public const int ProbesMissedMax = 3;

    /// <summary>Silos tell each other of changes; the table is read for what did not arrive.</summary>
    public static readonly TimeSpan MembershipsReadEvery = TimeSpan.FromSeconds(15);

    /// <summary>
    /// For whoever joins: a silo that has not written this for three times as long is left out of the greeting.
    /// </summary>
    public static readonly TimeSpan SignOfLifeEvery = TimeSpan.FromSeconds(10);

    /// <summary>Rows of dead silos, for whoever looks into what happened.</summary>
    public static readonly TimeSpan DeadSilosKept = TimeSpan.FromDays(7);

    /// <summary>How long a gateway waits for the first silo: two minutes.</summary>
    public const int GatewayTriesMax = 120;

    public static readonly TimeSpan GatewayTryEvery = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Between two looks of a region's grain: reminders are not made for less than a minute, and a checkpoint a minute
    /// is one row.
    /// </summary>
    public static readonly TimeSpan FundLookEvery = TimeSpan.FromMinutes(1);

    /// <summary>Between two looks for regions that have no grain yet: plans are published a few times a year.</summary>
    public static readonly TimeSpan FundRegionsLookEvery = TimeSpan.FromHours(1);

    /// <summary>
    /// Grains that one look wakes, a reading each: a province has some 130 counties and cities, two years.
    /// </summary>
    public const int FundGrainsMax = 1_000;
}
