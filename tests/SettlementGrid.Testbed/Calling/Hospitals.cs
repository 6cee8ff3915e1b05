using System.Diagnostics;
using SettlementGrid.Api.V1;

namespace SettlementGrid.Testbed.Calling;

/// <summary>
/// Callers that behave as the interface asks of them: a bill is sent again, under the same request id, until it is
/// answered, whatever happens to the servers meanwhile. They know one server or several, send as fast as they are
/// answered or at an even rate, and keep a receipt of every answer. Thread-safe.
/// </summary>
public sealed class Hospitals : IDisposable
{
    // A tick of 20 ms is fine enough to be even and coarse enough for a timer.
    const int TicksPerSecond = 50;

    const string Refused = "Connection refused";

    readonly Town _town;
    readonly Habits _habits;
    readonly GrpcConnection[][] _connections;
    readonly ServerChoice _choice;
    readonly ReceiptBook _book = new();
    readonly SemaphoreSlim _room;
    readonly CancellationTokenSource _enough = new();
    readonly Task _calling;
    int _lastNumber;

    /// <summary>Begins to call at once.</summary>
    /// <param name="servers">Where they listen to gRPC.</param>
    /// <param name="firstNumber">Of the first bill; others of the same town begin where these do not reach.</param>
    public Hospitals(Town town, IReadOnlyList<Uri> servers, Habits habits, int firstNumber = 1)
    {
        (_town, _habits, _lastNumber) = (town, habits, firstNumber - 1);
        // Two of each, so that a bill sent twice at once goes two ways.
        _connections = [.. servers.Select(server => new[] { new GrpcConnection(server), new GrpcConnection(server) })];
        _choice = new ServerChoice(servers.Count, habits.AwayFor);
        _room = new SemaphoreSlim(habits.InFlight);
        _calling = habits.PerSecond is { } rate ? Task.Run(() => CallEvenlyAsync(rate)) : CallClosedAsync();
    }

    /// <summary>How often a bill had to be sent again; a refused connection is no sending.</summary>
    public int SentAgain => _book.SentAgain;

    /// <summary>The most often that one bill was sent.</summary>
    public int MostTries => _book.MostTries;

    /// <summary>The longest from a bill's first sending to its answer.</summary>
    public TimeSpan LongestUnanswered => _book.LongestUnanswered;

    /// <summary>Bills that set out, answered or not.</summary>
    public int Sent => Volatile.Read(ref _lastNumber);

    /// <summary>The receipts so far.</summary>
    public List<Receipt> Receipts() => _book.Receipts();

    /// <summary>Of the newest answer; null before the first.</summary>
    public Receipt? Latest => _book.Latest;

    /// <summary>Bills that were refused for good, as the habits allow, with what was said.</summary>
    public List<(int Number, string Said)> Refusals() => _book.Refusals();

    /// <summary>Returns when so many more bills are acknowledged.</summary>
    /// <exception cref="InvalidOperationException">A bill was refused, or stayed unanswered too long.</exception>
    public async Task SettleAsync(int more)
    {
        var reached = _book.Reached(more);
        // A caller that failed ends the wait with its failure.
        await await Task.WhenAny(reached.WaitAsync(_habits.AnswerMax), _calling, _book.Failed);
        if (!reached.IsCompletedSuccessfully)
            throw new InvalidOperationException("The callers ended before they were told to.");
    }

    /// <summary>Sends no new bill, waits for every answer under way and gives all receipts.</summary>
    /// <exception cref="InvalidOperationException">A bill was refused, or stayed unanswered too long.</exception>
    public async Task<List<Receipt>> FinishAsync()
    {
        await _enough.CancelAsync();
        await await Task.WhenAny(_calling, _book.Failed);
        return Receipts();
    }

    /// <summary>Every server is asked again.</summary>
    public void AllBack() => _choice.AllBack();

    public void Dispose()
    {
        _enough.Cancel();
        foreach (var connection in _connections.SelectMany(of => of))
            connection.Dispose();
    }

    Task CallClosedAsync() => Task.WhenAll(Enumerable.Range(0, _habits.InFlight).Select(_ => Task.Run(async () =>
    {
        while (!_enough.IsCancellationRequested)
            await CallAsync(Interlocked.Increment(ref _lastNumber));
    })));

    // Whoever has no room waits, and the bills behind too: then the rate is lower, and more never pile up.
    async Task CallEvenlyAsync(int perSecond)
    {
        var since = Stopwatch.GetTimestamp();
        var begun = 0L;
        using var ticks = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / TicksPerSecond));
        try
        {
            while (await ticks.WaitForNextTickAsync(_enough.Token))
            {
                var due = (long)(Stopwatch.GetElapsedTime(since).TotalSeconds * perSecond);
                for (; begun < due; begun++)
                {
                    await _room.WaitAsync(_enough.Token);
                    _ = CallInRoomAsync(Interlocked.Increment(ref _lastNumber));
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Enough was sent; what is under way is waited for below.
        }
        for (var i = 0; i < _habits.InFlight; i++)
            await _room.WaitAsync(CancellationToken.None);
    }

    async Task CallInRoomAsync(int number)
    {
        try
        {
            await CallAsync(number);
        }
        finally
        {
            _room.Release();
        }
    }

    async Task CallAsync(int number)
    {
        try
        {
            if (_habits.TwiceEvery > 0 && number % _habits.TwiceEvery == 0)
            {
                var both = await Task.WhenAll(SettleAsync(number, 0), SettleAsync(number, 1));
                if (both[0] != both[1])
                    throw new InvalidOperationException($"Bill {number} was answered {both[0]} and {both[1]}");
                _book.Keep(both[0]);
            }
            else
            {
                _book.Keep(await SettleAsync(number, number % 2));
            }
        }
        catch (InvalidOperationException failed)
        {
            _book.Fail(failed);
        }
    }

    /// <summary>Null: refused for good, as the habits allow.</summary>
    async Task<Receipt?> SettleAsync(int number, int way)
    {
        var since = Stopwatch.GetTimestamp();
        var sent = 0;
        for (var tries = way == number % 2 ? 0 : 1; ; tries++)
        {
            var server = _choice.For(number, tries);
            var answer = await TryAsync(number, _connections[server][way]);
            // Whoever refuses the connection was not called.
            var wasCalled = answer.Status is not null
                || answer.Message?.Contains(Refused, StringComparison.Ordinal) != true;
            sent += wasCalled ? 1 : 0;
            if (answer.Response is { } settlement)
            {
                _book.Answered(Stopwatch.GetElapsedTime(since), sent);
                return Receipt.Of(number, settlement);
            }
            if (!Habits.SendsAgain(answer.Status) && _habits.MayRefuse(answer))
            {
                _book.Refuse(number, $"{answer.Status} {answer.Message}");
                return null;
            }
            if (!Habits.SendsAgain(answer.Status) || Stopwatch.GetElapsedTime(since) > _habits.AnswerMax)
                throw new InvalidOperationException($"Bill {number}: {answer.Status} {answer.Message}");
            if (answer.Status is null)
                _choice.GaveNoAnswer(server);
            if (wasCalled)
                _book.CountSentAgain();
            await Task.Delay(_habits.RetryPause);
        }
    }

    async Task<GrpcAnswer<Settlement>> TryAsync(int number, GrpcConnection connection)
    {
        using var bounded = new CancellationTokenSource(_habits.Patience);
        try
        {
            return await connection.CallAsync(GrpcMethods.Settle, _town.Bill(number), bounded.Token);
        }
        catch (OperationCanceledException)
        {
            return new GrpcAnswer<Settlement>(null, null, null, "no answer in time");
        }
    }
}
