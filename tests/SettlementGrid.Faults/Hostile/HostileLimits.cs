namespace SettlementGrid.Faults.Hostile;

/// <summary>How hard and how long, each with its reason.</summary>
static class HostileLimits
{
    /// <summary>Before a closed connection is opened again: else a refused one would only measure the kernel.</summary>
    public static readonly TimeSpan ReconnectPause = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// Memory of the server beside a hostile client. What its own limits allow: 16,384 connections of 20 kB, as many
    /// calls of 10 kB whose bodies are still to come, 256 MB of messages on their way in and as many of answers on
    /// their way out; 300 MB for the runtime, its young objects and 20,000 warm accounts; and 250 MB that the collector
    /// leaves lying while the machine has room. Nobody here reaches all of them.
    /// </summary>
    public const long ServerMemoryMax = 1_536L << 20;

    /// <summary>Connections that do nothing: more than a province's hospitals have, below the server's bound.</summary>
    public const int IdleConnections = 10_000;

    /// <summary>Connections that send bodies or headers a byte a second.</summary>
    public const int SlowConnections = 200;

    /// <summary>Calls on each of them: together four times the calls that the server's door lets in at least.</summary>
    public const int SlowStreams = 20;

    /// <summary>Within which they come: who is cut off comes again, so after that at any time.</summary>
    public static readonly TimeSpan ComeWithin = TimeSpan.FromSeconds(3);

    /// <summary>Connections that ask and never read.</summary>
    public const int UnreadConnections = 100;

    /// <summary>Calls on each of them: as many as the server allows.</summary>
    public const int UnreadStreams = 256;

    /// <summary>Connections that flood: enough that one is always open when another is closed.</summary>
    public const int FloodConnections = 8;

    /// <summary>Frames sent in one piece: a flood writes in large pieces.</summary>
    public const int FramesAtOnce = 200;

    /// <summary>Connections that send what is too large; each piece is 4 MB.</summary>
    public const int OversizeConnections = 4;

    /// <summary>Between two bytes of somebody slow.</summary>
    public static readonly TimeSpan SlowPause = TimeSpan.FromSeconds(1);
}
