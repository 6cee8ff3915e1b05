using SettlementGrid.Enrollees;
using SettlementGrid.Plans;

namespace SettlementGrid.Simulation.World;

/// <summary>NotStarted and Refused: nothing was stored. Unknown: the caller heard nothing, or a fault.</summary>
enum Ending { Answered, NotStarted, Refused, Unknown }

/// <summary>One call as its caller saw it.</summary>
/// <param name="Floor">The person's highest acknowledged version when the call was made.</param>
sealed record Attempt(Command Command, Ending Ending, Answer? Answer, long Floor)
{
    /// <summary>An answer that ends the matter: anything but "try again".</summary>
    public bool IsDefinite => Ending == Ending.Refused || Answer is not (null or Answer.Refused
    {
        Refusal.Reason: RefusalReason.Overloaded or RefusalReason.Unavailable,
    });
}

/// <summary>Everything that callers were told, in the order they were told.</summary>
sealed class History
{
    readonly Dictionary<string, long> _acknowledged = new(StringComparer.Ordinal);

    public List<Attempt> Attempts { get; } = [];

    public long Floor(string enrolleeId) => _acknowledged.GetValueOrDefault(enrolleeId);

    public void Add(Attempt attempt)
    {
        Attempts.Add(attempt);
        var entry = attempt.Answer switch
        {
            Answer.Settled { Settlement: { IsPreview: false } settlement } => settlement.Recorded.Entry,
            Answer.Cancelled { Reversal: { } reversal } => reversal.Recorded.Entry,
            _ => null,
        };
        if (entry is not null)
            _acknowledged[entry.Stream.Id] = Math.Max(Floor(entry.Stream.Id), entry.Version);
    }
}
