using SettlementGrid.Plans;

namespace SettlementGrid.Enrollees;

/// <summary>What <see cref="Decide"/> came to: facts to store, a stored fact to answer with, or a refusal.</summary>
public abstract record Decision
{
    Decision()
    {
    }

    /// <summary>Facts of one append; the first is what the caller is answered with.</summary>
    public sealed record Facts(IReadOnlyList<Fact> All) : Decision
    {
        /// <summary>Whether the facts stand on the catalog.</summary>
        public bool StandsOnCatalog => All[0] is Fact.Settled;
    }

    /// <summary>Nothing to store: a preview or dry run shows what would be recorded.</summary>
    /// <param name="All">The fact and, of a reversal, its adjustments.</param>
    public sealed record Shown(Fact.Money Fact, IReadOnlyList<Fact> All) : Decision;

    /// <summary>Nothing to store: this fact was recorded before and answers again.</summary>
    public sealed record Replay(Recorded Stored) : Decision;

    public sealed record Refused(Refusal Refusal) : Decision;
}
