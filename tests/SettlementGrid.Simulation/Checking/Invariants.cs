using SettlementGrid.Enrollees;
using SettlementGrid.Plans;
using SettlementGrid.Simulation.Database;
using SettlementGrid.Simulation.World;

namespace SettlementGrid.Simulation.Checking;

/// <summary>I1–I7 of reliability.md over what callers were told and what the ledger holds in the end.</summary>
sealed class Invariants
{
    readonly IReadOnlyList<Recorded> _all;
    readonly Dictionary<SettlementId, Recorded> _byKey = [];
    readonly Dictionary<(StreamKey, long), Recorded> _byVersion = [];
    readonly History _history;

    Invariants(IReadOnlyList<Recorded> all, History history) => (_all, _history) = (all, history);

    public static async Task<IReadOnlyDictionary<FactKind, int>> Check(
        ILedger ledger, History history, ToldOutcomes told)
    {
        var check = new Invariants(await ledger.ReadTail(0, int.MaxValue, default), history);
        check.Chains();
        foreach (var attempt in history.Attempts)
            check.Answered(attempt);
        told.Check(check._all);
        new ModelReplay(check._all).Check();
        return check._all.GroupBy(r => r.Fact.Kind).ToDictionary(g => g.Key, g => g.Count());
    }

    /// <summary>
    /// I7, before anything is asked again: an id whose every attempt was refused (also with "retry") or not started has
    /// left nothing.
    /// </summary>
    public static async Task CheckRefused(ILedger ledger, History history, ToldOutcomes told)
    {
        var check = new Invariants(await ledger.ReadTail(0, int.MaxValue, default), history);
        check.Chains();
        check.RefusedIsNotStored();
        told.Check(check._all);
    }

    /// <summary>What the servers did to each other and to themselves, whatever the ledger says.</summary>
    public static void CheckServers(SimulatedDatabase database, IEnumerable<SimulatedServer> servers)
    {
        Require("deadlock", database.Locks.Deadlock is null, database.Locks.Deadlock ?? "");
        foreach (var server in servers)
            if (server.Watch?.Finding is { } finding)
                throw new InvariantBroken("turns", finding);
    }

    /// <summary>I3 of the commits: numbers and positions without gaps, each hash over the one before.</summary>
    public static void CheckCommits(SimulatedDatabase database)
    {
        Require("I3", database.Finding is null, database.Finding ?? "");
        var next = 1L;
        foreach (var (commit, i) in database.Commits.Select((c, i) => (c, i)))
        {
            Require("I3", commit.Number == i + 1 && commit.FirstPosition == next,
                $"commit {commit.Number} begins at {commit.FirstPosition} and stands at {i + 1}, {next}");
            next += commit.Count;
        }
        Require("I3", next == database.Head.Position + 1, "the head stands elsewhere than its commits");
    }

    /// <summary>I3: positions and versions without gaps, each hash over the one before, keys unique.</summary>
    void Chains()
    {
        var last = new Dictionary<StreamKey, Entry>();
        foreach (var (recorded, i) in _all.Select((r, i) => (r, i)))
        {
            var entry = recorded.Entry;
            var before = last.GetValueOrDefault(entry.Stream);
            Require("I3", recorded.Position == i + 1, $"position {recorded.Position} stands at {i + 1}");
            Require("I3", entry.Version == (before?.Version ?? 0) + 1,
                $"{entry.Stream.Id} jumps to version {entry.Version}");
            Require("I3", entry.Previous == (before?.Hash ?? default),
                $"{entry.Stream.Id} {entry.Version} hashes another past");
            Require("I3", entry.At >= (before?.At ?? 0),
                $"{entry.Stream.Id} {entry.Version} is before its predecessor");
            if (entry.After is { } after)
            {
                var evolved = (before?.After ?? Account.Unknown(entry.Stream.Id)).Evolve(entry.Fact);
                Require("I3", evolved.Roster == after.Roster && evolved.Accumulators.Equals(after.Accumulators)
                    && evolved.Discharges.Equals(after.Discharges),
                    $"{entry.Stream.Id} {entry.Version} keeps a state that does not follow");
            }
            if (entry.RequestKey is { } key)
                Require("I1", _byKey.TryAdd(key, recorded), $"{key} is in the ledger twice");
            _byVersion[(entry.Stream, entry.Version)] = recorded;
            last[entry.Stream] = entry;
        }
    }

    void Answered(Attempt attempt)
    {
        switch (attempt.Answer)
        {
            case Answer.Settled { Settlement: { IsPreview: true, Recorded.Entry: var shown } }:
                Shown(attempt, shown.Version - 1, shown.Previous);
                break;
            case Answer.Settled { Settlement: var settlement }:
                Durable(settlement.Recorded);
                Require("I2", SameContent(attempt.Command, settlement.Fact),
                    $"{Told.Of(attempt.Command)} was answered with another content");
                break;
            case Answer.Cancelled { Reversal: { } reversal }:
                Durable(reversal.Recorded);
                break;
            case Answer.Cancelled when attempt.Command is Command.Cancel cancel:
                Require("I1", Stored(cancel.RequestKey) is { Fact: Fact.Barred },
                    $"{Told.Of(cancel)} was barred but the ledger does not say so");
                break;
            case Answer.State { Account: var account }:
                Shown(attempt, account.Version, account.LastHash);
                break;
            case Answer.Refused { Refusal.Reason: var reason } when attempt.Command is Command.Cancel cancel:
                CancelRefused(cancel, reason);
                break;
            case Answer.Refused { Refusal.Reason: RefusalReason.RequestIdReused }
                when attempt.Command is Command.Settle settle:
                Require("I2", Stored(settle.Request.Id) is { } other && !SameContent(settle, other.Fact),
                    $"{Told.Of(settle)} was called a reuse but is none");
                break;
        }
    }

    /// <summary>
    /// I2 for cancels: repeated, also at two servers at once, a cancel answers what the first one did.
    /// </summary>
    void CancelRefused(Command.Cancel cancel, RefusalReason reason)
    {
        if (reason == RefusalReason.NotReversible)
            Require("I2", Stored(cancel.RequestKey) is { Fact: Fact.Reversed },
                $"{Told.Of(cancel)} was refused although it was carried out");
    }

    /// <summary>I1 and I2: what was answered is what is stored, to the byte, at the position that was told.</summary>
    void Durable(Recorded told)
    {
        var key = told.Entry.RequestKey!.Value;
        Require("I1", Stored(key) is { } stored && stored.Entry.Hash == told.Entry.Hash,
            $"{told.Fact.Kind} {key} was acknowledged but is not in the ledger so");
        Require("I1", Stored(key)!.Position == told.Position, $"{key} was told at {told.Position}");
    }

    /// <summary>
    /// I6: whoever is shown a state is shown one that is stored and no older than what was acknowledged.
    /// </summary>
    void Shown(Attempt attempt, long version, EntryHash hash)
    {
        var stream = StreamKey.Person(attempt.Command.EnrolleeId);
        Require("I6", _byVersion.TryGetValue((stream, version), out var stored) && stored.Entry.Hash == hash,
            $"{Told.Of(attempt.Command)} stood on version {version}, which never was");
        Require("I6", version >= attempt.Floor,
            $"{Told.Of(attempt.Command)} was shown version {version} after {attempt.Floor} was acknowledged");
    }

    void RefusedIsNotStored()
    {
        foreach (var attempts in _history.Attempts.GroupBy(Asked))
            if (attempts.Key is { } asked && attempts.All(LeftNothing))
                Require("I7", !IsCarriedOut(asked),
                    $"{Told.Of(attempts.First().Command)} was refused each time and is in the ledger all the same");
    }

    /// <summary>What was asked to be stored, whoever repeated it; null: nothing was.</summary>
    static object? Asked(Attempt attempt) => attempt.Command switch
    {
        Command.Settle settle => settle.Request,
        Command.Reverse reverse => reverse.Request,
        Command.Cancel cancel => cancel.RequestKey,
        _ => null,
    };

    static bool LeftNothing(Attempt attempt) =>
        attempt.Ending is Ending.NotStarted or Ending.Refused || attempt.Answer is Answer.Refused
        || attempt.Command is Command.Reverse { DryRun: true };

    bool IsCarriedOut(object asked) => asked switch
    {
        SettleRequest settle => Stored(settle.Id) is { Fact: Fact.Settled settled } && settled.Request == settle,
        ReverseRequest reverse =>
            Stored(reverse.Id) is { Fact: Fact.Reversed reversed } && reversed.Reversal == reverse,
        SettlementId cancelled => Stored(cancelled) is { Fact: Fact.Barred },
        _ => false,
    };

    Recorded? Stored(SettlementId key) => _byKey.GetValueOrDefault(key);

    static bool SameContent(Command command, Fact fact) => (command, fact) switch
    {
        (Command.Settle settle, Fact.Settled settled) => settled.Request == settle.Request,
        (Command.Reverse reverse, Fact.Reversed reversed) => reversed.Reversal == reverse.Request,
        _ => false,
    };

    internal static void Require(string invariant, bool holds, string otherwise)
    {
        if (!holds)
            throw new InvariantBroken(invariant, otherwise);
    }
}
