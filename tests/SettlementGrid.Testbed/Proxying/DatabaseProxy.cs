using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace SettlementGrid.Testbed.Proxying;

/// <summary>
/// A TCP proxy before PostgreSQL on a free loopback port, for faults that a network makes. Thread-safe.
/// </summary>
public sealed class DatabaseProxy : IAsyncDisposable
{
    /// <summary>What the ledger's commit is known by.</summary>
    internal const string CommitStatement = "commit_entries";

    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource _stop = new();
    readonly NpgsqlConnectionStringBuilder _server;
    readonly ConcurrentDictionary<ProxyLine, bool> _lines = [];
    readonly Task _accepting;
    TaskCompletionSource _open = Opened();
    TimeSpan _delay;
    int _next;
    int _nextCommit;
    int _mishaps;

    public DatabaseProxy(string connectionString)
    {
        _server = new NpgsqlConnectionStringBuilder(connectionString);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string ConnectionString => new NpgsqlConnectionStringBuilder(_server.ConnectionString)
    {
        Host = "127.0.0.1",
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port,
    }.ConnectionString;

    /// <summary>How many mishaps happened.</summary>
    public int Mishaps => Volatile.Read(ref _mishaps);

    /// <summary>To the next message, whatever it is.</summary>
    public void Next(Mishap mishap) => Volatile.Write(ref _next, (int)mishap);

    /// <summary>To the next commit of the ledger.</summary>
    public void NextCommit(Mishap mishap) => Volatile.Write(ref _nextCommit, (int)mishap);

    /// <summary>Everything passes so much later, either way.</summary>
    public void Slow(TimeSpan delay) => _delay = delay;

    /// <summary>From now on nothing passes and neither side is told; new lines are accepted and stay silent.</summary>
    public void Part() =>
        Volatile.Write(ref _open, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    /// <summary>What was held up passes, in order, and everything after it.</summary>
    public void Heal() => _open.TrySetResult();

    /// <summary>Cuts every line there is.</summary>
    public void CutAll()
    {
        foreach (var line in _lines.Keys)
            line.Cut();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    /// <summary>The mishap that is due, once.</summary>
    internal Mishap Take(bool isCommit)
    {
        var mishap = (Mishap)Interlocked.Exchange(ref _next, 0);
        if (mishap == Mishap.None && isCommit)
            mishap = (Mishap)Interlocked.Exchange(ref _nextCommit, 0);
        if (mishap != Mishap.None)
            Interlocked.Increment(ref _mishaps);
        return mishap;
    }

    /// <summary>Completes when bytes may pass.</summary>
    internal async ValueTask OpenAsync(CancellationToken stop)
    {
        await Volatile.Read(ref _open).Task.WaitAsync(stop);
        if (_delay > TimeSpan.Zero)
            await Task.Delay(_delay, stop);
    }

    async Task AcceptAsync()
    {
        var lines = new List<Task>();
        try
        {
            while (true)
                lines.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(lines);
        }
    }

    async Task ServeAsync(TcpClient client)
    {
        using var server = new TcpClient { NoDelay = true };
        client.NoDelay = true;
        var line = new ProxyLine(this, client, server, _stop.Token);
        _lines[line] = true;
        using (client)
        {
            try
            {
                await OpenAsync(_stop.Token);
                await server.ConnectAsync(_server.Host!, _server.Port, _stop.Token);
                await line.RunAsync();
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                // A cut line is what it is for.
            }
            finally
            {
                _lines.TryRemove(line, out _);
            }
        }
    }

    static TaskCompletionSource Opened()
    {
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        open.SetResult();
        return open;
    }
}
