using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging;

namespace SettlementGrid.Api;

/// <summary>
/// Keeps frames that cost the server much and their sender nothing from Kestrel: on every connection they are counted
/// before Kestrel works them, and a connection that overdraws its budget (<see cref="FrameBudget"/>) is closed at once,
/// unanswered. New connections from its address then come slowly for a while (<see cref="HeldAddresses"/>), so that
/// flooding again costs its sender time; those that stand there, and all others, are left alone. And of connections on
/// which nothing was answered yet an address may have a bounded number (<see cref="Newcomers"/>). One for all listeners
/// of a program. Safe from any thread.
/// </summary>
public sealed class FloodGuard : IDisposable
{
    private readonly Meter _meter = new("SettlementGrid.Api");
    private readonly HeldAddresses _held;
    private readonly Newcomers _newcomers;
    private readonly ILogger _log;
    private readonly LogPace _endedLines;
    private readonly LogPace _closedLines;
    private long _ended;
    private long _closed;
    private long _waited;
    private long _refused;

    public FloodGuard(TimeProvider clock, ILogger<FloodGuard> log)
    {
        (Clock, _log, _held, _newcomers) = (clock, log, new HeldAddresses(clock), new Newcomers(clock, Close));
        (_endedLines, _closedLines) = (new LogPace(clock), new LogPace(clock));
        _meter.CreateObservableCounter(
            "api.floods_ended", () => Interlocked.Read(ref _ended), "{connection}",
            "Connections ended because they sent too many frames that ask for nothing.");
        _meter.CreateObservableCounter(
            "api.connections_slowed", () => Interlocked.Read(ref _waited), "{connection}",
            "New connections that had to wait because their address had just flooded or has too many unanswered ones.");
        _meter.CreateObservableCounter(
            "api.connections_refused", () => Interlocked.Read(ref _refused), "{connection}",
            "New connections refused because too many of their address waited already.");
        _meter.CreateObservableCounter(
            "api.newcomers_closed", () => Interlocked.Read(ref _closed), "{connection}",
            "Connections closed because nothing was answered on them yet and others of their address needed room.");
    }

    /// <summary>Connections ended for flooding so far.</summary>
    internal long EndedCount => Interlocked.Read(ref _ended);

    /// <summary>Connections closed so far to make room.</summary>
    internal long ClosedCount => Interlocked.Read(ref _closed);

    /// <summary>Connections on which nothing was answered yet.</summary>
    internal int NewcomersCount => _newcomers.Count;

    internal TimeProvider Clock { get; }

    public void Dispose()
    {
        _newcomers.Dispose();
        _meter.Dispose();
    }

    /// <summary>The outermost of a listener, before anything (TLS) is worked for a connection.</summary>
    internal ConnectionDelegate Hold(ConnectionDelegate next) => async connection =>
    {
        if (connection.RemoteEndPoint is not IPEndPoint { Address: var address })
        {
            await next(connection);
        }
        else if (await IsPastHoldAsync(connection, _held.Enter(address)))
        {
            await LetInAsync(connection, address, next);
        }
    };

    /// <summary>Next to Kestrel's HTTP, where the bytes are plain.</summary>
    internal ConnectionDelegate Watch(ConnectionDelegate next) => async connection =>
    {
        var plain = connection.Transport;
        var newcomer = connection.Features.Get<Newcomer>();
        var budget = _held.Holds(newcomer?.Address) ? FloodLimits.BudgetHeld : FloodLimits.Budget;
        connection.Transport = new WatchedTransport(plain, new FrameWatch(connection, this, budget, newcomer));
        try
        {
            await next(connection);
        }
        finally
        {
            connection.Transport = plain;
        }
    };

    /// <summary>Closes a connection, and remembers where it came from.</summary>
    internal void End(ConnectionContext connection, IPAddress? address, FrameKind last)
    {
        Interlocked.Increment(ref _ended);
        if (address is not null)
        {
            _held.Hold(address);
        }

        connection.Abort(new ConnectionAbortedException("Too many frames that ask for nothing."));
        if (_endedLines.IsTime(out var count))
        {
            // The kind of the last frame, which need not be the one that was most: enough to know what it was about.
            _log.LogWarning(
                "ended {Count} connections that flooded with frames, the last from {Address} with {Frame}",
                count, address, last);
        }
    }

    private async ValueTask<bool> IsPastHoldAsync(ConnectionContext connection, TimeSpan? wait)
    {
        if (wait is null)
        {
            Refuse(connection);
            return false;
        }

        if (wait > TimeSpan.Zero)
        {
            Interlocked.Increment(ref _waited);
            await Task.Delay(wait.Value, Clock, connection.ConnectionClosed)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return !connection.ConnectionClosed.IsCancellationRequested;
    }

    private async Task LetInAsync(ConnectionContext connection, IPAddress address, ConnectionDelegate next)
    {
        if (_newcomers.Come(address, connection) is not { } newcomer)
        {
            Refuse(connection);
            return;
        }

        try
        {
            if (!newcomer.Turn.IsCompleted)
            {
                Interlocked.Increment(ref _waited);
                await using var leaving = connection.ConnectionClosed.UnsafeRegister(
                    static gone => ((Newcomer)gone!).Leave(), newcomer);
                await newcomer.Turn;
            }

            if (!connection.ConnectionClosed.IsCancellationRequested && await HasSpokenAsync(connection))
            {
                connection.Features.Set(newcomer);
                await next(connection);
            }
        }
        finally
        {
            newcomer.Leave();
        }
    }

    // Waits for a first byte and leaves it where it is: TLS and HTTP/2 allocate 30 kB before they have read one, which
    // a connection that never sends any need not cost. Clients speak first in all that is spoken here.
    private async ValueTask<bool> HasSpokenAsync(ConnectionContext connection)
    {
        var stopping = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested;
        using var idle = new CancellationTokenSource(ConnectionLimits.IdleMax, Clock);
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(idle.Token, stopping ?? default);
        try
        {
            var first = await connection.Transport.Input.ReadAsync(bounded.Token);
            connection.Transport.Input.AdvanceTo(first.Buffer.Start);
            return !first.Buffer.IsEmpty;
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException)
        {
            return false;
        }
    }

    private void Refuse(ConnectionContext connection)
    {
        Interlocked.Increment(ref _refused);
        connection.Abort(new ConnectionAbortedException("Too many connections of this address wait already."));
    }

    private void Close(Newcomer newcomer)
    {
        newcomer.Connection.Abort(new ConnectionAbortedException("Its room is needed by others of its address."));
        Interlocked.Increment(ref _closed);
        if (_closedLines.IsTime(out var count))
        {
            _log.LogWarning(
                "closed {Count} connections on which nothing was answered yet, for others of their address, the last "
                    + "from {Address}",
                count, newcomer.Address);
        }
    }
}
