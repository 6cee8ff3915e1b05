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

    /// <summary>
    /// Label combinations of one metric. Calls by method and outcome may come to some hundreds (30 methods, each with
    /// its ten or twenty outcomes); more means that an id became a label.
    /// </summary>
    public const int SeriesPerMetricMax = 1_024;

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

    /// <summary>
    /// How long after it was read a key may still read /metrics while the database does not answer: the figures are
    /// looked at then, and alarms on them must fire and stay. It shows sums and changes nothing; a key that is revoked
    /// meanwhile, past this server, reads them no longer than this.
    /// </summary>
    public static readonly TimeSpan MetricsKeyBelievedFor = TimeSpan.FromMinutes(15);

    /// <summary>
    /// How long /metrics waits for the database before it believes what it knows: Prometheus waits 10 s in all, and a
    /// line that swallows everything is waited for longer.
    /// </summary>
    public static readonly TimeSpan MetricsKeyLookMax = TimeSpan.FromSeconds(2);

    /// <summary>Keys remembered. A province has some thousand hospitals.</summary>
    public const int KeysRememberedMax = 20_000;

    /// <summary>One answer that `funds` reads, bytes: the server's longest is 4 MB, as JSON five times that.</summary>
    public const int FundsAnswerBytesMax = 32 * 1024 * 1024;

    /// <summary>Regions that `funds` follows at one time, a stream each: some tens of pools publish plans.</summary>
    public const int FundsRegionsMax = 64;

    /// <summary>How long `funds` waits for an answer: the server's own deadline is 10 s.</summary>
    public static readonly TimeSpan FundsAnswerMax = TimeSpan.FromSeconds(15);

    /// <summary>A stream silent for so long is taken for dead: the server gives a sign of life every 5 s.</summary>
    public static readonly TimeSpan FundsSilenceMax = TimeSpan.FromSeconds(20);

    /// <summary>The first pause before a lost stream is opened again; doubled each time.</summary>
    public static readonly TimeSpan FundsRetryPause = TimeSpan.FromMilliseconds(250);

    /// <summary>The longest such pause: a server that is back is seen within it.</summary>
    public static readonly TimeSpan FundsRetryPauseMax = TimeSpan.FromSeconds(4);

    /// <summary>How often the table is drawn: at once to the eye, and it costs next to nothing.</summary>
    public static readonly TimeSpan FundsDrawPeriod = TimeSpan.FromMilliseconds(250);

    /// <summary>How long a row that moved stays marked.</summary>
    public static readonly TimeSpan FundsMovedFor = TimeSpan.FromSeconds(3);

    /// <summary>Between two looks at all funds for alerts: one takes milliseconds, and nobody acts faster.</summary>
    public static readonly TimeSpan FundLookInterval = TimeSpan.FromSeconds(10);

    /// <summary>Funds whose usage is measured: below <see cref="SeriesPerMetricMax"/>, so none is dropped.</summary>
    public const int FundSeriesMax = 200;

    /// <summary>Lines that one look logs; a published or imported mistake may raise thousands at once.</summary>
    public const int FundAlertLinesMax = 20;

    /// <summary>Between two writings of the audit: what a crash may lose of it.</summary>
    public static readonly TimeSpan AuditWriteInterval = TimeSpan.FromSeconds(1);

    /// <summary>One writing of the audit: longer than a restart of PostgreSQL takes, shorter than a stop may.</summary>
    public static readonly TimeSpan AuditWriteMax = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Folds that wait while the database takes none, about 300 bytes each: 20 MB. Half of them are as many as there
    /// can be calls at one time (<see cref="Api.ApiLimits.CallsMax"/>), so that a call which found room has it when it
    /// ends.
    /// </summary>
    public const int AuditFoldsMax = 2 * Api.ApiLimits.CallsMax;

    /// <summary>Records in one statement: some milliseconds, so that no other server waits long for a row.</summary>
    public const int AuditBatchMax = 1_000;

    /// <summary>How often a server says that it lives: people see no more, and it is one small row.</summary>
    public static readonly TimeSpan LeaseBeat = TimeSpan.FromSeconds(5);

    /// <summary>Two beats may be missed by a busy machine before a server is shown as silent.</summary>
    public static readonly TimeSpan LeaseAliveFor = 3 * LeaseBeat;

    /// <summary>Servers in one list; a database's connections hold a tenth of them.</summary>
    public const int LeasesShownMax = 100;

    /// <summary>
    /// Between a server's clock and the database's before it is said: a list of settlements is called final 60 s after
    /// its end, of which a decision may take 30; what is left for clocks is 30, and NTP keeps them within a second.
    /// </summary>
    public static readonly TimeSpan ClockDifferenceMax = TimeSpan.FromSeconds(5);

    /// <summary>Servers of one machine that keep their logs within one data folder.</summary>
    public const int ServersPerFolderMax = 16;

    /// <summary>Between two looks for records that are older than three years.</summary>
    public static readonly TimeSpan AuditForgetInterval = TimeSpan.FromHours(1);
}
