using Microsoft.Extensions.Logging;
using SettlementGrid.Ledger;
using SettlementGrid.Ledger.Seeing;
using SettlementGrid.Ledger.Writing;

namespace SettlementGrid.Simulation.Database;

/// <summary>The real commit line over a simulated connection.</summary>
/// <param name="prepare">Where a broken build puts its hand on what is sent.</param>
sealed class SimulatedLine(
    SimulatedDatabase database, Link link, Func<CommitRequest, CommitRequest> prepare, SeenLedger seen,
    TimeProvider clock, ILogger log, Instruments instruments)
    : CommitLine(seen, clock, log, instruments)
{
    int? _epoch;

    protected override async Task<long> Open(long? writer)
    {
        _epoch ??= await link.Connect();
        return writer ?? database.NextWriter();
    }

    protected override async Task<CommitReply?> Send()
    {
        var request = prepare(CommitRequest.Of(EntryParameters, CommitParameters));
        return await link.Send(() => database.Commit(request), _epoch!.Value);
    }

    protected override Task<Resolution> Ask(long id, CancellationToken stop) => link.Ask(() => database.Resolve(id));

    protected override ValueTask Close()
    {
        _epoch = null;
        return ValueTask.CompletedTask;
    }
}
