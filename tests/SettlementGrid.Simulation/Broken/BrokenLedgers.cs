using System.Runtime.CompilerServices;
using SettlementGrid.Enrollees;
using SettlementGrid.Simulation.World;
using SettlementGrid.Testing;

namespace SettlementGrid.Simulation.Broken;

// Errors that were really made elsewhere, kept here to show that the simulation finds them.

/// <summary>Answers before the append is stored: what synchronous_commit = off would do to a crash.</summary>
sealed class AcknowledgesBeforeAppend(ILedger inner) : LedgerAround(inner)
{
    public override async ValueTask<AppendOutcome> Append(Append append, CancellationToken cancellation)
    {
        var stored = base.Append(append, cancellation).AsTask();
        var head = await base.ReadHead(cancellation);
        _ = stored.ContinueWith(
            static t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted,
            TaskScheduler.Current);
        return new AppendOutcome.Committed([.. append.Entries.Select((_, i) => head.Position + 1 + i)]);
    }
}

/// <summary>The state moves before the append returned: where it fails, later turns stand on what never was.</summary>
sealed class EvolvesBeforeAppend(ILedger inner) : LedgerAround(inner)
{
    readonly Dictionary<string, Account> _evolved = new(StringComparer.Ordinal);

    public override ValueTask<AppendOutcome> Append(Append append, CancellationToken cancellation)
    {
        foreach (var entry in append.Entries)
            if (entry.After is { } after)
                _evolved[after.EnrolleeId] = after;
        return base.Append(append, cancellation);
    }

    public override async ValueTask<Account> Load(string enrolleeId, CancellationToken cancellation) =>
        Newer(await base.Load(enrolleeId, cancellation));

    public override async ValueTask<Knowledge> Confirm(Question question, CancellationToken cancellation)
    {
        var known = await base.Confirm(question, cancellation);
        return _evolved.TryGetValue(question.EnrolleeId, out var evolved) && evolved.Version > known.Version
            ? known with { Version = evolved.Version }
            : known;
    }

    Account Newer(Account stored) =>
        _evolved.TryGetValue(stored.EnrolleeId, out var evolved) && evolved.Version > stored.Version ? evolved : stored;
}

/// <summary>
/// INSERT … ON CONFLICT DO NOTHING: a row that is not stored counts as stored (reliability.md, trap 2).
/// </summary>
sealed class InsertsOrDoesNothing(ILedger inner) : LedgerAround(inner)
{
    public override async ValueTask<AppendOutcome> Append(Append append, CancellationToken cancellation)
    {
        var outcome = await base.Append(append, cancellation);
        if (outcome is not (AppendOutcome.VersionTaken or AppendOutcome.RequestTaken or AppendOutcome.EncounterTaken))
            return outcome;
        var head = await base.ReadHead(cancellation);
        return new AppendOutcome.Committed([.. append.Entries.Select(_ => head.Position)]);
    }
}

/// <summary>Guesses where it does not know: a lost reply is reported as "not stored" although it may be.</summary>
sealed class GuessesLostReplies(ILedger inner, SimulatedThread thread) : LedgerAround(inner)
{
    public override async ValueTask<AppendOutcome> Append(Append append, CancellationToken cancellation)
    {
        var outcome = await base.Append(append, cancellation);
        return thread.Chance(0.05) ? throw new LedgerUnavailableException("No reply.") : outcome;
    }
}

/// <summary>Forgets the catalog's fence: settles under a plan that was replaced meanwhile.</summary>
sealed class IgnoresTheCatalog(ILedger inner) : LedgerAround(inner)
{
    public override ValueTask<AppendOutcome> Append(Append append, CancellationToken cancellation) =>
        base.Append(append with { CatalogRevision = null }, cancellation);
}

/// <summary>
/// A batch requires the newest revision that any of it stands on, and nobody asks which of it stand on an older one:
/// what waits when something newer comes is stored as if it had been decided under that.
/// </summary>
sealed class TrustsTheNewestOfABatch(ILedger inner) : LedgerAround(inner)
{
    readonly HashSet<Append> _waiting = new(ReferenceEqualityComparer.Instance);

    public override async ValueTask<AppendOutcome> Append(Append append, CancellationToken cancellation)
    {
        foreach (var earlier in _waiting)
            if (earlier.CatalogRevision < append.CatalogRevision)
                SetRevision(earlier, append.CatalogRevision);
        _waiting.Add(append);
        try
        {
            return await base.Append(append, cancellation);
        }
        finally
        {
            _waiting.Remove(append);
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_CatalogRevision")]
    static extern void SetRevision(Append append, long? revision);
}

/// <summary>Confirms from memory what it should look up: shows states that others have moved on since.</summary>
sealed class TrustsItsMemory(ILedger inner) : LedgerAround(inner)
{
    readonly Dictionary<string, long> _loaded = new(StringComparer.Ordinal);

    public override async ValueTask<Account> Load(string enrolleeId, CancellationToken cancellation)
    {
        var account = await base.Load(enrolleeId, cancellation);
        _loaded[enrolleeId] = account.Version;
        return account;
    }

    public override async ValueTask<AppendOutcome> Append(Append append, CancellationToken cancellation)
    {
        var outcome = await base.Append(append, cancellation);
        if (outcome is AppendOutcome.Committed)
            foreach (var entry in append.Entries)
                _loaded[entry.Stream.Id] = entry.Version;
        return outcome;
    }

    public override async ValueTask<Knowledge> Confirm(Question question, CancellationToken cancellation)
    {
        var known = await base.Confirm(question, cancellation);
        return known with { Version = _loaded.GetValueOrDefault(question.EnrolleeId, known.Version) };
    }
}
