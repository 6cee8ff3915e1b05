using System.Diagnostics;
using SettlementGrid.LoadTest.Load;

namespace SettlementGrid.LoadTest.Overload;

/// <summary>A bill on its way: its number, how often it was sent before, when it was meant to be sent.</summary>
public readonly record struct Arrival(int Number, int Attempt, long Since);

/// <summary>Sends one bill at a time and tells what became of it.</summary>
public sealed class OverloadCaller(Workload workload, Timeline timeline, ConnectionState of) : LoadCaller(of)
{
    const string Overloaded = "OVERLOADED";

    long _sent;

    /// <summary>The bill that was sent last.</summary>
    public Arrival Last { get; private set; }

    /// <summary>Whether it was refused at the door: it is not in the ledger and may be sent again.</summary>
    public bool WasRefused { get; private set; }

    /// <summary>
    /// Sent with the connection's next <see cref="Wire.Http2Connection.Flush"/>. False: the connection is over, and
    /// nothing will be sent.
    /// </summary>
    public bool TrySend(Arrival arrival)
    {
        Last = arrival;
        return TryBegin(arrival.Since);
    }

    public override bool TryBegin(long since)
    {
        WasRefused = false;
        _sent = Stopwatch.GetTimestamp();
        var bill = workload.Bill(Last.Number);
        lock (Of)
            return Of.Connection.TryGather(Caller.Service + "Settle", bill, this);
    }

    protected override void OnEnded()
    {
        var now = Stopwatch.GetTimestamp();
        if (GrpcStatus == 0)
        {
            timeline.Settle(Last.Since, now);
            lock (Of)
                Of.Result.Settle(AnswerReading.Read(Last.Number, Answer).Receipt, counts: true);
        }
        else if (Reason == Overloaded)
        {
            WasRefused = true;
            timeline.Refuse(Last.Since, _sent, now);
        }
        else
        {
            timeline.Fail(Last.Since);
            var why = Reason ?? (GrpcStatus < 0 ? $"NO_ANSWER_{HttpStatus}" : $"STATUS_{GrpcStatus}");
            lock (Of)
                Of.Result.Refuse(why, Last.Number);
        }
        OnFree(this);
    }
}
