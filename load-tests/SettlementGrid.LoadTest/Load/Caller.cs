using System.Diagnostics;
using Google.Protobuf;
using SettlementGrid.LoadTest.Wire;
using SettlementGrid.Testbed;

namespace SettlementGrid.LoadTest.Load;

/// <summary>
/// One of many callers: carries out one step after another, each of one or two calls. Its connection tells it when a call
/// ended, on the connection's own thread; everything of a connection's callers happens under that connection's lock.
/// </summary>
public sealed class Caller(LoadState load, ConnectionState of) : Http2Call
{
    const string Service = "/settlementgrid.v1.SettlementService/";

    /// <summary>How often a step previews again; who meets a moved account more often has met a fault.</summary>
    const int PreviewsMax = 10;

    StepKind _kind;
    int _number;
    Receipt _first;
    string _token = "";
    bool _previewed;
    int _previews;
    long _since;

    /// <summary>What is done once the step is over, told whether it was done; on the connection's thread.</summary>
    public required Action<Caller> OnFree { get; init; }

    public ConnectionState Of => of;

    /// <summary>
    /// Begins a step. False: the connection cannot take it; nothing was begun.
    /// </summary>
    /// <param name="since">From when its time counts: the intended start where there is one.</param>
    public bool TryBegin(StepKind kind, long since)
    {
        lock (of)
        {
            _since = since;
            _kind = Possible(kind);
            (_previewed, _previews) = (false, 0);
            return Send();
        }
    }

    protected override void OnEnded()
    {
        bool goesOn;
        lock (of)
            goesOn = Ended();
        if (!goesOn)
            OnFree(this);
    }

    /// <summary>What the step needs must have happened on this connection; the first ones are plain settlements.</summary>
    StepKind Possible(StepKind kind)
    {
        if (kind == StepKind.Repeat && of.Result.Receipts.Count > 0)
        {
            _first = of.Result.Receipts[of.Draw.Next(of.Result.Receipts.Count)];
            _number = _first.Number;
            return kind;
        }
        if (kind == StepKind.Reverse && of.TakeReversible(load.Workload) is { } reversible)
        {
            _number = reversible;
            return kind;
        }
        _number = load.Workload.NextNumber();
        return kind == StepKind.PreviewThenSettle ? kind : StepKind.Settle;
    }

    bool Send()
    {
        if (_kind == StepKind.Reverse)
            return of.Connection.TryCall(Service + "Reverse", load.Workload.Reversal(_number), this);
        var bill = load.Workload.Bill(_number);
        if (_kind == StepKind.PreviewThenSettle && !_previewed)
            return of.Connection.TryCall(Service + "Preview", bill, this);
        if (_previewed)
            bill.PreviewToken = _token;
        return of.Connection.TryCall(Service + "Settle", bill, this);
    }

    /// <summary>True: the step goes on with another call.</summary>
    bool Ended()
    {
        var now = Stopwatch.GetTimestamp();
        var counts = load.Counts(now);
        if (counts)
            of.Result.Latency.Add((long)Stopwatch.GetElapsedTime(_since, now).TotalMicroseconds);
        if (Reason == "ACCOUNT_MOVED" && ++_previews < PreviewsMax)
        {
            // Another bill of the person came between: the hospital previews again, as it would.
            of.Result.Move(counts);
            (_previewed, _since) = (false, now);
            return Send();
        }
        if (GrpcStatus != 0)
        {
            of.Result.Refuse(Reason ?? (GrpcStatus < 0 ? $"NO_ANSWER_{HttpStatus}" : $"STATUS_{GrpcStatus}"), _number);
            return false;
        }
        var (receipt, token) = AnswerReading.Read(_number, Answer);
        of.Result.Count(counts);
        switch (_kind)
        {
            case StepKind.Repeat:
                of.Result.Repeat(receipt == _first, counts);
                return false;
            case StepKind.Reverse:
                of.Result.Reversals.Add(receipt);
                return false;
            case StepKind.PreviewThenSettle when !_previewed:
                (_previewed, _since, _token) = (true, now, token);
                return Send();
            default:
                of.Result.Settle(receipt, counts);
                return false;
        }
    }
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

/// <summary>What all callers of a run share.</summary>
public sealed class LoadState(Workload workload, long measuredFrom, long measuredTo)
{
    public Workload Workload => workload;

    public long MeasuredFrom => measuredFrom;

    public long MeasuredTo => measuredTo;

    public bool Counts(long now) => now >= measuredFrom && now < measuredTo;
}
