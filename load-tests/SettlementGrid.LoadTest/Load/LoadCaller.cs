using SettlementGrid.LoadTest.Wire;

namespace SettlementGrid.LoadTest.Load;

/// <summary>
/// One of many callers, whatever it calls. Its connection tells it when a call ended, on the connection's own thread.
/// </summary>
public abstract class LoadCaller(ConnectionState of) : Http2Call
{
    /// <summary>What is done once a step is over, on the connection's thread; the loop sets it.</summary>
    public Action<LoadCaller> OnFree { get; set; } = static _ => { };

    public ConnectionState Of => of;

    /// <summary>Begins the next step. False: nothing was begun, the connection is over or all was asked.</summary>
    /// <param name="since">From when its time counts: the intended start where there is one.</param>
    public abstract bool TryBegin(long since);
}

/// <summary>A connection and what its callers saw; guarded by itself.</summary>
public sealed class ConnectionState(Http2Connection connection, int seed, int receiptsMax)
{
    const int TriesMax = 8;

    readonly HashSet<int> _reversed = [];

    public Http2Connection Connection => connection;

    public LoadResult Result { get; } = new(receiptsMax);

    public Random Draw { get; } = new(seed);

    /// <summary>A settled bill that was not reversed yet; null where none is found in a few tries.</summary>
    public int? TakeReversible(Workload workload)
    {
        for (var attempt = 0; attempt < TriesMax && Result.Receipts.Count > 0; attempt++)
        {
            var number = Result.Receipts[Draw.Next(Result.Receipts.Count)].Number;
            if (workload.MayReverse(number) && _reversed.Add(number))
                return number;
        }
        return null;
    }
}

/// <summary>Which answers count: those from the end of the warm-up to the end of the measured time, in ticks.</summary>
/// <param name="begin">Of the warm-up.</param>
public sealed class MeasuredTime(long begin, long from, long to)
{
    readonly long _planned = to;
    long _to = to;
    volatile bool _endedEarly;

    public long From => from;

    /// <summary>Nothing begins from here on.</summary>
    public long To => Volatile.Read(ref _to);

    /// <summary>Whether there was nothing left to ask before the time was over.</summary>
    public bool EndedEarly => _endedEarly;

    /// <summary>When in the whole run this was, from 0 to 1.</summary>
    public double PartOf(long moment) => (double)(moment - begin) / (_planned - begin);

    public bool Counts(long now) => now >= from && now < To;

    /// <summary>Ends now, because there is nothing left to ask; what counted so far stays.</summary>
    public void End(long now)
    {
        if (now >= To)
            return;
        Volatile.Write(ref _to, Math.Max(from, now));
        _endedEarly = true;
    }
}
