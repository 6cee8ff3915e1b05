using System.Diagnostics;
using SettlementGrid.Api.V1;
using SettlementGrid.LoadTest.Wire;
using SettlementGrid.Testbed;

namespace SettlementGrid.LoadTest.Load;

/// <summary>
/// A hospital that makes up for an outage: each call brings many bills. Some repeat an acknowledged bill, some one of
/// the same call; answers must be equal, and a person's settlements must follow each other as they stand in the call.
/// </summary>
public sealed class ManyCaller(Workload workload, MeasuredTime time, ConnectionState of, int many) : LoadCaller(of)
{
    readonly SettleManyRequest _request = new();
    readonly List<Item> _items = new(many);
    readonly Dictionary<string, long> _versions = new(StringComparer.Ordinal);
    readonly Receipt[] _answered = new Receipt[many];
    long _since;

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
            _request.Requests.Clear();
            _items.Clear();
            for (var at = 0; at < many; at++)
            {
                var item = Draw(at);
                _items.Add(item);
                _request.Requests.Add(item.Inside >= 0 ? _request.Requests[item.Inside] : workload.Bill(item.Number));
            }
            return Of.Connection.TryCall(Caller.Service + "SettleMany", _request, this);
        }
    }

    protected override void OnEnded()
    {
        lock (Of)
            Take();
        OnFree(this);
    }

    /// <summary>Every second repeat is of the call itself, the others of what was acknowledged before.</summary>
    Item Draw(int at)
    {
        if (workload.Draw(Of.Draw) == StepKind.Repeat)
        {
            if (at > 0 && Of.Draw.Next(2) == 0)
            {
                var inside = Of.Draw.Next(at);
                return _items[inside] with { Inside = inside, IsRepeat = true };
            }
            if (Of.Result.Receipts.Count > 0)
            {
                var first = Of.Result.Receipts[Of.Draw.Next(Of.Result.Receipts.Count)];
                return new Item(first.Number, first, -1, true);
            }
        }
        return new Item(workload.NextNumber(), default, -1, false);
    }

    void Take()
    {
        var now = Stopwatch.GetTimestamp();
        var counts = time.Counts(now);
        if (counts)
            Of.Result.Latency.Add((long)Stopwatch.GetElapsedTime(_since, now).TotalMicroseconds);
        var taken = 0;
        Array.Clear(_answered);
        if (GrpcStatus == 0)
        {
            Of.Result.Count(counts);
            _versions.Clear();
            var results = new AnswerReading.Fields(Answer);
            while (results.Next() && taken < _items.Count)
            {
                Take(taken, AnswerReading.ReadResult(results.Bytes, out var reason), reason, counts);
                taken++;
            }
        }
        // What has no result was not answered, whatever the call's status says.
        foreach (var item in _items.Skip(taken).Where(one => !one.IsRepeat))
            Of.Result.Refuse(Reason ?? $"STATUS_{GrpcStatus}", item.Number);
    }

    void Take(int at, ReadOnlySpan<byte> settlement, string? reason, bool counts)
    {
        var item = _items[at];
        if (settlement.IsEmpty)
        {
            Of.Result.Refuse(reason ?? "NO_RESULT", item.Number);
            return;
        }
        var receipt = AnswerReading.Read(item.Number, settlement).Receipt;
        _answered[at] = receipt;
        if (item.IsRepeat)
        {
            var first = item.Inside >= 0 ? _answered[item.Inside] : item.First;
            // What was refused the first time may be settled now.
            if (first != default)
                Of.Result.Repeat(receipt == first, counts);
            return;
        }
        var person = _request.Requests[at].EnrolleeId;
        if (_versions.TryGetValue(person, out var before) && receipt.AccountVersion <= before)
            Of.Result.Disorder();
        _versions[person] = receipt.AccountVersion;
        Of.Result.Settle(receipt, counts);
    }

    /// <param name="First">What a repeat must be answered with, where it was acknowledged by an earlier call.</param>
    /// <param name="Inside">The place in the same call that it repeats; −1: none.</param>
    readonly record struct Item(int Number, Receipt First, int Inside, bool IsRepeat);
}
