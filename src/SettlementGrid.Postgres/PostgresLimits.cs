namespace SettlementGrid.Postgres;

/// <summary>Every wait and size of the embedded database, each with its reason.</summary>
public static class PostgresLimits
{
    /// <summary>A server that was told to stop drains within this time, and so does its database; who waits
    /// longer waits for something that hangs.</summary>
    public static readonly TimeSpan DyingWaitMax = TimeSpan.FromSeconds(30);

    /// <summary>A start after a crash replays at most about max_wal_size (2 GB) of log: some 20 s on a slow disk.
    /// Ten minutes is far beyond that and still an end.</summary>
    public static readonly TimeSpan StartWaitMax = TimeSpan.FromMinutes(10);

    /// <summary>A fast stop writes one checkpoint of at most shared_buffers; after this it is stopped at once
    /// (immediate mode), which loses nothing: the next start replays the log.</summary>
    public static readonly TimeSpan FastStopWaitMax = TimeSpan.FromSeconds(60);

    /// <summary>How long one question "are you well?" may take. A loaded database answers in milliseconds.</summary>
    public static readonly TimeSpan HealthAnswerMax = TimeSpan.FromSeconds(3);

    /// <summary>Between two looks at a database that is starting or dying: shorter than a person notices.</summary>
    public static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>apt-get or npm on a slow line: 24–60 MB. Longer means that no line is there.</summary>
    public static readonly TimeSpan InstallMax = TimeSpan.FromMinutes(5);

    /// <summary>initdb takes one to three seconds, on a slow disk perhaps thirty.</summary>
    public static readonly TimeSpan InitdbMax = TimeSpan.FromMinutes(3);

    /// <summary>What a database writes between two checkpoints at 3,000 settlements a second: with that much log ready,
    /// no commit of a discharge peak waits for a new file of it.</summary>
    public const int LogAheadMiB = 1_024;

    /// <summary>What is kept of the log where the disk has no room for more: a minute at 3,000 settlements a second.
    /// </summary>
    public const int LogKeptLeastMiB = 256;

    /// <summary>The log written ahead takes at most this part of what is free on the disk.</summary>
    public const int LogAheadOfFree = 16;

    /// <summary>Small commands: whoami, chown, a version.</summary>
    public static readonly TimeSpan CommandMax = TimeSpan.FromSeconds(30);

    /// <summary>What is kept of a program's output for its error message: the newest lines say what failed.</summary>
    public const int OutputCharactersMax = 8_192;

    /// <summary>Ports tried at a first start. They lie below Linux's ephemeral range (32768), so that no outgoing
    /// connection holds the database's port when it starts for the second time.</summary>
    public const int PortFirst = 21_000;

    /// <summary>One past the last port tried.</summary>
    public const int PortEnd = 29_000;

    /// <summary>Ports tried one after another before giving up: so many taken means something else.</summary>
    public const int PortTriesMax = 64;
}
