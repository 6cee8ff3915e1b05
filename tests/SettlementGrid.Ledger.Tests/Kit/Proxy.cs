using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace SettlementGrid.Ledger.Tests.Kit;

/// <summary>What the proxy does to the next message from a client, once.</summary>
public enum Mishap
{
    None = 0,

    /// <summary>Passes it on, waits until the server has answered, throws the answer away and cuts the line.</summary>
    LoseReply,

    /// <summary>Cuts the line without passing it on.</summary>
    LoseRequest,

    /// <summary>Passes it on and cuts the client's side at once; the server is still at work.</summary>
    CutWhileAtWork,
}

/// <summary>A TCP proxy before PostgreSQL on a free loopback port, for faults that a network makes.</summary>
public sealed class Proxy : IAsyncDisposable
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource _stop = new();
    readonly NpgsqlConnectionStringBuilder _server;
    readonly Task _accepting;
    int _next;
    int _mishaps;

    public Proxy(string connectionString)
    {
        _server = new NpgsqlConnectionStringBuilder(connectionString);
        _listener.Start();
        _accepting = Accept();
    }

    public string ConnectionString => new NpgsqlConnectionStringBuilder(_server.ConnectionString)
    {
        Host = "127.0.0.1",
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port,
    }.ConnectionString;

    /// <summary>How many mishaps happened.</summary>
    public int Mishaps => Volatile.Read(ref _mishaps);

    public void Next(Mishap mishap) => Volatile.Write(ref _next, (int)mishap);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    async Task Accept()
    {
        var lines = new List<Task>();
        try
        {
            while (true)
                lines.Add(Serve(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(lines);
        }
    }

    async Task Serve(TcpClient client)
    {
        using var server = new TcpClient { NoDelay = true };
        client.NoDelay = true;
        using (client)
        {
            try
            {
                await server.ConnectAsync(_server.Host!, _server.Port, _stop.Token);
                await Task.WhenAny(Answers(server, client), Requests(client, server));
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                // A cut line is what it is for.
            }
        }
    }

    async Task Requests(TcpClient client, TcpClient server)
    {
        var buffer = new byte[1 << 16];
        while (await client.GetStream().ReadAsync(buffer, _stop.Token) is > 0 and var length)
        {
            var mishap = (Mishap)Interlocked.Exchange(ref _next, 0);
            if (mishap != Mishap.None)
                Interlocked.Increment(ref _mishaps);
            if (mishap == Mishap.LoseReply)
                _swallow.Add(server);
            if (mishap == Mishap.LoseRequest)
                return;
            await server.GetStream().WriteAsync(buffer.AsMemory(0, length), _stop.Token);
            if (mishap == Mishap.CutWhileAtWork)
            {
                client.Close();
                // The server's side stays open until it has answered, as it would behind a dead router.
                _ = await server.GetStream().ReadAtLeastAsync(buffer, 1, throwOnEndOfStream: false, _stop.Token);
                return;
            }
        }
    }

    readonly System.Collections.Concurrent.ConcurrentBag<TcpClient> _swallow = [];

    async Task Answers(TcpClient server, TcpClient client)
    {
        var buffer = new byte[1 << 16];
        try
        {
            while (await server.GetStream().ReadAsync(buffer, _stop.Token) is > 0 and var length)
            {
                if (_swallow.Contains(server))
                    return;
                await client.GetStream().WriteAsync(buffer.AsMemory(0, length), _stop.Token);
            }
        }
        catch (Exception e) when (e is ObjectDisposedException or InvalidOperationException or IOException)
        {
            // The client's side was cut; Requests ends the line.
            await Task.Delay(Timeout.Infinite, _stop.Token);
        }
    }
}
