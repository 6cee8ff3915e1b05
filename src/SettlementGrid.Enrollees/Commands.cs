namespace SettlementGrid.Enrollees;

/// <summary>What may be asked of one enrollee's actor; each is one turn.</summary>
/// <param name="EnrolleeId">Whose turn it is.</param>
public abstract record Command(string EnrolleeId)
{
    /// <summary>结算: compute, make durable, answer.</summary>
    /// <param name="Token">Of an earlier preview: settle only if the amounts are still the same.</param>
    public sealed record Settle(SettleRequest Request, PreviewToken? Token) : Command(Request.EnrolleeId)
    {
        /// <summary>
        /// The request's id, hashed once: a turn asks for it wherever it looks, decides and remembers.
        /// </summary>
        public SettlementId RequestKey { get; } = Request.Id;
    }

    /// <summary>预结算: compute on the present account, change nothing.</summary>
    public sealed record Preview(SettleRequest Request) : Command(Request.EnrolleeId);

    /// <summary>撤销 of a settlement of this enrollee.</summary>
    /// <param name="Original">The settlement as the ledger has it.</param>
    /// <param name="DryRun">Show what would happen; change nothing.</param>
    public sealed record Reverse(ReverseRequest Request, Recorded Original, bool DryRun)
        : Command(Original.Entry.Stream.Id);

    /// <summary>冲正 after a time-out: reverse the request if it was carried out, else bar its id for good.</summary>
    public sealed record Cancel(string Enrollee, string FacilityId, string RequestId) : Command(Enrollee)
    {
        public SettlementId RequestKey => SettlementId.Of(FacilityId, RequestId);
    }

    /// <summary>The present state, confirmed against the ledger.</summary>
    public sealed record GetAccount(string Enrollee) : Command(Enrollee);
}

/// <summary>What a turn answers.</summary>
public abstract record Answer
{
    Answer()
    {
    }

    public sealed record Refused(Plans.Refusal Refusal) : Answer;

    public sealed record Settled(Settlement Settlement) : Answer;

    /// <param name="Reversal">Of the settlement that was carried out; null: there was none, the id is barred.</param>
    public sealed record Cancelled(Settlement? Reversal) : Answer;

    public sealed record State(Account Account) : Answer;
}

/// <summary>
/// A settlement, reversal or adjustment as callers see it. Of a preview or dry run the fact was never recorded:
/// <see cref="Recorded"/> then has position 0 and stands for what would be.
/// </summary>
/// <param name="ReversedBy">Filled in later, and no part of the promise that an answer comes again unchanged.</param>
/// <param name="Token">Of previews only.</param>
public sealed record Settlement(Recorded Recorded, SettlementId? ReversedBy, PreviewToken? Token)
{
    /// <summary>Of a reversal: what it changed for later settlements, recorded with it.</summary>
    public IReadOnlyList<Settlement> Adjustments { get; init; } = [];

    public Fact.Money Fact => (Fact.Money)Recorded.Fact;

    public bool IsPreview => Recorded.Position == 0;
}
