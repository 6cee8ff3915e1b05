using System.Diagnostics;
using SettlementGrid.Api;
using SettlementGrid.Testbed;

namespace SettlementGrid.Servers.Tests;

/// <summary>
/// Callers that know two servers and behave as the interface asks of them: a bill that one does not answer is sent to
/// the other, under the same request id, until it is answered. A server that did not answer is asked again only once
/// the test says that it is back. They keep a receipt of every answer. Thread-safe.
/// </summary>
sealed class Doors : IDisposable
{
    static readonly GrpcStatus?[] s_sendAgain =
    [
        null, // the connection broke, or no answer in time
        GrpcStatus.Unavailable, GrpcStatus.DeadlineExceeded, GrpcStatus.ResourceExhausted,
    ];

    readonly Town _town;
    readonly GrpcConnection[] _servers;
    readonly bool[] _away = new bool[2];
    readonly Lock _lock = new();
    readonly List<Receipt> _receipts = [];
    readonly List<(int Count, TaskCompletionSource Reached)> _awaited = [];
    readonly CancellationTokenSource _enough = new();
    readonly Task[] _callers;
    int _lastNumber;
    int _sentAgain;

    public Doors(Town town, RunningServer one, RunningServer other)
    {
        _town = town;
        _servers = [new GrpcConnection(one.Place.Grpc), new GrpcConnection(other.Place.Grpc)];
        _callers = [.. Enumerable.Range(0, ServersLimits.InFlight / 2).Select(_ => Task.Run(CallAsync))];
    }

    public int SentAgain => Volatile.Read(ref _sentAgain);

    public List<Receipt> Receipts()
    {
        lock (_lock)
            return [.. _receipts];
    }

    /// <summary>Both servers are asked again.</summary>
    public void AllBack() => Array.Clear(_away);

    /// <summary>Returns when so many more bills are acknowledged.</summary>
    public async Task SettledAsync(int more)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
            _awaited.Add((_receipts.Count + more, reached));
        await await Task.WhenAny([reached.Task.WaitAsync(ServersLimits.AnswerMax), .. _callers]);
        Assert.True(reached.Task.IsCompletedSuccessfully, "A caller ended before it was told to.");
    }

    /// <summary>Sends no new bill, waits for every answer under way and gives all receipts.</summary>
    public async Task<List<Receipt>> FinishAsync()
    {
        await _enough.CancelAsync();
        await Task.WhenAll(_callers);
        return Receipts();
    }

    public void Dispose()
    {
        _enough.Cancel();
        _enough.Dispose();
        foreach (var server in _servers)
            server.Dispose();
    }

    async Task CallAsync()
    {
        while (!_enough.IsCancellationRequested)
        {
            var number = Interlocked.Increment(ref _lastNumber);
            var receipt = await SettleAsync(number);
            lock (_lock)
            {
                _receipts.Add(receipt);
                foreach (var (_, reached) in _awaited.Where(one => one.Count <= _receipts.Count))
                    reached.TrySetResult();
                _awaited.RemoveAll(one => one.Count <= _receipts.Count);
            }
        }
    }

    async Task<Receipt> SettleAsync(int number)
    {
        var since = Stopwatch.GetTimestamp();
        for (var server = number % 2; ; server = 1 - server)
        {
            if (Volatile.Read(ref _away[server]) && !Volatile.Read(ref _away[1 - server]))
                continue;
            var answer = await TryAsync(number, _servers[server]);
            if (answer.Response is { } settlement)
                return Receipt.Of(number, settlement);
            Assert.True(
                s_sendAgain.Contains(answer.Status) && Stopwatch.GetElapsedTime(since) < ServersLimits.AnswerMax,
                $"Bill {number}: {answer.Status} {answer.Message}");
            Volatile.Write(ref _away[server], answer.Status is null || _away[server]);
            Interlocked.Increment(ref _sentAgain);
            await Task.Delay(ServersLimits.RetryPause);
        }
    }

    async Task<GrpcAnswer<Api.V1.Settlement>> TryAsync(int number, GrpcConnection connection)
    {
        using var bounded = new CancellationTokenSource(ServersLimits.Patience);
        try
        {
            return await connection.CallAsync(GrpcMethods.Settle, _town.Bill(number), bounded.Token);
        }
        catch (OperationCanceledException)
        {
            return new GrpcAnswer<Api.V1.Settlement>(null, null, null, "no answer in time");
        }
    }
}
