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

    /// <summary>
    /// Items of one list in a request, before any is read: no method takes more than 1,000, and says so itself when
    /// there are some more.
    /// </summary>
    public const int RequestItemsMax = 1_024;

    /// <summary>
    /// Messages in all lists of a request, the lists of their items included, about 200 bytes each: a roster entry has
    /// two or three covers and identities, 16 leave room.
    /// </summary>
    public const int RequestMessagesMax = 16 * RequestItemsMax;

    /// <summary>
    /// Characters of a token by which a list goes on: longer than any that is given; the audit's names a caller and a
    /// method.
    /// </summary>
    public const int PageTokenMax = 1_024;

    /// <summary>The largest plan file, bytes: the shipped ones are under 30 kB.</summary>
    public const int PlanBytesMax = 1024 * 1024;

    /// <summary>
    /// Unary calls at one time in the process, a batch counted as many as it has requests. A waiting one costs about
    /// 5 kB, so all of them 160 MB. It is the last bound, of memory; <see cref="WaitAtPeak"/> is reached before it.
    /// </summary>
    public const int CallsMax = 32_768;

    /// <summary>
    /// Unary calls up to which nobody is refused: so many keep both writers of the ledger and two processors busy, and
    /// they are served within 10 ms at 15,000 a second.
    /// </summary>
    public const int CallsFree = 128;

    /// <summary>
    /// Settlements under way that no predicted wait forbids: two ledger batches on their way to the disk and two that
    /// gather behind them. With fewer a slow disk would get small batches, and be slower still.
    /// </summary>
    public const int CallsForBatches = 1_024;

    /// <summary>
    /// Single calls under way that the processors' queue never forbids: a batch of a hundred and more for each of the
    /// ledger's writers. Where the processors are what is short the disk waits for them, so more would only stand
    /// about in memory, to be moved by every collection: at twice the knee 87 % of it was settled with 256, 80 % with
    /// 512, 74 % with 1,024 (128: 86 %).
    /// </summary>
    public const int CallsForProcessors = 256;

    /// <summary>
    /// Streams at one time in the process: some hundreds of agencies watch funds, and every server of a cluster is
    /// watched by a few. They last an hour, so they have no part in what is predicted for calls.
    /// </summary>
    public const int StreamsMax = 4_096;

    /// <summary>
    /// Unary calls at one time whose body is still to come: some 10 kB each, so all of them 160 MB. Callers that send a
    /// byte a second are cut off after some seconds; until then they are among these and take no room of others'.
    /// </summary>
    public const int ArrivingMax = 16_384;

    /// <summary>Calls a second that are counted on before any were measured: what two cores do on a bad day.</summary>
    public const double PaceAtFirst = 10_000;

    /// <summary>
    /// Bytes of messages that are on their way in, whole process: 64 of the largest at one time. Messages that arrive
    /// in one piece, as a settlement does, do not count.
    /// </summary>
    public const long BytesArrivingMax = 64L * MessageBytesMax;

    /// <summary>
    /// A wait in the processors' queue that stands this long means more work than processors: then even a refusal
    /// comes late. Bursts behind a commit are shorter, or gone within a slot.
    /// </summary>
    public static readonly TimeSpan ProcessorWait = TimeSpan.FromMilliseconds(2);

    /// <summary>
    /// A predicted wait that is never refused for the processors' sake: a commit, and what gathers meanwhile.
    /// </summary>
    public static readonly TimeSpan WaitShort = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// As long after a single bill was refused batches come one at a time: they can wait, the person at the counter
    /// is there now.
    /// </summary>
    public static readonly TimeSpan BatchesYieldFor = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The longest predicted wait while a peak passes. A checkpoint, a collection or a burst may hold everything up
    /// for half a second: who is refused then comes again and is served no sooner. The clerk at the counter still
    /// finds a second short, and it is a tenth of the usual deadline.
    /// </summary>
    public static readonly TimeSpan WaitAtPeak = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The longest predicted wait once the crowd has stayed (<see cref="CrowdAfter"/>). More is asked than can be done
    /// then, so a longer queue gains nothing and makes every answer later: 200 ms is some twenty commits, more than
    /// enough to keep the writers' batches full.
    /// </summary>
    public static readonly TimeSpan WaitInCrowd = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// How long the wait must have been above that before it counts as a crowd: as long as a server at four fifths of
    /// its pace takes to catch up after a stall of half a second.
    /// </summary>
    public static readonly TimeSpan CrowdAfter = TimeSpan.FromSeconds(2);

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
    /// Streams of those who need no caller (health watches) at one time in the process, one address half of them: some
    /// 10 kB each, so all of them 10 MB. Balancers and monitors are a few; those behind one NAT share its half.
    /// </summary>
    public const int ProbeStreamsMax = 1_024;

    /// <summary>
    /// An answer of many things ends or is refused beyond this many bytes: clients take messages of 4 MB at the most,
    /// and one settlement or fund position is a few kB.
    /// </summary>
    public const int AnswerBytesMax = 3 * 1024 * 1024;

    /// <summary>
    /// An answer or a stream's message above this, bytes, is counted until its caller has taken it. A settlement is
    /// smaller and goes out without a wait; unread ones hold 2 MB a connection at the most. A stream waits until each
    /// is taken, so all streams together hold 32 MB of smaller ones.
    /// </summary>
    public const int AnswerBytesFree = 8_000;

    /// <summary>
    /// Bytes of larger answers that wait for their callers, whole process: some eighty of the largest. A caller that
    /// asks for lists and reads none would fill the memory otherwise: by the connection's least rate 3 MB take hours.
    /// As JSON such an answer is some five times as large, and there is room for fifteen.
    /// </summary>
    public const long AnswerBytesWaitingMax = 256L * 1024 * 1024;

    /// <summary>How long a caller may take for such an answer: the largest at 50 kB/s, a poor mobile line.</summary>
    public static readonly TimeSpan AnswerTakenMax = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Characters of the caller's own text, or of a parser's that repeats it, within a refusal: enough to find the
    /// place. An answer says it three times, in two languages and in base64.
    /// </summary>
    public const int QuotedTextMax = 200;

    /// <summary>
    /// Characters of a refusal's sentence and of each of its figures, whoever made them: the longest we write has some
    /// 300. So a refusal is a few kB at the most and need not be counted as an answer.
    /// </summary>
    public const int RefusalTextMax = 1_000;

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
    /// Sources of calls' deadlines that wait for the next call: as many as are usually under way at once; each takes
    /// half a kilobyte.
    /// </summary>
    internal const int DeadlinesKeptMax = 1_024;
}
