using SettlementGrid.Testbed.Calling;

namespace SettlementGrid.Faults;

/// <summary>Every wait and size of the faults, each with its reason.</summary>
public static class FaultLimits
{
    /// <summary>
    /// A fault without --minutes: long enough for several injections, short enough to run all at a sitting.
    /// </summary>
    public static readonly TimeSpan ShortRun = TimeSpan.FromSeconds(20);

    /// <summary>In the tests: two or three injections, since all tests together must stay short.</summary>
    public static readonly TimeSpan SliceRun = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How long one bill may stay unanswered over any fault: a database that comes back (5 s), a server that starts
    /// again on a busy machine, and the call itself.
    /// </summary>
    public static readonly TimeSpan AnswerMax = TimeSpan.FromMinutes(2);

    /// <summary>
    /// One call, before the hospital asks another server: above what a busy server takes, below its deadline.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    /// <summary>Callers of a closed loop: enough that every commit holds several settlements.</summary>
    public const int InFlight = 32;

    /// <summary>
    /// With a rate: what sets out in the seconds that a fault may hold everybody up; then bills wait.
    /// </summary>
    public const int InFlightAtRate = 4_000;

    /// <summary>Few enough that one person often has several bills under way when the fault comes.</summary>
    public const int Persons = 200;

    /// <summary>
    /// Memory of one server at its highest. Its bounded parts (warm accounts of these few persons, 64 MB of young
    /// objects, queues of at most 64,000 rows, 4 MB messages) and the runtime stay far below; a leak under load does
    /// not.
    /// </summary>
    public const long ServerMemoryMax = 1L << 30;

    /// <summary>Receipts looked up one by one by request id; every receipt is compared in the lists besides.</summary>
    public const int LookedUpMax = 5_000;

    /// <summary>Findings kept of one fault: enough to see the pattern.</summary>
    public const int FindingsMax = 40;

    /// <summary>Between two accounts that are read back while hospitals settle.</summary>
    public static readonly TimeSpan ReadBackEvery = TimeSpan.FromMilliseconds(20);

    /// <summary>Hospitals in a closed loop. Every fiftieth bill is sent twice at once.</summary>
    public static readonly Habits Closed = new(InFlight, AnswerMax) { Patience = Patience, TwiceEvery = 50 };

    /// <summary>Hospitals at an even rate.</summary>
    public static Habits At(int perSecond) => Closed with { InFlight = InFlightAtRate, PerSecond = perSecond };
}
