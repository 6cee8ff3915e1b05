using SettlementGrid.Enrollees;
using SettlementGrid.Testing;

namespace SettlementGrid.Grid.Tests.Simulation;

/// <summary>
/// One server's connection to the shared ledger, as bad as the port allows: requests and replies take time (so that
/// persons overtake each other), fail, are lost. A lost reply of a stored append is resolved before it is answered, as
/// the port demands: LedgerUnavailable always means surely not stored. After <see cref="Cut"/> (the server crashed)
/// nothing is ever answered, but what was on its way may still be stored.
/// </summary>
sealed class FaultyLedger(ILedger inner, SimulatedThread thread) : LedgerAround(inner)
{
    static Task Never => new TaskCompletionSource().Task;

    bool _cut;

    /// <summary>Share of calls that go wrong; 0 from the moment the world heals.</summary>
    public double FaultRate { get; set; }

    public void Cut() => _cut = true;

    public override async ValueTask<AppendOutcome> Append(Append append, CancellationToken cancellation)
    {
        await Travel();
        if (_cut && thread.Chance(0.5))
            await Never;
        if (thread.Chance(FaultRate))
        {
            if (thread.Chance(0.3))
                return await Reply<AppendOutcome>(new AppendOutcome.Overloaded());
            await Reply(0);
            throw new LedgerUnavailableException("The request was lost on its way.");
        }
        // Longer in the queue than a decision may be old.
        if (thread.Chance(FaultRate / 4))
            await thread.Delay(31_000);
        var outcome = await base.Append(append, CancellationToken.None);
        // The reply is lost; the adapter asks again until it knows what became of it.
        if (thread.Chance(FaultRate))
            await thread.Delay(thread.Random.Next(100, 8_000));
        return await Reply(outcome);
    }

    public override ValueTask<Account> Load(string enrolleeId, CancellationToken cancellation) =>
        Asked(() => base.Load(enrolleeId, CancellationToken.None));

    public override ValueTask<Knowledge> Confirm(Question question, CancellationToken cancellation) =>
        Asked(() => base.Confirm(question, CancellationToken.None));

    public override ValueTask<Recorded?> Find(SettlementId id, CancellationToken cancellation) =>
        Asked(() => base.Find(id, CancellationToken.None));

    public override ValueTask<IReadOnlyList<Recorded>> ReadStream(
        StreamKey stream, long fromVersion, int max, CancellationToken cancellation) =>
        Asked(() => base.ReadStream(stream, fromVersion, max, CancellationToken.None));

    public override ValueTask<IReadOnlyDictionary<SettlementId, SettlementId>> Reversals(
        IReadOnlyCollection<Fact.Settled> settlements, CancellationToken cancellation) =>
        Asked(() => base.Reversals(settlements, CancellationToken.None));

    public override ValueTask<CatalogEntries> ReadCatalog(CancellationToken cancellation) =>
        Asked(() => base.ReadCatalog(CancellationToken.None));

    async ValueTask<T> Asked<T>(Func<ValueTask<T>> ask)
    {
        await Travel();
        if (_cut)
            await Never;
        if (thread.Chance(FaultRate))
        {
            await Reply(0);
            throw new LedgerUnavailableException("The question or its answer was lost.");
        }
        return await Reply(await ask());
    }

    async ValueTask<T> Reply<T>(T reply)
    {
        await Travel();
        if (_cut)
            await Never;
        return reply;
    }

    Task Travel() => thread.Delay(
        thread.Chance(FaultRate) ? thread.Random.Next(1_000) : thread.Random.Next(4));
}
