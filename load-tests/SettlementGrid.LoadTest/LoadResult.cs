using SettlementGrid.LoadTest.Measuring;
using SettlementGrid.Testbed;

namespace SettlementGrid.LoadTest;

/// <summary>What the callers of one connection saw; added up over all of them afterwards.</summary>
/// <param name="receiptsMax">So many receipts are kept at most; the run ends before.</param>
public sealed class LoadResult(int receiptsMax)
{
    /// <summary>Of the calls that ended in the measured time.</summary>
    public Histogram Latency { get; } = new();

    /// <summary>The same by the time at which they began, in equal parts of the run; none unless asked for.</summary>
    public Histogram[] Parts { get; private set; } = [];

    /// <summary>Every acknowledged settlement, those of the warm-up too.</summary>
    public List<Receipt> Receipts { get; } = [];

    /// <summary>Every acknowledged reversal, by the number of the bill it reversed.</summary>
    public List<Receipt> Reversals { get; } = [];

    /// <summary>Numbers of bills whose call ended without an answer: they may be in the ledger or not.</summary>
    public List<int> Unanswered { get; } = [];

    public bool IsFull => Receipts.Count >= receiptsMax;

    /// <summary>Calls that ended well in the measured time, of every kind.</summary>
    public long Calls { get; private set; }

    /// <summary>Settlements first acknowledged in the measured time.</summary>
    public long Settled { get; private set; }

    /// <summary>Repeated calls that got the first answer again in the measured time.</summary>
    public long Repeated { get; private set; }

    /// <summary>Previews that had to be made again, because the account had moved when they were settled.</summary>
    public long Moved { get; private set; }

    /// <summary>Repeated calls whose answer was another one: always a fault.</summary>
    public long RepeatedOtherwise { get; private set; }

    /// <summary>Settlements that acknowledged reversals rated again, over the whole run.</summary>
    public long Adjustments { get; private set; }

    /// <summary>What these were paid more, or less.</summary>
    public long AdjustedFen { get; private set; }

    /// <summary>Settlements that overtook an earlier one of their person in the same call: always a fault.</summary>
    public long OutOfOrder { get; private set; }

    /// <summary>Everything but a response, by reason or status, over the whole run.</summary>
    public SortedDictionary<string, long> Refused { get; } = new(StringComparer.Ordinal);

    public void SplitInto(int parts) => Parts = [.. Enumerable.Range(0, parts).Select(_ => new Histogram())];

    /// <param name="part">From 0 to 1: when in the run the call began.</param>
    public void Time(long microseconds, double part)
    {
        Latency.Add(microseconds);
        if (Parts.Length > 0)
            Parts[Math.Clamp((int)(part * Parts.Length), 0, Parts.Length - 1)].Add(microseconds);
    }

    public void Count(bool counts) => Calls += counts ? 1 : 0;

    public void Settle(Receipt receipt, bool counts)
    {
        Receipts.Add(receipt);
        Settled += counts ? 1 : 0;
    }

    public void Reverse(Receipt receipt, int adjustments, long adjustedFen)
    {
        Reversals.Add(receipt);
        Adjustments += adjustments;
        AdjustedFen += adjustedFen;
    }

    public void Disorder() => OutOfOrder++;

    public void Move(bool counts) => Moved += counts ? 1 : 0;

    public void Repeat(bool equally, bool counts)
    {
        if (!equally)
            RepeatedOtherwise++;
        else if (counts)
            Repeated++;
    }

    public void Refuse(string reason, int number)
    {
        if (Refused.Count < LoadLimits.RefusalKindsMax || Refused.ContainsKey(reason))
            Refused[reason] = Refused.GetValueOrDefault(reason) + 1;
        Unanswered.Add(number);
    }

    public void Add(LoadResult other)
    {
        Latency.Add(other.Latency);
        if (Parts.Length == 0)
            SplitInto(other.Parts.Length);
        for (var part = 0; part < other.Parts.Length; part++)
            Parts[part].Add(other.Parts[part]);
        Receipts.AddRange(other.Receipts);
        Reversals.AddRange(other.Reversals);
        Unanswered.AddRange(other.Unanswered);
        Calls += other.Calls;
        Settled += other.Settled;
        Repeated += other.Repeated;
        Moved += other.Moved;
        RepeatedOtherwise += other.RepeatedOtherwise;
        Adjustments += other.Adjustments;
        AdjustedFen += other.AdjustedFen;
        OutOfOrder += other.OutOfOrder;
        foreach (var (reason, count) in other.Refused)
            Refused[reason] = Refused.GetValueOrDefault(reason) + count;
    }
}
