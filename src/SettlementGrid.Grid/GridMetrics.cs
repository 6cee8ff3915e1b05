using System.Diagnostics.Metrics;

namespace SettlementGrid.Grid;

/// <summary>
/// The engine's figures under the names <c>settlementgrid.grid.*</c>. All are observed: a turn pays nothing for them.
/// </summary>
sealed class GridMetrics : IDisposable
{
    public const string MeterName = "SettlementGrid.Grid";

    public Meter Meter { get; } = new(MeterName);

    public GridMetrics(IReadOnlyList<Shard> shards, Func<long> calls, long warmBytesMax)
    {
        Counter("turns", "Turns begun", f => f.Turns);
        Counter("cold_loads", "Turns that found no warm account", f => f.ColdLoads);
        Counter("evictions", "Warm accounts given up for room", f => f.Evictions);
        Counter("overloaded", "Calls refused because a queue was full", f => f.Overloaded);
        Gauge("mailboxes", "Persons with a running or waiting turn", "{mailbox}", f => f.Mailboxes);
        Gauge("warm_accounts", "Idle accounts kept", "{account}", f => f.Warm);
        Gauge("warm_bytes", "What warm accounts are estimated to keep alive", "By", f => f.WarmBytes);
        Meter.CreateObservableGauge(
            "settlementgrid.grid.warm_bytes_max", () => warmBytesMax, "By", "What warm accounts may keep alive");
        Meter.CreateObservableUpDownCounter(
            "settlementgrid.grid.calls", calls, "{call}", "Calls accepted and not yet answered: running and queued");

        void Counter(string name, string description, Func<ShardFigures, long> of) => Meter.CreateObservableCounter(
            "settlementgrid.grid." + name, () => shards.Sum(s => of(s.Figures)), null, description);
        void Gauge(string name, string description, string unit, Func<ShardFigures, long> of) =>
            Meter.CreateObservableGauge(
                "settlementgrid.grid." + name, () => shards.Sum(s => of(s.Figures)), unit, description);
    }

    public void Dispose() => Meter.Dispose();
}
