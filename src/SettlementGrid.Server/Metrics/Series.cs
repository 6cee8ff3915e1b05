using System.Diagnostics.Metrics;

namespace SettlementGrid.Server.Metrics;

/// <summary>How a metric is told to Prometheus.</summary>
public enum MetricKind
{
    /// <summary>Adds up and never falls.</summary>
    Counter,

    /// <summary>A figure of now.</summary>
    Gauge,

    /// <summary>Counts by bucket, with sum.</summary>
    Histogram,
}

/// <summary>
/// One combination of labels. Written by many threads, read by one; a reader may see a sum that is one measurement
/// ahead of its count, which Prometheus' arithmetic does not mind.
/// </summary>
public sealed class Series(string labels, double[] bounds)
{
    private readonly long[] _buckets = new long[bounds.Length + 1];
    private double _value;

    /// <summary>`method="Settle",status="OK"`, escaped.</summary>
    public string Labels => labels;

    public double Value => Volatile.Read(ref _value);

    public long InBucket(int index) => Volatile.Read(ref _buckets[index]);

    public void Set(double value) => Volatile.Write(ref _value, value);

    public void Add(double amount)
    {
        var seen = Volatile.Read(ref _value);
        while (true)
        {
            var before = Interlocked.CompareExchange(ref _value, seen + amount, seen);
            if (before.Equals(seen))
            {
                return;
            }

            seen = before;
        }
    }

    public void Observe(double measurement)
    {
        var index = 0;
        while (index < bounds.Length && measurement > bounds[index])
        {
            index++;
        }

        Interlocked.Increment(ref _buckets[index]);
        Add(measurement);
    }
}
