using System.Diagnostics;
using SettlementGrid.LoadTest.Wire;
using SettlementGrid.Testbed;

namespace SettlementGrid.LoadTest.Load;

/// <summary>
/// One of many callers: carries out one step after another, each of one or two calls. Everything of a connection's
/// callers happens under that connection's lock.
/// </summary>
public sealed class Caller(Workload workload, MeasuredTime time, ConnectionState of) : LoadCaller(of)
{
    /// <summary>The method's service, as callers name it.</summary>
    public const string Service = "/settlementgrid.v1.SettlementService/";

    /// <summary>How often a step previews again; who meets a moved account more often has met a fault.</summary>
    const int PreviewsMax = 10;

    StepKind _kind;
    int _number;
    Receipt _first;
    string _token = "";
    bool _previewed;
    int _previews;
    long _since;

    /// <summary>Begins a step that the workload draws.</summary>
    public override bool TryBegin(long since)
    {
        if (workload.IsExhausted)
        {
            time.End(Stopwatch.GetTimestamp());
            return false;
        }
        lock (Of)
        {
            _since = since;
            _kind = Possible(workload.Draw(Of.Draw));
            (_previewed, _previews) = (false, 0);
            return Send();
        }
    }

    protected override void OnEnded()
    {
        bool goesOn;
        lock (Of)
            goesOn = Ended();
        if (!goesOn)
            OnFree(this);
    }

    /// <summary>
    /// What the step needs must have happened on this connection; the first ones are plain settlements.
    /// </summary>
    StepKind Possible(StepKind kind)
    {
        if (kind == StepKind.Repeat && Of.Result.Receipts.Count > 0)
        {
            _first = Of.Result.Receipts[Of.Draw.Next(Of.Result.Receipts.Count)];
            _number = _first.Number;
            return kind;
        }
        if (kind == StepKind.Reverse && Of.TakeReversible(workload) is { } reversible)
        {
            _number = reversible;
            return kind;
        }
        _number = workload.NextNumber();
        return kind == StepKind.PreviewThenSettle ? kind : StepKind.Settle;
    }

    bool Send()
    {
        if (_kind == StepKind.Reverse)
            return Of.Connection.TryCall(Service + "Reverse", workload.Reversal(_number), this);
        var bill = workload.Bill(_number);
        if (_kind == StepKind.PreviewThenSettle && !_previewed)
            return Of.Connection.TryCall(Service + "Preview", bill, this);
        if (_previewed)
            bill.PreviewToken = _token;
        return Of.Connection.TryCall(Service + "Settle", bill, this);
    }

    /// <summary>True: the step goes on with another call.</summary>
    bool Ended()
    {
        var now = Stopwatch.GetTimestamp();
        var counts = time.Counts(now);
        if (counts)
            Of.Result.Time((long)Stopwatch.GetElapsedTime(_since, now).TotalMicroseconds, time.PartOf(_since));
        if (Reason == "ACCOUNT_MOVED" && ++_previews < PreviewsMax)
        {
            // Another bill of the person came between: the hospital previews again, as it would.
            Of.Result.Move(counts);
            (_previewed, _since) = (false, now);
            return Send();
        }
        if (GrpcStatus != 0)
        {
            Of.Result.Refuse(Reason ?? (GrpcStatus < 0 ? $"NO_ANSWER_{HttpStatus}" : $"STATUS_{GrpcStatus}"), _number);
            return false;
        }
        var answer = AnswerReading.Read(_number, Answer);
        Of.Result.Count(counts);
        switch (_kind)
        {
            case StepKind.Repeat:
                Of.Result.Repeat(answer.Receipt == _first, counts);
                return false;
            case StepKind.Reverse:
                Of.Result.Reverse(answer.Receipt, answer.Adjustments, answer.AdjustedFen);
                return false;
            case StepKind.PreviewThenSettle when !_previewed:
                (_previewed, _since, _token) = (true, now, answer.PreviewToken);
                return Send();
            default:
                Of.Result.Settle(answer.Receipt, counts);
                return false;
        }
    }
}
