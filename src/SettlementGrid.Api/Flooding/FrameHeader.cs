using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace SettlementGrid.Api;

/// <summary>The kinds of HTTP/2 frames (RFC 9113, 6); any other number is a kind that receivers ignore.</summary>
internal enum FrameKind : byte
{
    Data = 0,
    Headers = 1,
    Priority = 2,
    ResetStream = 3,
    Settings = 4,
    PushPromise = 5,
    Ping = 6,
    GoAway = 7,
    WindowUpdate = 8,
    Continuation = 9,
}

/// <summary>What stands before the payload of an HTTP/2 frame (RFC 9113, 4.1).</summary>
/// <param name="Length">Of the payload, bytes, padding included.</param>
/// <param name="Flags">Their meaning depends on the kind.</param>
/// <param name="Stream">0: the connection itself.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FrameHeader(FrameKind Kind, int Length, byte Flags, int Stream)
{
    /// <summary>Bytes of it on the wire.</summary>
    public const int Bytes = 9;

    private const byte FirstFlag = 1;

    /// <summary>Of DATA and HEADERS: nothing more comes on this stream.</summary>
    public bool EndsStream => Kind is FrameKind.Data or FrameKind.Headers && (Flags & FirstFlag) != 0;

    /// <summary>Of SETTINGS and PING: it answers one.</summary>
    public bool IsAnswer => Kind is FrameKind.Settings or FrameKind.Ping && (Flags & FirstFlag) != 0;

    /// <param name="bytes">At least <see cref="Bytes"/> of them.</param>
    public static FrameHeader Of(ReadOnlySpan<byte> bytes)
    {
        var lengthAndKind = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        return new FrameHeader(
            (FrameKind)(byte)lengthAndKind, (int)(lengthAndKind >> 8), bytes[4],
            BinaryPrimitives.ReadInt32BigEndian(bytes[5..]) & int.MaxValue);
    }
}
