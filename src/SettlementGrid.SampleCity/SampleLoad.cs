using SettlementGrid.Enrollees;
using SettlementGrid.Plans;

namespace SettlementGrid.SampleCity;

/// <param name="Premiums">Fund records that are in the ledger now, those of earlier loads included.</param>
/// <param name="Steps">Settlements and reversals that are in the ledger now, those of earlier loads included.</param>
/// <param name="Refused">
/// Steps that the grid refused, and the steps after them: somebody settled or changed something for the same persons.
/// </param>
public sealed record SampleCounts(
    int Facilities, int Enrolled, int Premiums, int Steps, int Refused, Refusal? FirstRefusal);

/// <summary>
/// Loads a city through the real path: register, roster, one turn of the person for every discharge. What is there
/// already stays as it is (also where somebody changed it since), so loading again, or after a crash in the middle,
/// completes and changes nothing else. Safe beside callers: it is a caller.
/// </summary>
/// <param name="say">Takes one line for people now and then.</param>
public sealed class SampleLoad(
    ILedger ledger, IGrid grid, CatalogSource catalogs, CatalogWriting catalogWriting, RosterLoad rosters,
    FundWriting funds, TimeProvider clock, Action<string> say)
{
    int _steps;
    int _refused;
    Refusal? _firstRefusal;

    /// <summary>
    /// The plans of the coverages are to be published before. <see cref="LedgerUnavailableException"/>: the ledger
    /// stayed away, or kept being full; load again.
    /// </summary>
    public async Task<SampleCounts> Load(City city, CancellationToken cancellation)
    {
        var began = clock.GetTimestamp();
        (_steps, _refused, _firstRefusal) = (0, 0, null);
        var facilities = await Register(city.Facilities, cancellation);
        var enrolled = await Enrol(city.Enrollees, cancellation);
        say($"Sample city: {city.Facilities.Count} hospitals, {city.Enrollees.Count} enrollees "
            + $"({enrolled} new), {Seconds()} s");
        var premiums = await Record(city.Premiums, cancellation);
        await Parallel.ForEachAsync(
            city.Histories,
            AtOnce(Limits.HistoriesAtOnce, cancellation),
            (history, stop) => Take(history, stop));
        say($"Sample city: {_steps} settlements and reversals, {Seconds()} s"
            + (_firstRefusal is null ? "" : $"; {_refused} refused, the first: {_firstRefusal.MessageEn}"));
        return new SampleCounts(facilities, enrolled, premiums, _steps, _refused, _firstRefusal);

        string Seconds() => clock.GetElapsedTime(began).TotalSeconds.ToString("0.0");
    }

    async Task<int> Register(IReadOnlyList<FacilityProfile> facilities, CancellationToken cancellation)
    {
        var catalog = await catalogs.Refresh(cancellation);
        var missing = facilities.Where(f => !catalog.IsRegistered(f.FacilityId)).ToArray();
        if (missing.Length > 0)
            await Insist(async () => (await catalogWriting.PutFacilities(missing, cancellation)).Refusal, cancellation);
        return missing.Length;
    }

    async Task<int> Enrol(IReadOnlyList<RosterPut> enrollees, CancellationToken cancellation)
    {
        var enrolled = 0;
        await Parallel.ForEachAsync(
            enrollees.Chunk(Enrollees.Limits.RosterCallMax),
            AtOnce(Limits.RosterBatchesAtOnce, cancellation),
            async (puts, stop) =>
            {
                var loads = Array.ConvertAll(puts, put => ledger.Load(put.EnrolleeId, stop).AsTask());
                var accounts = await Task.WhenAll(loads);
                var missing = puts.Where((_, i) => accounts[i].Roster is null).ToArray();
                if (missing.Length == 0)
                    return;
                await Insist(async () => (await rosters.Put(missing, stop, assumeNew: true)).Refusal, stop);
                Interlocked.Add(ref enrolled, missing.Length);
            });
        return enrolled;
    }

    /// <summary>
    /// A record that was there before is answered again; one that somebody else made under its id stays.
    /// </summary>
    async Task<int> Record(IReadOnlyList<FundRecordRequest> premiums, CancellationToken cancellation)
    {
        var recorded = 0;
        foreach (var premium in premiums)
        {
            if (await Insist(async () => (await funds.Record(premium, cancellation)).Refusal, cancellation) is null)
                recorded++;
        }
        return recorded;
    }

    static ParallelOptions AtOnce(int count, CancellationToken cancellation) =>
        new() { MaxDegreeOfParallelism = count, CancellationToken = cancellation };

    async ValueTask Take(History history, CancellationToken cancellation)
    {
        // Steps are taken in order: where the last one is, all are.
        if (await ledger.Find(history.Steps[^1].Id, cancellation) is not null)
        {
            Interlocked.Add(ref _steps, history.Steps.Count);
            return;
        }
        for (var i = 0; i < history.Steps.Count; i++)
        {
            var command = await CommandOf(history.Steps, i, cancellation);
            if (await Insist(() => Ask(command, cancellation), cancellation) is { } refusal)
            {
                Interlocked.Add(ref _refused, history.Steps.Count - i);
                Interlocked.CompareExchange(ref _firstRefusal, refusal, null);
                return;
            }
            Interlocked.Increment(ref _steps);
        }
    }

    async ValueTask<Command> CommandOf(IReadOnlyList<Step> steps, int index, CancellationToken cancellation) =>
        steps[index] switch
        {
            Step.Settle settle => new Command.Settle(settle.Request, null),
            Step.Reverse reverse => new Command.Reverse(
                reverse.Request,
                await ledger.Find(reverse.Request.Reverses, cancellation)
                    ?? throw new InvalidOperationException("A settlement that was answered is not in the ledger."),
                DryRun: false),
            _ => throw new InvalidOperationException("No such step."),
        };

    async ValueTask<Refusal?> Ask(Command command, CancellationToken cancellation)
    {
        try
        {
            var answer = await grid.Ask(command, clock.GetUtcNow() + Limits.StepDeadline, cancellation);
            return answer is Answer.Refused refused ? refused.Refusal : null;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Refusals.Unavailable();
        }
    }

    /// <summary>Tries again while the grid or the ledger is full or away; gives any other refusal.</summary>
    async ValueTask<Refusal?> Insist(Func<ValueTask<Refusal?>> attempt, CancellationToken cancellation)
    {
        for (var tries = 1; ; tries++)
        {
            var refusal = await attempt();
            if (refusal?.Reason is not (RefusalReason.Overloaded or RefusalReason.Unavailable))
                return refusal;
            if (tries == Limits.TriesMax)
                throw new LedgerUnavailableException(refusal.MessageEn);
            await Task.Delay(Limits.RetryPause, clock, cancellation);
        }
    }
}
