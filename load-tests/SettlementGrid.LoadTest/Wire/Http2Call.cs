using System.Buffers;
using System.Buffers.Binary;
using Google.Protobuf;

namespace SettlementGrid.LoadTest.Wire;

/// <summary>
/// One unary call at a time on one connection; used again and again, so that a million calls make no garbage. The end
/// is told on the connection's reading thread: what is done there delays every other call of the connection.
/// </summary>
public abstract class Http2Call
{
    byte[] _body = new byte[4096];
    int _length;

    /// <summary>0: the answer had none.</summary>
    public int HttpStatus { get; internal set; }

    /// <summary>−1: the connection broke or closed before one came.</summary>
    public int GrpcStatus { get; internal set; }

    /// <summary>The refusal's reason; null where there is none.</summary>
    public string? Reason { get; internal set; }

    /// <summary>The message of a call that went well.</summary>
    protected ReadOnlySpan<byte> Answer => _body.AsSpan(FrameWriting.GrpcPrefix, _length - FrameWriting.GrpcPrefix);

    /// <summary>The call is over: <see cref="GrpcStatus"/> says how.</summary>
    protected abstract void OnEnded();

    internal void Begin()
    {
        (_length, HttpStatus, GrpcStatus, Reason) = (0, 0, -1, null);
    }

    internal void Add(ReadOnlySpan<byte> data)
    {
        if (_length + data.Length > _body.Length)
            Array.Resize(ref _body, Math.Max(_length + data.Length, 2 * _body.Length));
        data.CopyTo(_body.AsSpan(_length));
        _length += data.Length;
    }

    internal void End()
    {
        // Said to be well without its whole message: broken.
        if (GrpcStatus == 0 && (_length < FrameWriting.GrpcPrefix
            || BinaryPrimitives.ReadInt32BigEndian(_body.AsSpan(1)) != _length - FrameWriting.GrpcPrefix))
            GrpcStatus = -1;
        OnEnded();
    }
}

/// <summary>HTTP/2 frames (RFC 9113) as bytes.</summary>
static class FrameWriting
{
    public const int Header = 9;
    public const int GrpcPrefix = 5;
    public const int PayloadMax = 16_384;

    public static void Write(
        IBufferWriter<byte> into, FrameType type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        var span = into.GetSpan(Header + payload.Length);
        WriteHeader(span, type, flags, stream, payload.Length);
        payload.CopyTo(span[Header..]);
        into.Advance(Header + payload.Length);
    }

    /// <summary>
    /// The message behind its gRPC prefix, in as many DATA frames as it needs, the last one ending the stream.
    /// </summary>
    /// <param name="bytes">Of the message with its prefix: known already, and dear to count again.</param>
    public static void WriteMessage(IBufferWriter<byte> into, int stream, IMessage message, int bytes)
    {
        if (bytes <= PayloadMax)
        {
            var span = into.GetSpan(Header + bytes);
            WriteHeader(span, FrameType.Data, FrameFlags.EndStream, stream, bytes);
            WriteGrpc(span.Slice(Header, bytes), message);
            into.Advance(Header + bytes);
            return;
        }
        var whole = ArrayPool<byte>.Shared.Rent(bytes);
        WriteGrpc(whole.AsSpan(0, bytes), message);
        for (var from = 0; from < bytes; from += PayloadMax)
        {
            var length = Math.Min(PayloadMax, bytes - from);
            var last = from + length == bytes;
            Write(into, FrameType.Data, last ? FrameFlags.EndStream : (byte)0, stream, whole.AsSpan(from, length));
        }
        ArrayPool<byte>.Shared.Return(whole);
    }

    static void WriteGrpc(Span<byte> into, IMessage message)
    {
        into[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(into[1..], into.Length - GrpcPrefix);
        message.WriteTo(into[GrpcPrefix..]);
    }

    static void WriteHeader(Span<byte> into, FrameType type, byte flags, int stream, int length)
    {
        BinaryPrimitives.WriteInt32BigEndian(into, length << 8 | (byte)type);
        into[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(into[5..], stream);
    }
}

enum FrameType : byte
{
    Data = 0,
    Headers = 1,
    ResetStream = 3,
    Settings = 4,
    Ping = 6,
    GoAway = 7,
    WindowUpdate = 8,
    Continuation = 9,
}

static class FrameFlags
{
    public const byte EndStream = 1;
    public const byte Ack = 1;
    public const byte EndHeaders = 4;
}
