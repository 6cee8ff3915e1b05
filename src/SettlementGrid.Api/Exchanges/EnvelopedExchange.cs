using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;

namespace SettlementGrid.Api;

/// <summary>
/// The framing gRPC and Connect's streams share: each message behind one byte of flags and four of length. Messages
/// are parsed where they lie in the connection's buffers; a message that is too large is refused at its length,
/// unread.
/// </summary>
internal abstract class EnvelopedExchange(HttpContext http, Method method, Surroundings surroundings)
    : Exchange(http, method, surroundings)
{
    protected const int PrefixBytes = 5;
    private const byte CompressedFlag = 1;

    // A connection's buffers come from a pool up to 4 kB each. One piece larger than that is an array of its own: 600
    // kB for the answer of a full SettleMany, which only a collection of the whole heap takes back.
    private const int OnePieceBytesMax = 4_000;

    protected override bool KeepsAnswers => true;

    protected virtual bool IsJson => false;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<Inbound> ReadOnlyAsync()
    {
        var first = await ReadNextAsync();
        if (first.Failure is not null)
        {
            return first;
        }

        if (first.Message is null)
        {
            return new(null, Failure.Malformed("请求中没有消息。", "The call carries no message."));
        }

        var body = Http.Request.BodyReader;
        while (true)
        {
            if (ReadBody(out var reading) is { } full)
            {
                return new(null, full);
            }

            var read = await reading;
            if (!read.Buffer.IsEmpty)
            {
                body.AdvanceTo(read.Buffer.End);
                return new(null, Failure.Malformed(
                    "请求只能有一条消息。", "The call carries more than its one message."));
            }

            body.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return first;
            }
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<Inbound> ReadNextAsync()
    {
        var body = Http.Request.BodyReader;
        while (true)
        {
            if (ReadBody(out var reading) is { } full)
            {
                return new(null, full);
            }

            var read = await reading;
            var buffer = read.Buffer;
            if (TryTake(buffer, out var inbound, out var end))
            {
                body.AdvanceTo(end);
                ReleaseBytes();
                return inbound;
            }

            body.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
            {
                return buffer.IsEmpty
                    ? default
                    : new(null, Failure.Malformed(
                        "消息不完整：正文在所述长度之前结束。",
                        "The message is truncated: the body ends before the length it states."));
            }
        }
    }

    /// <summary>Writes a message or an end frame with its prefix as one piece.</summary>
    protected void WriteEnvelope(byte flags, ReadOnlySpan<byte> payload)
    {
        var body = Http.Response.BodyWriter;
        var span = body.GetSpan(PrefixBytes + payload.Length);
        WritePrefix(span, flags, payload.Length);
        payload.CopyTo(span[PrefixBytes..]);
        body.Advance(PrefixBytes + payload.Length);
    }

    /// <summary>Serializes straight into the connection's buffer.</summary>
    protected void WriteBinaryEnvelope(IMessage message)
    {
        var bytes = message.CalculateSize();
        var body = Http.Response.BodyWriter;
        if (bytes > OnePieceBytesMax)
        {
            WritePrefix(body.GetSpan(PrefixBytes), flags: 0, bytes);
            body.Advance(PrefixBytes);
            message.WriteTo(body);
            return;
        }

        var span = body.GetSpan(PrefixBytes + bytes);
        WritePrefix(span, flags: 0, bytes);
        message.WriteTo(span.Slice(PrefixBytes, bytes));
        body.Advance(PrefixBytes + bytes);
    }

    /// <exception cref="InvalidProtocolBufferException">The payload is no request of the method.</exception>
    /// <exception cref="InvalidJsonException">It is no JSON.</exception>
    protected abstract IMessage Decode(in ReadOnlySequence<byte> payload);

    private static void WritePrefix(Span<byte> into, byte flags, int length)
    {
        into[0] = flags;
        BinaryPrimitives.WriteInt32BigEndian(into[1..], length);
    }

    private bool TryTake(in ReadOnlySequence<byte> buffer, out Inbound inbound, out SequencePosition end)
    {
        inbound = default;
        end = buffer.End;
        if (buffer.Length < PrefixBytes)
        {
            return false;
        }

        Span<byte> prefix = stackalloc byte[PrefixBytes];
        buffer.Slice(0, PrefixBytes).CopyTo(prefix);
        var length = BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]);
        if (CheckPrefix(prefix[0], length) is { } failure)
        {
            inbound = new(null, failure);
            return true;
        }

        if (buffer.Length < PrefixBytes + length)
        {
            inbound = new(null, HoldBytes((int)length));
            return inbound.Failure is not null;
        }

        var payload = buffer.Slice(PrefixBytes, length);
        end = payload.End;
        inbound = Parse(payload);
        return true;
    }

    private Failure? CheckPrefix(byte flags, uint length) =>
        flags == CompressedFlag ? Failure.Compressed
        : flags != 0 ? Failure.Malformed($"未知的帧标志 {flags}。", $"Unknown frame flags {flags}.")
        : length > (uint)Method.RequestBytesMax ? Failure.TooLarge(Method.RequestBytesMax)
        : null;

    private Inbound Parse(in ReadOnlySequence<byte> payload)
    {
        if (Method.HasTooManyItems(payload, IsJson))
        {
            return new(null, Failure.TooManyItems);
        }

        try
        {
            return Checked(Decode(payload));
        }
        catch (Exception malformed) when (Codec.IsMalformed(malformed))
        {
            return new(null, Codec.Malformed(malformed));
        }
    }
}
