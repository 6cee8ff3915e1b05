namespace SettlementGrid.Server;

/// <summary>Every bound of the program around the engine, each with its reason.</summary>
public static class ServerLimits
{
    /// <summary>How long a stop waits for calls under way: their default deadline (10 s) and a little.</summary>
    public static readonly TimeSpan DrainMax = TimeSpan.FromSeconds(12);

    /// <summary>From SIGTERM to a forced end: draining, the database's fast stop, and slack.</summary>
    public static readonly TimeSpan StopMax = TimeSpan.FromSeconds(90);

    /// <summary>Between two looks whether a commit gets through; /healthz is at most this much behind.</summary>
    public static readonly TimeSpan CommitLookInterval = TimeSpan.FromSeconds(1);

    /// <summary>A commit slower than this is no commit for a caller with a deadline of 10 s in a queue.</summary>
    public static readonly TimeSpan CommitLookMax = TimeSpan.FromSeconds(5);

    /// <summary>Connections at once. A hospital's gateway holds a few; this bounds what a flood can pin.</summary>
    public const int ConnectionsMax = 4_096;

    /// <summary>Streams of one HTTP/2 connection: a hospital group's gateway sends all its calls over one.</summary>
    public const int StreamsPerConnectionMax = 512;

    /// <summary>All headers of one request. Ours are a key, a trace and a deadline.</summary>
    public const int HeaderBytesMax = 16 * 1024;

    /// <summary>Headers of one request, counted.</summary>
    public const int HeadersMax = 64;

    /// <summary>A request's headers arrive within this time or the connection is closed (slow-loris).</summary>
    public static readonly TimeSpan HeadersWithin = TimeSpan.FromSeconds(10);

    /// <summary>An idle connection is kept so long: longer than between two patients at one counter.</summary>
    public static readonly TimeSpan IdleMax = TimeSpan.FromMinutes(2);

    /// <summary>A body slower than this, after the grace time, is cut off (slow-loris).</summary>
    public const double BodyBytesPerSecondMin = 240;

    /// <summary>Before the body's rate is looked at: one lost packet's retransmission must not cost the call.</summary>
    public static readonly TimeSpan BodyGrace = TimeSpan.FromSeconds(5);

    /// <summary>A dead peer of an HTTP/2 connection is noticed after this and as much again.</summary>
    public static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(30);

    /// <summary>Label combinations of one metric. Ours have some tens; more means that an id became a label.</summary>
    public const int SeriesPerMetricMax = 256;

    /// <summary>One log file; with <see cref="LogFilesMax"/> of them the disk's share of the log is bounded.</summary>
    public const long LogFileBytesMax = 16 * 1024 * 1024;

    /// <summary>Log files kept, the one being written among them.</summary>
    public const int LogFilesMax = 8;

    /// <summary>Log lines waiting for the disk; what does not fit is counted and said, never waited for.</summary>
    public const int LogLinesWaitingMax = 8_192;

    /// <summary>One log line; a stack trace is shorter.</summary>
    public const int LogLineCharactersMax = 16_384;

    /// <summary>How long an identified key is believed without asking the database: a revocation takes effect
    /// within this time.</summary>
    public static readonly TimeSpan KeyBelievedFor = TimeSpan.FromSeconds(5);

    /// <summary>Keys remembered. A province has some thousand hospitals.</summary>
    public const int KeysRememberedMax = 20_000;
}
