using System.Buffers.Binary;
using System.Text;

namespace SettlementGrid.Faults.Hostile.Wire;

/// <summary>
/// HTTP/2 frames (RFC 9113) byte by byte, the forbidden ones too: nothing here keeps a caller from lying about a
/// length, a flag or an order, which a client library would.
/// </summary>
public static class Frames
{
    public const byte Data = 0;
    public const byte Headers = 1;
    public const byte Priority = 2;
    public const byte ResetStream = 3;
    public const byte Settings = 4;
    public const byte Ping = 6;
    public const byte GoAway = 7;
    public const byte WindowUpdate = 8;
    public const byte Continuation = 9;

    public const byte EndStream = 1;
    public const byte Ack = 1;
    public const byte EndHeaders = 4;

    public const ushort InitialWindowSetting = 4;

    /// <summary>Bytes before a frame's payload.</summary>
    public const int Header = 9;

    /// <summary>The largest payload a server takes that has not said otherwise.</summary>
    public const int PayloadMax = 16_384;

    public static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    public static byte[] Frame(byte type, byte flags, int stream, params ReadOnlySpan<byte> payload)
    {
        var frame = new byte[Header + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length << 8 | type);
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame.AsSpan(Header));
        return frame;
    }

    /// <summary>A SETTINGS frame of any number of settings.</summary>
    public static byte[] SettingsOf(params ReadOnlySpan<(ushort Id, int Value)> settings)
    {
        var payload = new byte[6 * settings.Length];
        for (var i = 0; i < settings.Length; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(payload.AsSpan(6 * i), settings[i].Id);
            BinaryPrimitives.WriteInt32BigEndian(payload.AsSpan(6 * i + 2), settings[i].Value);
        }
        return Frame(Settings, 0, 0, payload);
    }

    /// <summary>A frame whose payload is one number of four bytes: a window's growth, a reset's code.</summary>
    public static byte[] Number(byte type, int stream, int value)
    {
        Span<byte> payload = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(payload, value);
        return Frame(type, 0, stream, payload);
    }

    /// <summary>Fields in HPACK (RFC 7541) as literals without indexing: the server need remember nothing.</summary>
    public static byte[] Block(params ReadOnlySpan<(string Name, string Value)> fields)
    {
        var block = new List<byte>();
        foreach (var (name, value) in fields)
        {
            block.Add(0);
            Text(block, name);
            Text(block, value);
        }
        return [.. block];
    }

    /// <summary>The header block of a POST.</summary>
    public static byte[] Post(
        string path, string authority, string contentType, params (string, string)[] more) => Block(
    [
        (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", authority),
        ("content-type", contentType), ("te", "trailers"), .. more,
    ]);

    /// <summary>A message behind its gRPC prefix.</summary>
    public static byte[] Grpc(ReadOnlySpan<byte> message, byte flags = 0)
    {
        var framed = new byte[5 + message.Length];
        framed[0] = flags;
        BinaryPrimitives.WriteInt32BigEndian(framed.AsSpan(1), message.Length);
        message.CopyTo(framed.AsSpan(5));
        return framed;
    }

    static void Text(List<byte> block, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var length = bytes.Length;
        const int most = 0x7f;
        block.Add((byte)Math.Min(length, most));
        if (length >= most)
        {
            for (length -= most; length >= 0x80; length >>= 7)
                block.Add((byte)(length | 0x80));
            block.Add((byte)length);
        }
        block.AddRange(bytes);
    }
}
