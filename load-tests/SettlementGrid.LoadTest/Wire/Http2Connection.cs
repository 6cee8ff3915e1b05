using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Google.Protobuf;

namespace SettlementGrid.LoadTest.Wire;

/// <summary>
/// One cleartext HTTP/2 connection with many gRPC calls on it, written for measuring: a generator that shares its
/// processors with the server must cost little beside it. The framework's client takes several times the processor
/// time of this one per call. Thread-safe. Written against RFC 9113 as far as a unary client needs it; anything
/// unexpected ends the connection and every call on it.
/// </summary>
public sealed class Http2Connection : IAsyncDisposable
{
    const int WindowBytes = 64 * 1024 * 1024;

    // Of a server that has not said otherwise (RFC 9113, 6.9.2).
    const int WindowBytesBefore = 65_535;

    const short WindowSetting = 4;
    const int ReadBytes = 256 * 1024;

    readonly Lock _lock = new();
    readonly Socket _socket;
    readonly RequestHeaders _headers;
    readonly Dictionary<string, byte[]> _blocks = new(StringComparer.Ordinal);
    readonly Dictionary<int, Http2Call> _calls = [];
    readonly Queue<(string Path, IMessage Message, int Bytes, Http2Call Call)> _held = [];
    ArrayBufferWriter<byte> _out = new(64 * 1024);
    ArrayBufferWriter<byte> _spare = new(64 * 1024);
    Task _reading = Task.CompletedTask;
    TaskCompletionSource? _sendingEnds;
    bool _isSending;
    bool _isTaking;
    int _nextStream = 1;
    int _received;
    long _sendWindow = WindowBytesBefore;
    long _streamWindow = WindowBytesBefore;
    bool _closed;

    Http2Connection(Socket socket, string authority)
    {
        _socket = socket;
        _headers = new RequestHeaders(authority);
    }

    /// <summary>Why it ended; null: it works, or was closed on purpose.</summary>
    public Exception? Broken { get; private set; }

    public static async Task<Http2Connection> OpenAsync(Uri address, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(address.Host, address.Port, cancellation);
        var connection = new Http2Connection(socket, address.Authority);
        connection.SayHello();
        connection.Flush();
        connection._reading = Task.Run(connection.ReadAsync, CancellationToken.None);
        return connection;
    }

    /// <summary>
    /// Sends a call, at once or when the server's window has room for it; its end is told to <paramref name="call"/>
    /// once, in any case. A caller has one call at a time, so there are at most as many held ones as callers. False:
    /// the connection is over, and nothing was sent or will be told.
    /// </summary>
    public bool TryCall(string path, IMessage message, Http2Call call)
    {
        if (!TryGather(path, message, call))
            return false;
        Flush();
        return true;
    }

    /// <summary>The same, but sent only with the next call or the next <see cref="Flush"/>.</summary>
    public bool TryGather(string path, IMessage message, Http2Call call)
    {
        lock (_lock)
        {
            if (_closed)
                return false;
            call.Begin();
            _held.Enqueue((path, message, message.CalculateSize() + FrameWriting.GrpcPrefix, call));
            SendHeld();
        }
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        Close(null);
        await _reading;
        await SendingEnds();
        _socket.Dispose();
    }

    void SayHello()
    {
        _out.Write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8);
        Span<byte> settings = stackalloc byte[18];
        Setting(settings, 1, 0);
        Setting(settings[6..], 2, 0);
        Setting(settings[12..], WindowSetting, WindowBytes);
        FrameWriting.Write(_out, FrameType.Settings, 0, 0, settings);
        WindowUpdate(WindowBytes);
    }

    // Under the lock. In the order of the calls: a large message is not overtaken by small ones for ever.
    void SendHeld()
    {
        while (_held.TryPeek(out var next))
        {
            if (next.Bytes > _sendWindow || next.Bytes > _streamWindow)
                return;
            _held.Dequeue();
            _sendWindow -= next.Bytes;
            var stream = _nextStream;
            _nextStream += 2;
            _calls.Add(stream, next.Call);
            FrameWriting.Write(_out, FrameType.Headers, FrameFlags.EndHeaders, stream, BlockOf(next.Path));
            FrameWriting.WriteMessage(_out, stream, next.Message, next.Bytes);
        }
    }

    static void Setting(Span<byte> into, short id, int value)
    {
        BinaryPrimitives.WriteInt16BigEndian(into, id);
        BinaryPrimitives.WriteInt32BigEndian(into[2..], value);
    }

    ReadOnlySpan<byte> BlockOf(string path)
    {
        if (_blocks.TryGetValue(path, out var known))
            return known;
        // A block that teaches the server new fields moves the indices of all that it knew before.
        var taught = _headers.Taught;
        var block = _headers.Of(path);
        if (_headers.Taught != taught)
            _blocks.Clear();
        _blocks[path] = _headers.Of(path);
        return block;
    }

    void WindowUpdate(int bytes)
    {
        Span<byte> increment = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(increment, bytes);
        FrameWriting.Write(_out, FrameType.WindowUpdate, 0, 0, increment);
    }

    /// <summary>
    /// Sends what has gathered, on this thread: waking another one for it cost more than sending does. Whoever is
    /// sending takes along what comes meanwhile, and what the answers of one reading begin goes as one piece.
    /// </summary>
    public void Flush()
    {
        lock (_lock)
        {
            if (_isSending || _isTaking || _closed || _out.WrittenCount == 0)
                return;
            _isSending = true;
        }
        // Its end is told by TakeGathered alone: a task kept here might be an older one than the last.
        _ = SendAsync();
    }

    // After Close, when nobody begins to send any more.
    Task SendingEnds()
    {
        lock (_lock)
            return _isSending
                ? (_sendingEnds ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task
                : Task.CompletedTask;
    }

    async Task SendAsync()
    {
        try
        {
            while (TakeGathered() is { } sending)
                for (var rest = sending.WrittenMemory; !rest.IsEmpty;)
                    rest = rest[await _socket.SendAsync(rest)..];
        }
        catch (Exception broken)
        {
            Close(broken);
            TakeGathered();
        }
    }

    /// <summary>Null: there is nothing or all is over, and nobody is sending any more.</summary>
    ArrayBufferWriter<byte>? TakeGathered()
    {
        lock (_lock)
        {
            _isSending = !_closed && _out.WrittenCount > 0;
            if (!_isSending)
            {
                _sendingEnds?.TrySetResult();
                return null;
            }
            (_out, _spare) = (_spare, _out);
            _out.ResetWrittenCount();
            return _spare;
        }
    }

    async Task ReadAsync()
    {
        var buffer = new byte[ReadBytes];
        var filled = 0;
        try
        {
            while (await _socket.ReceiveAsync(buffer.AsMemory(filled)) is var read and > 0)
            {
                filled += read;
                Volatile.Write(ref _isTaking, true);
                var taken = TakeFrames(buffer.AsSpan(0, filled));
                Volatile.Write(ref _isTaking, false);
                Flush();
                buffer.AsSpan(taken, filled - taken).CopyTo(buffer);
                filled -= taken;
            }
            Close(new IOException("The server closed the connection."));
        }
        catch (Exception broken)
        {
            Close(broken);
        }
    }

    int TakeFrames(ReadOnlySpan<byte> bytes)
    {
        var taken = 0;
        while (bytes.Length - taken >= FrameWriting.Header)
        {
            var frame = bytes[taken..];
            var length = BinaryPrimitives.ReadInt32BigEndian(frame) >>> 8;
            if (frame.Length < FrameWriting.Header + length)
                break;
            Take(
                (FrameType)frame[3], frame[4], BinaryPrimitives.ReadInt32BigEndian(frame[5..]) & int.MaxValue,
                frame.Slice(FrameWriting.Header, length));
            taken += FrameWriting.Header + length;
        }
        return taken;
    }

    void Take(FrameType type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        switch (type)
        {
            case FrameType.Data:
                Received(payload.Length);
                if (Find(stream) is { } receiving)
                    receiving.Add(payload);
                EndIf(flags, stream);
                break;
            case FrameType.Headers when (flags & FrameFlags.EndHeaders) == 0:
            case FrameType.Continuation:
                throw new InvalidDataException("The answer's headers fill more than one frame.");
            case FrameType.Headers:
                if (Find(stream) is { } answered)
                    AnswerHeaders.Read(payload, answered);
                EndIf(flags, stream);
                break;
            case FrameType.ResetStream:
                EndIf(FrameFlags.EndStream, stream);
                break;
            case FrameType.Settings when (flags & FrameFlags.Ack) == 0:
                TakeSettings(payload);
                Reply(FrameType.Settings, []);
                break;
            case FrameType.Ping when (flags & FrameFlags.Ack) == 0:
                Reply(FrameType.Ping, payload);
                break;
            case FrameType.WindowUpdate when stream == 0:
                lock (_lock)
                {
                    _sendWindow += BinaryPrimitives.ReadInt32BigEndian(payload);
                    SendHeld();
                }
                break;
            case FrameType.GoAway:
                throw new IOException("The server goes away.");
        }
    }

    void TakeSettings(ReadOnlySpan<byte> settings)
    {
        for (; settings.Length >= 6; settings = settings[6..])
        {
            if (BinaryPrimitives.ReadInt16BigEndian(settings) != WindowSetting)
                continue;
            lock (_lock)
            {
                _streamWindow = BinaryPrimitives.ReadInt32BigEndian(settings[2..]);
                SendHeld();
            }
        }
    }

    Http2Call? Find(int stream)
    {
        lock (_lock)
            return _calls.GetValueOrDefault(stream);
    }

    void EndIf(byte flags, int stream)
    {
        if ((flags & FrameFlags.EndStream) == 0)
            return;
        Http2Call? ended;
        lock (_lock)
            _calls.Remove(stream, out ended);
        ended?.End();
    }

    void Received(int bytes)
    {
        _received += bytes;
        if (_received < WindowBytes / 4)
            return;
        lock (_lock)
            WindowUpdate(_received);
        _received = 0;
    }

    void Reply(FrameType type, ReadOnlySpan<byte> payload)
    {
        lock (_lock)
            FrameWriting.Write(_out, type, FrameFlags.Ack, 0, payload);
    }

    void Close(Exception? why)
    {
        List<Http2Call> left;
        lock (_lock)
        {
            if (_closed)
                return;
            _closed = true;
            Broken = why;
            left = [.. _calls.Values, .. _held.Select(one => one.Call)];
            _calls.Clear();
            _held.Clear();
        }
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // The other side was quicker.
        }
        foreach (var call in left)
        {
            call.GrpcStatus = -1;
            call.End();
        }
    }
}
