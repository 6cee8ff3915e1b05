using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace SettlementGrid.Api;

/// <summary>
/// Looks at the frames of one connection as they pass, in both directions, and ends the connection where its budget is
/// overdrawn. Nothing is copied and nothing allocated: a read costs reading the clock and nine bytes of each frame.
/// </summary>
/// <param name="budget">What the connection may spend at once.</param>
/// <param name="newcomer">Told of the first call and the first answer. Null: the connection has no address.</param>
internal sealed class FrameWatch(ConnectionContext connection, FloodGuard guard, int budget, Newcomer? newcomer)
{
    private readonly FrameScan _received = new(beginsWithPreface: true);
    private readonly FrameScan _sent = new(beginsWithPreface: false);
    private readonly FrameBudget _budget = new(
        guard.Clock.GetTimestamp(), guard.Clock.TimestampFrequency, budget);

    private bool _hasAsked;
    private bool _isAnswered;

    /// <summary>It is no HTTP/2, and of no more interest.</summary>
    public bool IsOther => _received.IsOther;

    /// <summary>Looks at bytes that came. False: they are too many frames, and the connection has been ended.</summary>
    public bool Receive(in ReadOnlySequence<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return true;
        }

        _budget.Earn(guard.Clock.GetTimestamp());
        if (bytes.IsSingleSegment)
        {
            return Receive(bytes.FirstSpan);
        }

        foreach (var piece in bytes)
        {
            if (!Receive(piece.Span))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Looks at bytes that are sent. Kestrel says nothing before it has read a whole preface.</summary>
    public void Send(ReadOnlySpan<byte> bytes)
    {
        if (!_received.IsHttp2)
        {
            // What is sent to anything else is an answer.
            Answered();
            return;
        }

        while (_sent.TryNext(ref bytes, out var frame))
        {
            _budget.Sent(frame);
            if (frame.Kind is FrameKind.Headers or FrameKind.Data)
            {
                Answered();
            }
        }
    }

    private bool Receive(ReadOnlySpan<byte> bytes)
    {
        while (_received.TryNext(ref bytes, out var frame))
        {
            if (!_budget.TryPay(frame))
            {
                guard.End(connection, newcomer?.Address, frame.Kind);
                return false;
            }

            if (frame.Kind == FrameKind.Headers)
            {
                Asked();
            }
        }

        if (_received.IsOther)
        {
            Asked();
        }

        return true;
    }

    private void Asked()
    {
        if (!_hasAsked)
        {
            _hasAsked = true;
            newcomer?.Ask();
        }
    }

    private void Answered()
    {
        if (!_isAnswered)
        {
            _isAnswered = true;
            newcomer?.Leave();
        }
    }
}
