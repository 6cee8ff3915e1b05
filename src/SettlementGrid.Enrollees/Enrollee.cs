using SettlementGrid.Plans;

namespace SettlementGrid.Enrollees;

/// <summary>
/// The actor's object: one enrollee's state and the turn that decides on it. The engine gives it one turn at a time;
/// nothing here is thread-safe. What it remembers may be stale (somebody else wrote): a success is fenced by the
/// ledger's unique (stream, version), a refusal or reading is confirmed by one look before it is given. State evolves
/// only after the append returned, so what it answered is always durable. No wait here keeps off the engine's
/// scheduler.
/// </summary>
public sealed class Enrollee(string id, ILedger ledger, CatalogSource catalogs, TimeProvider clock)
{
    // Object headers, fields and array slots on 64 bits, and a tenth for what the collector cannot use; with the id's
    // text and the place in a cache in EmptyBytes. Measured: load-tests/SCALE.md.
    const int EmptyBytes = 270;
    const int AccumulatorsBytes = 27;
    const int AccumulatorBytes = 60;
    const int DischargesBytes = 64;
    const int RosterBytes = 120;
    const int CoverageBytes = 56;
    const int IdentityBytes = 48;

    KeptAccount _kept;

    /// <summary>
    /// About what this object keeps alive, for whoever bounds a cache of them; texts of plans, layers and regions,
    /// roster entries and single days of discharge are shared between persons and not counted, but for roster entries
    /// with days of the person's own. To be asked between turns.
    /// </summary>
    public int EstimatedBytes => EmptyBytes
        + (_kept.Slots is > 0 and var count ? AccumulatorsBytes + count * AccumulatorBytes : 0)
        + (_kept.Discharges > 1 ? DischargesBytes : 0)
        + (_kept.Roster is { } roster && IsOwn(roster)
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
            _kept.Forget();
            return new Answer.Refused(Refusals.Unavailable());
        }
        catch
        {
            // Whatever went wrong, the ledger alone knows what is true now.
            _kept.Forget();
            throw;
        }
    }

    async ValueTask<Answer> Decided(Command command, CancellationToken shutdown)
    {
        Knowledge? known = null;
        var (account, isRead) = (_kept.Of(id), false);
        for (var decisions = 0; decisions < Limits.DecisionsPerTurnMax; decisions++)
        {
            if (account is null)
            {
                (account, isRead) = (await ledger.Load(id, shutdown), true);
                _kept.Keep(account);
            }
            if (known is null && NeedsLook(command))
                known = await Look(command, shutdown);
            if (known is not null && !Agree(account, known, isRead, command))
            {
                // What was read in this turn is newer than a look of before it; all else that differs is stale.
                if (isRead && account.Version > known.Version)
                    known = null;
                else
                    account = Forget();
                continue;
            }
            if (known?.CatalogRevision > catalogs.Current.Revision)
                await catalogs.Refresh(shutdown);
            var past = known is null ? [] : await Past(account, command, known, shutdown);
            if (!IsOf(account, command, past))
            {
                (account, known) = (Forget(), null);
                continue;
            }
            // One catalog for the decision and for the revision its commit requires: another turn may load a newer one
            // in between, and what was decided under the old would then pass for decided under the new.
            var catalog = catalogs.Current;
            var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
            switch (DecideOn(account, command, catalog, known, past))
            {
                // A refusal on what may be stale is not given: look first, then decide again.
                case Decision.Refused when known is null:
                    known = await Look(command, shutdown);
                    continue;
                case Decision.Refused refused:
                    return new Answer.Refused(refused.Refusal);
                case Decision.Replay replay:
                    return await Answered(command, replay.Stored, known, shutdown);
                case Decision.Shown shown:
                    return Shown(account, shown, now);
                case null:
                    return new Answer.State(account);
                case Decision.Facts facts:
                    var entries = EntriesOf(account, facts.All, now);
                    var append = new Append(entries, facts.StandsOnCatalog ? catalog.Revision : null, now);
                    var outcome = await ledger.Append(append, shutdown);
                    if (outcome is AppendOutcome.Committed committed)
                    {
                        _kept.Keep(entries[^1].After!);
                        return Fresh(command, RecordedAt(entries, committed.Positions));
                    }
                    if (outcome is AppendOutcome.Expired or AppendOutcome.Overloaded)
                        return new Answer.Refused(Refusals.Overloaded(
                            "系统繁忙，本次未入账；请用同一请求重试",
                            "The ledger's queue is full; nothing was stored. Retry the same request"));
                    known = TaughtBy(outcome, account);
                    if (outcome is AppendOutcome.CatalogMoved)
                        await catalogs.Refresh(shutdown);
                    if (outcome is AppendOutcome.VersionTaken)
                        (account, LostFence) = (Forget(), true);
                    continue;
            }
        }
        return new Answer.Refused(Refusals.Overloaded(
            "该参保人正被多处同时办理，请用同一请求重试", "Others keep writing this person's account; retry the same request"));
    }

    /// <summary>What is kept is stale: the turn goes on with nothing, and so does the next.</summary>
    Account? Forget()
    {
        _kept.Forget();
        return null;
    }

    /// <summary>What a lost append says for the next decision.</summary>
    static Knowledge? TaughtBy(AppendOutcome lost, Account account) => lost switch
    {
        AppendOutcome.RequestTaken taken => new Knowledge(account.Version, taken.Stored, []),
        AppendOutcome.EncounterTaken taken => new Knowledge(account.Version, null, taken.Uses),
        _ => null,
    };

    /// <summary>
    /// Whether the account may be decided on with what was looked up. A mere reading is as new as it must be if it was
    /// loaded in this turn, however often others write meanwhile.
    /// </summary>
    static bool Agree(Account account, Knowledge known, bool isRead, Command command) =>
        account.Version == known.Version
        || isRead && account.Version > known.Version && command is Command.GetAccount;

    /// <summary>
    /// What of the person's entries the decision needs: all of them where something is reversed, else the first after
    /// the version that a preview stood on.
    /// </summary>
    async ValueTask<IReadOnlyList<Recorded>> Past(
        Account account, Command command, Knowledge known, CancellationToken shutdown) => command switch
    {
        Command.Settle { Token: { } token } when token.Version < account.Version =>
            await ledger.ReadStream(StreamKey.Person(id), Math.Max(1, token.Version + 1), 1, shutdown),
        Command.Reverse reverse => await History(reverse.Original, shutdown),
        Command.Cancel => await History(known.Request, shutdown),
        _ => [],
    };

    /// <summary>
    /// Whether a history that is shown ends where the account stands: what a dry run shows is of one moment. One that
    /// is stored needs no such look, for the append would be refused.
    /// </summary>
    static bool IsOf(Account account, Command command, IReadOnlyList<Recorded> past) =>
        command is not Command.Reverse { DryRun: true } || past.Count is 0 or > Limits.HistoryFactsMax
        || past[^1].Entry.Version == account.Version;

    static Decision? DecideOn(
        Account account, Command command, Catalog catalog, Knowledge? known, IReadOnlyList<Recorded> past) =>
        command switch
        {
            Command.Settle settle => Decide.Settle(account, settle, catalog, known, past.Count > 0 ? past[0] : null),
            Command.Preview preview => Decide.Preview(account, preview.Request, catalog, known),
            Command.Reverse reverse => Decide.Reverse(reverse, past, catalog, known!),
            Command.Cancel cancel => Decide.Cancel(cancel, past, catalog, known!),
            _ => null,
        };

    /// <summary>
    /// Whether the ledger must be asked before deciding. A Settle goes straight to the append, unless its id is
    /// remembered: then it is most likely a retry.
    /// </summary>
    bool NeedsLook(Command command) => command is not Command.Settle settle || ledger.Remembers(settle.RequestKey);

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
    /// All the person's entries where there is a settlement to reverse, at most one more than a reversal takes; the
    /// catalog then knows every plan version they name.
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

    static Recorded[] RecordedAt(List<Entry> entries, long[] positions)
    {
        var recorded = new Recorded[entries.Count];
        for (var i = 0; i < recorded.Length; i++)
            recorded[i] = new Recorded(entries[i], positions[i]);
        return recorded;
    }

    static Answer Fresh(Command command, Recorded[] recorded)
    {
        if (recorded[0].Fact is Fact.Barred)
            return new Answer.Cancelled(null);
        var settlement = new Settlement(recorded[0], null, null)
        {
            Adjustments = recorded.Length == 1 ? [] : [.. recorded.Skip(1).Select(r => new Settlement(r, null, null))],
        };
        return command is Command.Cancel ? new Answer.Cancelled(settlement) : new Answer.Settled(settlement);
    }

    /// <summary>A recorded fact answers again: a settlement with the reversal that came since, a reversal with its
    /// adjustments. A look made for the request knows the reversal too; the append that met the request does
    /// not.</summary>
    async ValueTask<Answer> Answered(Command command, Recorded stored, Knowledge? known, CancellationToken shutdown)
    {
        if (stored.Fact is not Fact.Settled settled)
            return Fresh(command, [stored, .. await ledger.AdjustmentsOf(stored, shutdown)]);
        var use = UseBy(settled, known) ?? UseBy(
            settled, await ledger.Confirm(new Question(id, null, settled.Request.EncounterKey), shutdown));
        return new Answer.Settled(new Settlement(stored, use?.ReversedBy, null));
    }

    static EncounterUse? UseBy(Fact.Settled settled, Knowledge? known)
    {
        foreach (var use in known?.Uses ?? [])
            if (use.Settlement == settled.Id)
                return use;
        return null;
    }

    static Answer.Settled Shown(Account account, Decision.Shown shown, long now)
    {
        // Encoded like real ones so that a preview shows the very state that Settle would leave; never stored.
        var entries = EntriesOf(account, shown.All, now);
        var token = shown.Fact is Fact.Settled
            ? PreviewToken.Of(account.Version, shown.Fact.Outcome)
            : (PreviewToken?)null;
        return new Answer.Settled(new Settlement(new Recorded(entries[0], 0), null, token)
        {
            Adjustments = [.. entries.Skip(1).Select(e => new Settlement(new Recorded(e, 0), null, null))],
        });
    }
}
