using System.Diagnostics;
using SettlementGrid.Api;
using SettlementGrid.Testbed;

namespace SettlementGrid.Crash.Tests;

/// <summary>
/// Callers that behave as the interface asks of them: a bill is sent again, under the same request id, until it is
/// answered, whatever happens to the server meanwhile. Every fiftieth is sent twice at once. They keep a receipt of
/// every answer. Thread-safe.
/// </summary>
sealed class Hospitals : IDisposable
{
    static readonly GrpcStatus?[] s_sendAgain =
    [
        null, // the connection broke
        GrpcStatus.Unavailable, GrpcStatus.DeadlineExceeded, GrpcStatus.ResourceExhausted,
    ];

    readonly Town _town;
    readonly GrpcConnection[] _connections;
    readonly Lock _lock = new();
    readonly List<Receipt> _receipts = [];
    readonly List<(int Count, TaskCompletionSource Reached)> _awaited = [];
    readonly CancellationTokenSource _enough = new();
    readonly Task[] _callers;
    int _lastNumber;
    int _sentAgain;

    public Hospitals(ServerPlace place, Town town)
    {
        _town = town;
        _connections = [new GrpcConnection(place.Grpc), new GrpcConnection(place.Grpc)];
        _callers = [.. Enumerable.Range(0, CrashLimits.InFlight).Select(caller => Task.Run(() => CallAsync(caller)))];
    }

    /// <summary>How often a bill had to be sent again.</summary>
    public int SentAgain => Volatile.Read(ref _sentAgain);

    /// <summary>The receipts so far.</summary>
    public List<Receipt> Receipts()
    {
        lock (_lock)
            return [.. _receipts];
    }

    /// <summary>Returns when so many more bills are acknowledged.</summary>
    public async Task SettleAsync(int more)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
            _awaited.Add((_receipts.Count + more, reached));
        // A caller that failed ends the wait with its failure.
        var first = await Task.WhenAny([reached.Task.WaitAsync(CrashLimits.AnswerMax), .. _callers]);
        await first;
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
        foreach (var connection in _connections)
            connection.Dispose();
    }

    async Task CallAsync(int caller)
    {
        while (!_enough.IsCancellationRequested)
        {
            var number = Interlocked.Increment(ref _lastNumber);
            if (number % 50 == 0)
            {
                var (one, other) = (SettleAsync(number, _connections[0]), SettleAsync(number, _connections[1]));
                Assert.Equal(await one, await other);
                Keep(await one);
            }
            else
            {
                Keep(await SettleAsync(number, _connections[caller % _connections.Length]));
            }
        }
    }

    async Task<Receipt> SettleAsync(int number, GrpcConnection connection)
    {
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            var answer = await TryAsync(number, connection);
            if (answer.Response is { } settlement)
                return Receipt.Of(number, settlement);
            Assert.True(
                s_sendAgain.Contains(answer.Status) && Stopwatch.GetElapsedTime(since) < CrashLimits.AnswerMax,
                $"Bill {number}: {answer.Status} {answer.Message}");
            Interlocked.Increment(ref _sentAgain);
            await Task.Delay(CrashLimits.RetryPause);
        }
    }

    async Task<GrpcAnswer<Api.V1.Settlement>> TryAsync(int number, GrpcConnection connection)
    {
        using var bounded = new CancellationTokenSource(TestbedLimits.CallMax);
        try
        {
            return await connection.CallAsync(GrpcMethods.Settle, _town.Bill(number), bounded.Token);
        }
        catch (OperationCanceledException)
        {
            return new GrpcAnswer<Api.V1.Settlement>(null, null, null, "no answer in time");
        }
    }

    void Keep(Receipt receipt)
    {
        lock (_lock)
        {
            _receipts.Add(receipt);
            foreach (var (_, reached) in _awaited.Where(one => one.Count <= _receipts.Count))
                reached.TrySetResult();
            _awaited.RemoveAll(one => one.Count <= _receipts.Count);
        }
    }
}
