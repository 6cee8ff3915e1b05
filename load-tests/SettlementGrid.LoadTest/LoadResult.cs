using SettlementGrid.Testbed;

namespace SettlementGrid.LoadTest;

/// <summary>What one worker saw; added up over all of them afterwards.</summary>
public sealed class LoadResult
{
    /// <summary>From sending to the whole answer, of the calls that ended in the measured time.</summary>
    public Histogram Latency { get; } = new();

    /// <summary>Every acknowledged settlement, those of the warm-up too.</summary>
    public List<Receipt> Receipts { get; } = [];

    /// <summary>Settlements first acknowledged in the measured time.</summary>
    public long Settled { get; set; }

    /// <summary>Repeated calls that got the first answer again in the measured time.</summary>
    public long Repeated { get; set; }

    /// <summary>Repeated calls whose answer was another one: always a fault.</summary>
    public long RepeatedOtherwise { get; set; }

    /// <summary>Everything but a response, by reason or status, over the whole run.</summary>
    public SortedDictionary<string, long> Refused { get; } = new(StringComparer.Ordinal);

    public void Refuse(string reason)
    {
        if (Refused.Count < LoadLimits.RefusalKindsMax || Refused.ContainsKey(reason))
            Refused[reason] = Refused.GetValueOrDefault(reason) + 1;
    }

    public void Add(LoadResult other)
    {
        Latency.Add(other.Latency);
        Receipts.AddRange(other.Receipts);
        Settled += other.Settled;
        Repeated += other.Repeated;
        RepeatedOtherwise += other.RepeatedOtherwise;
        foreach (var (reason, count) in other.Refused)
            Refused[reason] = Refused.GetValueOrDefault(reason) + count;
    }
}
