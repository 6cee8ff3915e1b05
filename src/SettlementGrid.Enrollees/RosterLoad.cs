using SettlementGrid.Plans;

namespace SettlementGrid.Enrollees;

/// <summary>
/// Writes facts of many persons at once, all or nothing: roster entries and opening balances from the agency. It goes
/// past the persons' actors, which is safe because the ledger's (stream, version) is the fence: an actor that remembers
/// an older version loses its next append, reloads and decides again.
/// </summary>
public sealed class RosterLoad(ILedger ledger, IGrid grid, TimeProvider clock)
{
    /// <param name="assumeNew">
    /// Decide the first try as if the ledger had no fact of these persons: saves a load for each where most are new, as
    /// in a first import. Where that is wrong the fence refuses the append, and they are loaded and decided again.
    /// </param>
    /// <param name="permit">
    /// Refuses the put at an index, and with it all, by the account as it stands when it is written. Null: all are
    /// permitted.
    /// </param>
    public async ValueTask<(RosterCounts Counts, Refusal? Refusal)> Put(
        IReadOnlyList<RosterPut> puts, CancellationToken cancellation, bool assumeNew = false,
        Func<Account, int, Refusal?>? permit = null)
    {
        var counts = default(RosterCounts);
        var refusal = await Write(
            puts.Count,
            i => puts[i].EnrolleeId,
            (account, i) =>
            {
                if (permit?.Invoke(account, i) is { } refused)
                    return (null, refused);
                var fact = Decide.PutRoster(account, puts[i].Entry);
                counts = fact switch
                {
                    null => counts with { Unchanged = counts.Unchanged + 1 },
                    Fact.Enrolled => counts with { Enrolled = counts.Enrolled + 1 },
                    _ => counts with { Changed = counts.Changed + 1 },
                };
                return (fact, null);
            },
            () => counts = default,
            assumeNew,
            cancellation);
        return (refusal is null ? counts : default, refusal);
    }

    /// <param name="refused">
    /// Null: one refused balance refuses all. Else as long as the balances: each refusal is left at its place, and the
    /// others are stored.
    /// </param>
    /// <param name="permit">As for <see cref="Put"/>.</param>
    public async ValueTask<(RosterCounts Counts, Refusal? Refusal)> PutOpeningBalances(
        IReadOnlyList<OpeningBalance> balances, CancellationToken cancellation, Refusal?[]? refused = null,
        Func<Account, int, Refusal?>? permit = null)
    {
        var counts = default(RosterCounts);
        var refusal = await Write(
            balances.Count,
            i => balances[i].EnrolleeId,
            (account, i) =>
            {
                var (fact, refusal) = permit?.Invoke(account, i) is { } foreign
                    ? (null, foreign)
                    : Decide.PutOpeningBalance(account, balances[i]);
                if (refused is not null)
                    (refused[i], refusal) = (refusal, null);
                if (fact is not null)
                    counts = counts with { Changed = counts.Changed + 1 };
                else if (refused?[i] is null)
                    counts = counts with { Unchanged = counts.Unchanged + 1 };
                return (fact, refusal);
            },
            () => counts = default,
            assumeNew: false,
            cancellation);
        return (refusal is null ? counts : default, refusal);
    }

    /// <param name="start">Called before each try: a lost fence begins the whole append again.</param>
    async ValueTask<Refusal?> Write(
        int count, Func<int, string> personOf, Func<Account, int, (Fact? Fact, Refusal? Refusal)> decide, Action start,
        bool assumeNew, CancellationToken cancellation)
    {
        for (var attempt = 0; attempt < Limits.DecisionsPerTurnMax; attempt++)
        {
            start();
            var accounts = assumeNew && attempt == 0
                ? Unknown(count, personOf) : await Load(count, personOf, cancellation);
            var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
            var entries = new List<Entry>(count);
            for (var i = 0; i < count; i++)
            {
                var (fact, refusal) = decide(accounts[personOf(i)], i);
                if (refusal is not null)
                    return refusal;
                if (fact is null)
                    continue;
                var entry = Entry.Next(accounts[personOf(i)], fact, now);
                accounts[personOf(i)] = entry.After!;
                entries.Add(entry);
            }
            if (entries.Count == 0)
                return null;
            switch (await ledger.Append(new Append(entries, null, now), cancellation))
            {
                case AppendOutcome.Committed:
                    grid.Forget(accounts.Keys);
                    return null;
                case AppendOutcome.VersionTaken:
                    continue;
                default:
                    return Refusals.Overloaded(
                        "系统繁忙，名单未入账；请重试", "The ledger's queue is full; nothing was stored. Retry");
            }
        }
        return Refusals.Overloaded("名单中的人正被多处同时办理，请重试", "Others keep writing these persons' accounts; retry");
    }

    /// <summary>Asks for all before waiting for the first, so that the ledger can look them up together.</summary>
    async ValueTask<Dictionary<string, Account>> Load(
        int count, Func<int, string> personOf, CancellationToken cancellation)
    {
        var loads = new Dictionary<string, Task<Account>>(count, StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
            if (!loads.ContainsKey(personOf(i)))
                loads.Add(personOf(i), ledger.Load(personOf(i), cancellation).AsTask());
        var accounts = new Dictionary<string, Account>(loads.Count, StringComparer.Ordinal);
        foreach (var (person, load) in loads)
            accounts.Add(person, await load);
        return accounts;
    }

    static Dictionary<string, Account> Unknown(int count, Func<int, string> personOf)
    {
        var accounts = new Dictionary<string, Account>(count, StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
            accounts.TryAdd(personOf(i), Account.Unknown(personOf(i)));
        return accounts;
    }
}

/// <param name="Changed">Of opening balances: those that made a fact.</param>
public readonly record struct RosterCounts(int Enrolled, int Changed, int Unchanged);
