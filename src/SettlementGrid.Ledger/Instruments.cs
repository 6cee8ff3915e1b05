using System.Diagnostics.Metrics;

namespace SettlementGrid.Ledger;

/// <summary>What the ledger measures of itself; no figure carries a person's data.</summary>
sealed class Instruments : IDisposable
{
    public const string MeterName = "SettlementGrid.Ledger";

    readonly Meter _meter = new(MeterName);
    readonly Histogram<double> _commit;
    readonly Counter<long> _commits;
    readonly Counter<long> _rows;
    readonly Counter<long> _loads;

    public Instruments()
    {
        _commit = _meter.CreateHistogram<double>("ledger.commit", "s", "From a batch's sending to its durable end.");
        _commits = _meter.CreateCounter<long>("ledger.commits", description: "Group commits.");
        _rows = _meter.CreateCounter<long>("ledger.rows", description: "Entries made durable.");
        _loads = _meter.CreateCounter<long>("ledger.loads", description: "Accounts loaded from the ledger.");
    }

    public void Committed(int rows, TimeSpan took)
    {
        _commit.Record(took.TotalSeconds);
        _commits.Add(1);
        _rows.Add(rows);
    }

    public void Loaded(int accounts) => _loads.Add(accounts);

    public void Watch(Func<int> queuedRows) =>
        _meter.CreateObservableGauge("ledger.queued_rows", queuedRows, description: "Entries waiting for a writer.");

    public void Dispose() => _meter.Dispose();
}
