using SettlementGrid.Plans;

namespace SettlementGrid.Enrollees;

/// <summary>
/// The append-only ledger: the one truth, and the fence between everybody who decides. What it acknowledged is on disk.
/// Two adapters ship (PostgreSQL, in memory); both pass the same conformance classes.
/// Every call may throw <see cref="LedgerUnavailableException"/> when the ledger cannot be reached; an append that
/// threw it is not stored and never will be. Calls are thread-safe.
/// </summary>
public interface ILedger
{
    /// <summary>The person's newest state; version 0 where the ledger has no fact of the person. Never older than
    /// what was acknowledged to anybody before the call.</summary>
    ValueTask<Account> Load(string enrolleeId, CancellationToken cancellation);

    /// <summary>
    /// Stores all entries of the append or none. Committed means durable. An outcome that is unknown for a while (a
    /// lost reply) is resolved before this returns: never guessed. Cancellation is honoured only while the append is
    /// still queued; it then throws <see cref="OperationCanceledException"/> and nothing is stored.
    /// </summary>
    ValueTask<AppendOutcome> Append(Append append, CancellationToken cancellation);

    /// <summary>
    /// What the ledger knows now of a person's version, a request key, an encounter key and the catalog's revision, in
    /// one look.
    /// </summary>
    ValueTask<Knowledge> Confirm(Question question, CancellationToken cancellation);

    /// <summary>
    /// True: this process saw the request key taken, so <see cref="Confirm"/> will most likely tell by what. False says
    /// nothing. From memory alone; a retry is looked up thus instead of meeting its key in an append, which would make
    /// a whole batch go again.
    /// </summary>
    bool Remembers(SettlementId requestKey);

    /// <summary>The fact that occupies a request key, whatever its kind; null where there is none.</summary>
    ValueTask<Recorded?> Find(SettlementId id, CancellationToken cancellation);

    /// <summary>Entries of one stream from a version on, in order, at most <paramref name="max"/>.</summary>
    ValueTask<IReadOnlyList<Recorded>> ReadStream(
        StreamKey stream, long fromVersion, int max, CancellationToken cancellation);

    /// <summary>
    /// The reversals of the given settlements, by the reversed settlement's id; settlements that are not reversed are
    /// left out.
    /// </summary>
    ValueTask<IReadOnlyDictionary<SettlementId, SettlementId>> Reversals(
        IReadOnlyCollection<Fact.Settled> settlements, CancellationToken cancellation);

    /// <summary>A facility's facts with money with from ≤ time &lt; to (milliseconds) and position above
    /// <paramref name="afterPosition"/>, by position, at most <paramref name="max"/>.</summary>
    /// <param name="within">Only facts of this region and those under it; empty: all.</param>
    ValueTask<IReadOnlyList<Recorded>> ListFacility(
        string facilityId, string within, long from, long to, long afterPosition, int max,
        CancellationToken cancellation);

    /// <summary>
    /// All entries with position above the mark, in order, at most <paramref name="max"/>: gapless, and nothing later
    /// appears at or below a position once given.
    /// </summary>
    ValueTask<IReadOnlyList<Recorded>> ReadTail(long afterPosition, int max, CancellationToken cancellation);

    /// <summary>
    /// Every version of every plan and the newest entry of each facility, by position, with the catalog revision they
    /// stand at.
    /// </summary>
    ValueTask<CatalogEntries> ReadCatalog(CancellationToken cancellation);

    /// <summary>
    /// Number, position, catalog revision and hash (<see cref="CommitChain"/>) of the newest commit; zeros before the
    /// first.
    /// </summary>
    ValueTask<LedgerHead> ReadHead(CancellationToken cancellation);
}

/// <summary>
/// Entries that are stored together or not at all, in the order given. Entries of plan and facility streams raise the
/// catalog's revision by their number. At most <see cref="Limits.AppendEntriesMax"/> entries, never none
/// (<see cref="ArgumentException"/>).
/// </summary>
/// <param name="CatalogRevision">
/// The revision the decision stands on; the commit requires it. Null where the facts depend on no plan (roster, bars).
/// </param>
/// <param name="DecidedAt">
/// Milliseconds since 1970; older than <see cref="Limits.DecisionAgeMax"/> is not committed.
/// </param>
public sealed record Append(IReadOnlyList<Entry> Entries, long? CatalogRevision, long DecidedAt);

/// <summary>
/// What became of an append. Where several conflicts meet, every adapter answers the first of: <see cref="Overloaded"/>
/// (before it is queued), <see cref="Expired"/>, <see cref="CatalogMoved"/>, <see cref="RequestTaken"/>,
/// <see cref="VersionTaken"/>, <see cref="EncounterTaken"/>. A request key that is taken answers before a stale
/// version, because a replay must be answered as a replay; a stale version before an encounter, because whoever is told
/// EncounterTaken refuses without looking again and so must have decided on the newest account. An entry that is not
/// the very next version of its stream counts as VersionTaken. Within an append entries are looked at in their order.
/// </summary>
public abstract record AppendOutcome
{
    AppendOutcome()
    {
    }

    /// <summary>Durable; the positions of the entries in their order.</summary>
    public sealed record Committed(long[] Positions) : AppendOutcome;

    /// <summary>A (stream, version) is taken: whoever decided was stale. Reload and decide again.</summary>
    public sealed record VersionTaken : AppendOutcome;

    /// <summary>The request key is taken by this fact: a replay, or another content under the same id.</summary>
    public sealed record RequestTaken(Recorded Stored) : AppendOutcome;

    /// <summary>The encounter's attempt is taken; these are all uses of the encounter so far.</summary>
    public sealed record EncounterTaken(IReadOnlyList<EncounterUse> Uses) : AppendOutcome;

    /// <summary>Plans or facilities changed since the decision. Reload the catalog and decide again.</summary>
    public sealed record CatalogMoved : AppendOutcome;

    /// <summary>The decision was too old when its turn to be written came. Nothing stored.</summary>
    public sealed record Expired : AppendOutcome;

    /// <summary>The writer's queue is full. Nothing stored.</summary>
    public sealed record Overloaded : AppendOutcome;
}

/// <param name="RequestKey">Null: not asked.</param>
/// <param name="Encounter">Null: not asked.</param>
public sealed record Question(string EnrolleeId, SettlementId? RequestKey, EncounterKey? Encounter);

/// <summary>What the ledger knew at one moment.</summary>
/// <param name="Version">Of the person asked for; 0: no fact.</param>
/// <param name="Request">The fact under the request key; null: none, or not asked.</param>
/// <param name="Uses">Of the encounter, by attempt; empty: none, or not asked.</param>
public sealed record Knowledge(long Version, Recorded? Request, IReadOnlyList<EncounterUse> Uses)
{
    /// <summary>
    /// The catalog's revision at that moment: no refusal or preview is given under an older one. Null where an append
    /// told, which has looked at the revision itself.
    /// </summary>
    public long? CatalogRevision { get; init; }
}

/// <summary>One attempt of an encounter in a year.</summary>
/// <param name="ReversedBy">Null: it is live.</param>
public sealed record EncounterUse(int Attempt, SettlementId Settlement, SettlementId? ReversedBy);

public sealed record CatalogEntries(long Revision, IReadOnlyList<Recorded> Entries);

public sealed record LedgerHead(long CommitNumber, long Position, long CatalogRevision, EntryHash Hash);

/// <summary>The ledger could not be reached or refused to work; what was asked did not happen.</summary>
public sealed class LedgerUnavailableException : Exception
{
    public LedgerUnavailableException()
    {
    }

    public LedgerUnavailableException(string message)
        : base(message)
    {
    }

    public LedgerUnavailableException(string message, Exception inner)
        : base(message, inner)
    {
    }
}

/// <summary>
/// The ledger can be reached and will never take this append, though no rule of ours refuses it; it is not stored.
/// </summary>
public sealed class EntryRefusedException : Exception
{
    public EntryRefusedException()
    {
    }

    public EntryRefusedException(string message)
        : base(message)
    {
    }

    public EntryRefusedException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
