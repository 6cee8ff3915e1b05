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
}
