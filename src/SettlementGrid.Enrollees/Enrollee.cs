using SettlementGrid.Plans;

namespace SettlementGrid.Enrollees;

/// <summary>
/// The actor's object: one enrollee's state and the turn that decides on it. The engine gives it one turn at a time;
/// nothing here is thread-safe. What it remembers may be stale (somebody else wrote): a success is fenced by the ledger's
/// unique (stream, version), a refusal or reading is confirmed by one look before it is given. State evolves only after
/// the append returned, so what it answered is always durable. No wait here keeps off the engine's scheduler.
/// </summary>
public sealed class Enrollee(string id, ILedger ledger, CatalogSource catalogs, TimeProvider clock)
{
    // Object headers, fields and array slots on 64 bits, and a tenth for what the collector cannot use; with the id's
    // text, one recent request id and the place in a cache in EmptyBytes. Measured: load-tests/SCALE.md.
    const int EmptyBytes = 240;
    const int AccountBytes = 110;
    const int AccumulatorsBytes = 54;
    const int AccumulatorBytes = 60;
    const int DischargesBytes = 64;
    const int RosterBytes = 120;
    const int CoverageBytes = 56;
    const int IdentityBytes = 48;

    // A struct: an object of its own would be a tenth of an idle account.
    RecentRequests _recent;
    Account? _account;

    /// <summary>
    /// About what this object keeps alive, for whoever bounds a cache of them; texts of plans, layers and regions, roster
    /// entries and single days of discharge are shared between persons and not counted, but for roster entries with days
    /// of the person's own. To be asked between turns.
    /// </summary>
    public int EstimatedBytes => _account is not { } account
        ? EmptyBytes
        : EmptyBytes + AccountBytes
            + (account.Accumulators.Count is > 0 and var count ? AccumulatorsBytes + count * AccumulatorBytes : 0)
            + (account.Discharges.Days.Length > 1 ? DischargesBytes : 0)
            + (account.Roster is { } roster && IsOwn(roster)
                ? RosterBytes + roster.Coverages.Count * CoverageBytes + roster.Identities.Count * IdentityBytes
                : 0);

    /// <summary>The person's, as its key: whoever keeps this object under it keeps one string.</summary>
    public string Id => id;

    /// <summary>
    /// Whether somebody else wrote this person while a turn here had decided. The turn itself came out right; whoever
    /// owns the object may take it as a sign that there is another owner.
    /// </summary>
    public bool LostFence { get; private set; }

    public async ValueTask<Answer> Turn(Command command, CancellationToken shutdown)
    {
        try
        {
            return await Decided(command, shutdown);
        }
        catch (LedgerUnavailableException)
        {
            _account = null;
            return new Answer.Refused(Refusals.Unavailable());
        }
        catch
        {
            // Whatever went wrong, the ledger alone knows what is true now.
            _account = null;
            throw;
        }
    }

    async ValueTask<Answer> Decided(Command command, CancellationToken shutdown)
    {
        Knowledge? known = null;
        for (var decisions = 0; decisions < Limits.DecisionsPerTurnMax; decisions++)
        {
            var account = _account ??= await ledger.Load(id, shutdown);
            if (known is null && NeedsLook(command))
                known = await Look(command, shutdown);
            if (known is not null && known.Version != account.Version)
            {
                (_account, known) = (null, account.Version < known.Version ? known : null);
                continue;
            }
            if (known?.CatalogRevision > catalogs.Current.Revision)
                await catalogs.Refresh(shutdown);
            var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
            switch (await DecideOn(account, command, known, shutdown))
            {
                // A refusal on what may be stale is not given: look first, then decide again.
                case Decision.Refused when known is null:
                    known = await Look(command, shutdown);
                    continue;
                case Decision.Refused refused:
                    return new Answer.Refused(refused.Refusal);
                case Decision.Replay replay:
                    return await Answered(command, replay.Stored, shutdown);
                case Decision.Shown shown:
                    return Shown(account, shown, now);
                case null:
                    return new Answer.State(account);
                case Decision.Facts facts:
                    var entries = EntriesOf(account, facts.All, now);
                    var append = new Append(entries, facts.StandsOnCatalog ? catalogs.Current.Revision : null, now);
                    switch (await ledger.Append(append, shutdown))
                    {
                        case AppendOutcome.Committed committed:
                            _account = entries[^1].After;
                            _recent.Add(entries[0].RequestKey);
                            return Fresh(command, [.. entries.Select((e, i) => new Recorded(e, committed.Positions[i]))]);
                        case AppendOutcome.RequestTaken taken:
                            known = new Knowledge(account.Version, taken.Stored, []);
                            continue;
                        case AppendOutcome.EncounterTaken taken:
                            known = new Knowledge(account.Version, null, taken.Uses);
                            continue;
                        case AppendOutcome.VersionTaken:
                            (_account, known, LostFence) = (null, null, true);
                            continue;
                        case AppendOutcome.CatalogMoved:
                            known = null;
                            await catalogs.Refresh(shutdown);
                            continue;
                        case AppendOutcome.Expired or AppendOutcome.Overloaded:
                            return new Answer.Refused(Refusals.Overloaded(
                                "系统繁忙，本次未入账；请用同一请求重试", "The ledger's queue is full; nothing was stored. Retry the same request"));
                    }
                    break;
            }
        }
        return new Answer.Refused(Refusals.Overloaded(
            "该参保人正被多处同时办理，请用同一请求重试", "Others keep writing this person's account; retry the same request"));
    }

    async ValueTask<Decision?> DecideOn(Account account, Command command, Knowledge? known, CancellationToken shutdown)
    {
        switch (command)
        {
            case Command.Settle settle:
                var later = known is not null && settle.Token is { } token && token.Version < account.Version
                    ? await ledger.ReadStream(StreamKey.Person(id), Math.Max(1, token.Version + 1), 1, shutdown)
                    : [];
                return Decide.Settle(
                    account, settle, catalogs.Current, known, later.Count > 0 ? later[0] : null);
            case Command.Preview preview:
                return Decide.Preview(account, preview.Request, catalogs.Current, known);
            case Command.Reverse reverse:
                return Decide.Reverse(reverse, await History(reverse.Original, shutdown), catalogs.Current, known!);
            case Command.Cancel cancel:
                return Decide.Cancel(cancel, await History(known!.Request, shutdown), catalogs.Current, known);
            default:
                return null;
        }
    }

    /// <summary>
    /// Whether the ledger must be asked before deciding. A Settle goes straight to the append, unless its id was seen
    /// here lately: then it is most likely a retry.
    /// </summary>
    bool NeedsLook(Command command) => command is not Command.Settle settle || _recent.Has(settle.RequestKey);

    ValueTask<Knowledge> Look(Command command, CancellationToken shutdown) => ledger.Confirm(
        command switch
        {
            Command.Settle settle => new Question(id, settle.RequestKey, settle.Request.EncounterKey),
            Command.Preview preview => new Question(id, null, preview.Request.EncounterKey),
            Command.Reverse reverse => new Question(id, reverse.Request.Id, null),
            Command.Cancel cancel => new Question(id, cancel.RequestKey, null),
            _ => new Question(id, null, null),
        },
        shutdown);

    /// <summary>
    /// All the person's entries where there is a settlement to reverse, at most one more than a reversal takes; the catalog
    /// then knows every plan version they name.
    /// </summary>
    async ValueTask<List<Recorded>> History(Recorded? original, CancellationToken shutdown)
    {
        var history = new List<Recorded>();
        if (original is not { Fact: Fact.Settled } || original.Entry.Stream.Id != id)
            return history;
        IReadOnlyList<Recorded> page;
        do
        {
            page = await ledger.ReadStream(original.Entry.Stream, history.Count + 1, Limits.ListPageMax, shutdown);
            history.AddRange(page);
        }
        while (page.Count == Limits.ListPageMax && history.Count <= Limits.HistoryFactsMax);
        if (history.Any(r => r.Fact is Fact.Settled settled
                && settled.Outcome.Counted.Any(p => catalogs.Current.Find(p.PlanId, p.Version) is null)))
            await catalogs.Refresh(shutdown);
        return history;
    }

    /// <summary>Identities begin and end on days of the person's own; of cover that hardly ever holds.</summary>
    static bool IsOwn(RosterEntry roster)
    {
        foreach (var identity in roster.Identities)
            if (identity.Days != default)
                return true;
        return false;
    }

    static List<Entry> EntriesOf(Account account, IReadOnlyList<Fact> facts, long now)
    {
        var entries = new List<Entry>(facts.Count);
        foreach (var fact in facts)
            entries.Add(Entry.Next(entries.Count == 0 ? account : entries[^1].After!, fact, now));
        return entries;
    }

    static Answer Fresh(Command command, IReadOnlyList<Recorded> recorded)
    {
        if (recorded[0].Fact is Fact.Barred)
            return new Answer.Cancelled(null);
        var settlement = new Settlement(recorded[0], null, null)
        {
            Adjustments = [.. recorded.Skip(1).Select(r => new Settlement(r, null, null))],
        };
        return command is Command.Cancel ? new Answer.Cancelled(settlement) : new Answer.Settled(settlement);
    }

    /// <summary>A recorded fact answers again: a settlement with the reversal that came since, a reversal with its
    /// adjustments.</summary>
    async ValueTask<Answer> Answered(Command command, Recorded stored, CancellationToken shutdown)
    {
        if (stored.Fact is not Fact.Settled settled)
            return Fresh(command, [stored, .. await ledger.AdjustmentsOf(stored, shutdown)]);
        _recent.Add(settled.Id);
        var reversals = await ledger.Reversals([settled], shutdown);
        return new Answer.Settled(new Settlement(
            stored, reversals.TryGetValue(settled.Id, out var reversal) ? reversal : null, null));
    }

    static Answer.Settled Shown(Account account, Decision.Shown shown, long now)
    {
        // Encoded like real ones so that a preview shows the very state that Settle would leave; never stored.
        var entries = EntriesOf(account, shown.All, now);
        var token = shown.Fact is Fact.Settled ? PreviewToken.Of(account.Version, shown.Fact.Outcome) : (PreviewToken?)null;
        return new Answer.Settled(new Settlement(new Recorded(entries[0], 0), null, token)
        {
            Adjustments = [.. entries.Skip(1).Select(e => new Settlement(new Recorded(e, 0), null, null))],
        });
    }
}

/// <summary>The latest request ids this object answered, in a ring: where a retry is looked up before it is decided.</summary>
struct RecentRequests
{
    SettlementId[]? _ids;
    int _next;

    public readonly bool Has(SettlementId id) => _ids is not null && Array.IndexOf(_ids, id) >= 0;

    public void Add(SettlementId? id)
    {
        if (id is not { } added || Has(added))
            return;
        // Most persons settle once or twice a year: the ring grows only as far as it is used.
        if (_ids is null || _next == _ids.Length && _ids.Length < Limits.RecentRequests)
            Array.Resize(ref _ids, Math.Min(Limits.RecentRequests, (_ids?.Length ?? 1) * 2));
        _next = _next == _ids!.Length ? 0 : _next;
        _ids[_next++] = added;
    }
}
