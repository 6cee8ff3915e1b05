using System.Buffers.Binary;
using System.Net.Sockets;

namespace SettlementGrid.Faults.Hostile.Wire;

/// <summary>
/// A TCP connection that sends what it is told and obeys nothing. What the server sends is read and counted only where
/// somebody asks for it (<see cref="ReadAsync"/>); without that the peer never reads, as some hostile ones do.
/// </summary>
public sealed class RawConnection : IDisposable
{
    const int ReadBytes = 16 * 1024;

    // Of all connections together: nobody reads what is written here.
    static readonly byte[] s_dropped = new byte[256];

    readonly Socket _socket;
    readonly Action? _left;

    RawConnection(Socket socket, string authority, Action? left) =>
        (_socket, Authority, _left) = (socket, authority, left);

    public string Authority { get; }

    /// <summary>Streams that the server reset.</summary>
    public int Resets { get; private set; }

    /// <summary>Answers whose headers came.</summary>
    public int Answers { get; private set; }

    /// <summary>Whether the server said that it goes away.</summary>
    public bool WentAway { get; private set; }

    /// <param name="left">Called when it is disposed.</param>
    /// <exception cref="SocketException">Nobody listens, or too many do.</exception>
    public static async Task<RawConnection> OpenAsync(
        Uri address, CancellationToken cancellation, int receiveBufferBytes = 0, Action? left = null)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (receiveBufferBytes > 0)
                socket.ReceiveBufferSize = receiveBufferBytes;
            await socket.ConnectAsync(address.Host, address.Port, cancellation);
            return new RawConnection(socket, address.Authority, left);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The preface and this side's settings, as every connection must begin.</summary>
    public Task GreetAsync(CancellationToken cancellation, params (ushort Id, int Value)[] settings) =>
        SendAsync((byte[])[.. Frames.Preface, .. Frames.SettingsOf(settings)], cancellation);

    /// <exception cref="SocketException">The server closed.</exception>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        for (var rest = bytes; !rest.IsEmpty;)
            rest = rest[await _socket.SendAsync(rest, cancellation)..];
    }

    /// <summary>Says that nothing more will be sent, and stays.</summary>
    public void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Whether the server closed; reads nothing.</summary>
    public bool IsClosed
    {
        get
        {
            try
            {
                return _socket.Poll(0, SelectMode.SelectRead) && _socket.Available == 0;
            }
            catch (SocketException)
            {
                return true;
            }
        }
    }

    /// <summary>Waits until the server closes, with no memory of its own: what comes before is dropped.</summary>
    public async Task UntilClosedAsync(CancellationToken cancellation)
    {
        try
        {
            while (await _socket.ReceiveAsync(s_dropped, cancellation) > 0)
            {
                // Not a receive of nothing and then one that blocks: the first may end without a byte for the second,
                // which nobody could call off.
            }
        }
        catch (SocketException)
        {
            // Closed the hard way.
        }
    }

    /// <summary>Reads and counts frames until the server closes.</summary>
    public async Task ReadAsync(CancellationToken cancellation)
    {
        // This side never allows larger frames than a server may send unasked.
        var buffer = new byte[ReadBytes + Frames.Header + Frames.PayloadMax];
        var filled = 0;
        try
        {
            while (await _socket.ReceiveAsync(buffer.AsMemory(filled, ReadBytes), cancellation) is var read and > 0)
            {
                filled += read;
                var taken = Take(buffer.AsSpan(0, filled));
                buffer.AsSpan(taken, filled - taken).CopyTo(buffer);
                filled -= taken;
            }
        }
        catch (SocketException)
        {
            // Closed the hard way.
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        _left?.Invoke();
    }

    int Take(ReadOnlySpan<byte> bytes)
    {
        var taken = 0;
        while (bytes.Length - taken >= Frames.Header)
        {
            var frame = bytes[taken..];
            var length = BinaryPrimitives.ReadInt32BigEndian(frame) >>> 8;
            if (frame.Length < Frames.Header + length)
                break;
            Resets += frame[3] == Frames.ResetStream ? 1 : 0;
            Answers += frame[3] == Frames.Headers && (frame[4] & Frames.EndStream) == 0 ? 1 : 0;
            WentAway |= frame[3] == Frames.GoAway;
            taken += Frames.Header + length;
        }
        return taken;
    }
}
