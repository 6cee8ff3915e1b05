using SettlementGrid.Testbed;
using SettlementGrid.Testbed.Calling;

namespace SettlementGrid.Servers.Tests;

/// <summary>How long and how hard, each with its reason.</summary>
static class ServersLimits
{
    /// <summary>
    /// The accepted number: settlements alternating between two servers, and as many at one beside it.
    /// </summary>
    public const int Settlements = 10_000;

    /// <summary>Rounds that the settlements of each way are cut into, so that ways alternate in one run.</summary>
    public const int Rounds = 4;

    public const int Persons = 500;

    /// <summary>Callers at one time: enough that every commit holds several settlements.</summary>
    public const int InFlight = 64;

    /// <summary>Races of each other kind at the same instant.</summary>
    public const int RacesOfAKind = 200;

    /// <summary>
    /// How long one bill may stay unanswered while a server is away: the other one is there all the time.
    /// </summary>
    public static readonly TimeSpan AnswerMax = 2 * TestbedLimits.CallMax;

    /// <summary>Between two tries, so that refusals do not take the cores that the answer needs.</summary>
    public static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// A call to a server that was killed may get no answer: so long a hospital waits before it asks the other one.
    /// </summary>
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <summary>Hospitals that ask a server that did not answer only once the test says that it is back.</summary>
    public static readonly Habits Habits = new(InFlight / 2, AnswerMax)
    {
        Patience = s_patience, RetryPause = RetryPause, AwayFor = Timeout.InfiniteTimeSpan,
    };
}
