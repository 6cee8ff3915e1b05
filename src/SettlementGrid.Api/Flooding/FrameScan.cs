using System.Runtime.CompilerServices;

namespace SettlementGrid.Api;

/// <summary>
/// Finds the frames in one direction of a connection while its bytes pass, in whatever pieces they come: it looks at
/// the nine bytes before each payload and steps over the payload by the length they state. It judges nothing: what is
/// no proper HTTP/2 is refused by who reads it.
/// <para>
/// A connection that does not begin with HTTP/2's preface is something else, and nothing is ever found in it.
/// </para>
/// </summary>
/// <param name="beginsWithPreface">What the client sends does, what the server sends does not.</param>
internal sealed class FrameScan(bool beginsWithPreface)
{
    private int _prefaceSeen;
    private bool _isPrefaceOver = !beginsWithPreface;
    private int _payloadLeft;
    private int _headFilled;
    private Head _head;

    /// <summary>HTTP/2's first bytes from a client (RFC 9113, 3.4).</summary>
    public static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    /// <summary>The whole preface was there.</summary>
    public bool IsHttp2 => _isPrefaceOver && !IsOther;

    /// <summary>The connection began with other bytes.</summary>
    public bool IsOther { get; private set; }

    /// <summary>The next frame whose header ends in these bytes; takes away what was looked at.</summary>
    /// <returns>False: the bytes are used up.</returns>
    public bool TryNext(ref ReadOnlySpan<byte> bytes, out FrameHeader frame)
    {
        frame = default;
        if (!_isPrefaceOver && !TryTakePreface(ref bytes))
        {
            return false;
        }

        var skipped = Math.Min(_payloadLeft, bytes.Length);
        _payloadLeft -= skipped;
        bytes = bytes[skipped..];
        if (_headFilled == 0 && bytes.Length >= FrameHeader.Bytes)
        {
            frame = FrameHeader.Of(bytes);
            bytes = bytes[FrameHeader.Bytes..];
        }
        else if (TryFillHead(ref bytes))
        {
            frame = FrameHeader.Of(_head);
            _headFilled = 0;
        }
        else
        {
            return false;
        }

        _payloadLeft = frame.Length;
        return true;
    }

    private bool TryTakePreface(ref ReadOnlySpan<byte> bytes)
    {
        if (!IsOther)
        {
            var some = bytes[..Math.Min(bytes.Length, Preface.Length - _prefaceSeen)];
            if (some.SequenceEqual(Preface.Slice(_prefaceSeen, some.Length)))
            {
                _prefaceSeen += some.Length;
                bytes = bytes[some.Length..];
                return _isPrefaceOver = _prefaceSeen == Preface.Length;
            }
        }

        IsOther = true;
        bytes = default;
        return false;
    }

    private bool TryFillHead(ref ReadOnlySpan<byte> bytes)
    {
        var some = bytes[..Math.Min(bytes.Length, FrameHeader.Bytes - _headFilled)];
        some.CopyTo(((Span<byte>)_head)[_headFilled..]);
        _headFilled += some.Length;
        bytes = bytes[some.Length..];
        return _headFilled == FrameHeader.Bytes;
    }

    /// <summary>The part of a header that ended with a piece.</summary>
    [InlineArray(FrameHeader.Bytes)]
    private struct Head
    {
        private byte _first;
    }
}
