namespace SettlementGrid.Grid;

/// <summary>Every bound of the in-process engine, each with its reason.</summary>
public static class Limits
{
    /// <summary>Calls that wait behind one person's turn. One person settles a few times a year; a queue this long is a
    /// client in a loop, and it must not cost others anything.</summary>
    public const int PersonQueueMax = 128;

    /// <summary>
    /// Calls accepted and not yet answered, over all persons. About 2 kB each is 64 MB; at 20,000 turns a second it is
    /// 1.6 s of work, well inside the default deadline of 10 s, so what is accepted is also answered in time.
    /// </summary>
    public const int CallsMax = 32_768;

    /// <summary>
    /// Accounts kept warm, by what they are estimated to keep alive, where nobody says how much memory there is: some
    /// 600,000.
    /// </summary>
    public const long WarmBytesMax = 256L << 20;

    /// <summary>
    /// The share of the machine's (or container's) memory that a server gives to warm accounts: PostgreSQL's buffers
    /// take as much, the system's cache of its files lives from the rest. On 24 GB it is 3 GB, seven million accounts.
    /// </summary>
    public const int WarmMemoryDivisor = 8;

    /// <summary>And at least so much, whatever the machine: the working set of a small city.</summary>
    public const long WarmBytesMin = 64L << 20;

    /// <summary>
    /// And by number, so that the numbers of their places stay far below an int's: at 0.3 kB each it is 20 GB.
    /// </summary>
    public const int WarmCountMax = 1 << 26;

    /// <summary>
    /// Locks that persons are spread over: many more than cores, so that two calls seldom meet, and few enough that
    /// each part of the warm cache is large.
    /// </summary>
    public const int Shards = 64;
}

/// <summary>The bounds of one engine; by default those of <see cref="Limits"/>. Tests set them small.</summary>
/// <param name="Shards">The warm bounds are divided by it, so each person's part is WarmCountMax / Shards.</param>
public sealed record GridBounds(
    int PersonQueueMax = Limits.PersonQueueMax,
    int CallsMax = Limits.CallsMax,
    int WarmCountMax = Limits.WarmCountMax,
    long WarmBytesMax = Limits.WarmBytesMax,
    int Shards = Limits.Shards)
{
    /// <summary>Warm accounts within a share of the memory this process may use.</summary>
    public static GridBounds ForThisMachine() => new(WarmBytesMax: Math.Max(
        Limits.WarmBytesMin, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / Limits.WarmMemoryDivisor));

    /// <summary>Throws <see cref="ArgumentException"/> where the bounds cannot hold together.</summary>
    public void Check()
    {
        if (PersonQueueMax < 1 || CallsMax < 1 || WarmCountMax < 0 || WarmBytesMax < 0 || Shards < 1)
            throw new ArgumentException("A bound of the grid is negative, or zero where it must not be.");
        if (PersonQueueMax > CallsMax)
            throw new ArgumentException("One person's queue must not be longer than all calls together.");
        if (WarmCountMax > 0 && WarmCountMax < Shards)
            throw new ArgumentException("Every shard must be able to keep one account warm, or none may.");
    }
}
