namespace SettlementGrid.Api;

/// <summary>Every bound of the wire, each with its reason. Beyond them a call is refused, never queued.</summary>
public static class ApiLimits
{
    /// <summary>
    /// The largest request message, bytes. 500 settlements or 1,000 roster entries need under 1 MB; 4 MB is what
    /// gRPC clients expect of a server.
    /// </summary>
    public const int MessageBytesMax = 4 * 1024 * 1024;

    /// <summary>
    /// The largest request of a method that takes one thing, bytes. A settlement's fields at their longest are
    /// under 2 kB; 64 kB leaves room for fields of a newer client and keeps what a connection can pin small.
    /// </summary>
    public const int SingleBytesMax = 64 * 1024;

    /// <summary>The largest plan file, bytes: the shipped ones are under 30 kB.</summary>
    public const int PlanBytesMax = 1024 * 1024;

    /// <summary>
    /// Calls at one time in the process. A waiting one costs about 5 kB, so all of them 160 MB; at 20,000 settlements
    /// a second this is more than a second's work, and beyond that an answer would come too late to be worth it.
    /// </summary>
    public const int CallsMax = 32_768;

    /// <summary>
    /// Bytes of messages that are on their way in, whole process: 64 of the largest at one time. Messages that arrive
    /// in one piece, as a settlement does, do not count.
    /// </summary>
    public const long BytesArrivingMax = 64L * MessageBytesMax;

    /// <summary>How long a unary call may take where the caller states nothing.</summary>
    public static readonly TimeSpan UnaryDeadline = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The longest deadline of a unary call, whatever the caller states: no decision is committed after 30 s, so
    /// waiting much longer can bring nothing.
    /// </summary>
    public static readonly TimeSpan UnaryDeadlineMax = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How long a stream may last, stated or not: watchers resume, and an hour bounds what a forgotten one holds.
    /// </summary>
    public static readonly TimeSpan StreamDeadline = TimeSpan.FromHours(1);

    /// <summary>
    /// Simulations at one time in the process: each reads the whole ledger, keeps a core busy and up to 250 MB.
    /// </summary>
    public const int SimulationsMax = 2;

    /// <summary>The least time between two messages of progress: as often as an eye follows.</summary>
    public static readonly TimeSpan ProgressPeriod = TimeSpan.FromMilliseconds(200);

    /// <summary>How often a health watch looks: a balancer need not know sooner.</summary>
    public static readonly TimeSpan HealthWatchPeriod = TimeSpan.FromSeconds(1);

    /// <summary>
    /// An answer of many things ends or is refused beyond this many bytes: clients take messages of 4 MB at the most,
    /// and one settlement or fund position is a few kB.
    /// </summary>
    public const int AnswerBytesMax = 3 * 1024 * 1024;

    /// <summary>
    /// Longest grpc-message, characters of text before encoding: clients bound a header block at 8 kB, and a Chinese
    /// character takes nine bytes when percent-encoded.
    /// </summary>
    public const int StatusMessageLengthMax = 400;

    /// <summary>
    /// Longest grpc-status-details-bin, bytes before base64: together with the message it must stay within the 8 kB
    /// of headers that clients accept. A refusal is a few hundred bytes; a longer one goes without details.
    /// </summary>
    public const int StatusDetailsBytesMax = 3 * 1024;

    /// <summary>
    /// Sources of calls' deadlines that wait for the next call: as many as are usually under way at once; each takes half
    /// a kilobyte.
    /// </summary>
    internal const int DeadlinesKeptMax = 1_024;
}
