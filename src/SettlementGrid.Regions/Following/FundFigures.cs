using System.Diagnostics.Metrics;

namespace SettlementGrid.Regions.Following;

/// <summary>
/// What the funds measure of themselves, under the names <c>settlementgrid.funds.*</c>. All are observed: folding pays
/// a field's write for them. Written by the one task that folds, read by anybody.
/// </summary>
sealed class FundFigures : IDisposable
{
    public const string MeterName = "SettlementGrid.Regions";

    readonly Meter _meter = new(MeterName);
    long _mark;
    long _head;
    long _folded;
    long _tailReadings;
    long _checkpoint;

    public FundFigures(Func<int> watchers)
    {
        Gauge("mark", "The ledger position that the funds stand at", () => Mark);
        Gauge("lag", "Facts that the ledger was seen to have and the funds do not", () => Lag);
        Gauge("checkpoint_mark", "The mark of the newest checkpoint that this server knows",
            () => Volatile.Read(ref _checkpoint));
        Gauge("watchers", "Watches under way", () => watchers());
        Counter("folded", "Facts folded by the live fold since the start", () => Volatile.Read(ref _folded));
        Counter("tail_readings", "How often facts came from the ledger and not from memory",
            () => Volatile.Read(ref _tailReadings));

        void Gauge(string name, string description, Func<long> of) =>
            _meter.CreateObservableGauge("settlementgrid.funds." + name, of, null, description);
        void Counter(string name, string description, Func<long> of) =>
            _meter.CreateObservableCounter("settlementgrid.funds." + name, of, null, description);
    }

    public long Mark => Volatile.Read(ref _mark);

    public long Lag => Math.Max(0, Volatile.Read(ref _head) - Mark);

    public void Moved(long mark, long facts)
    {
        Volatile.Write(ref _mark, mark);
        Volatile.Write(ref _folded, _folded + facts);
    }

    public void Saw(long head) => Volatile.Write(ref _head, Math.Max(_head, head));

    public void ReadTail() => Volatile.Write(ref _tailReadings, _tailReadings + 1);

    public void Checkpointed(long mark) => Volatile.Write(ref _checkpoint, mark);

    public void Dispose() => _meter.Dispose();
}
