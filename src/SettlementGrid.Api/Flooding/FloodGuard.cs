using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace SettlementGrid.Api;

/// <summary>
/// Keeps frames that cost the server much and their sender nothing from Kestrel: on every connection they are counted
/// before Kestrel works them, and a connection that overdraws its budget (<see cref="FrameBudget"/>) is closed at once,
/// unanswered. New connections from its address then come slowly for a while (<see cref="HeldAddresses"/>), so that
/// flooding again costs its sender time; those that stand there, and all others, are left alone. One for all listeners
/// of a program. Safe from any thread.
/// </summary>
public sealed class FloodGuard : IDisposable
{
    private readonly Meter _meter = new("SettlementGrid.Api");
    private readonly HeldAddresses _held;
    private readonly ILogger _log;
    private long _ended;
    private long _waited;
    private long _refused;
    private long _saidAt = long.MinValue;
    private long _unsaid;

    public FloodGuard(TimeProvider clock, ILogger<FloodGuard> log)
    {
        (Clock, _log, _held) = (clock, log, new HeldAddresses(clock));
        _meter.CreateObservableCounter(
            "api.floods_ended", () => Interlocked.Read(ref _ended), "{connection}",
            "Connections ended because they sent too many frames that ask for nothing.");
        _meter.CreateObservableCounter(
            "api.connections_slowed", () => Interlocked.Read(ref _waited), "{connection}",
            "New connections that had to wait because their address had just flooded.");
        _meter.CreateObservableCounter(
            "api.connections_refused", () => Interlocked.Read(ref _refused), "{connection}",
            "New connections refused because too many of their address, which had just flooded, waited already.");
    }

    /// <summary>Connections ended for flooding so far.</summary>
    internal long EndedCount => Interlocked.Read(ref _ended);

    internal TimeProvider Clock { get; }

    public void Dispose() => _meter.Dispose();

    /// <summary>The outermost of a listener, before anything (TLS) is worked for a connection.</summary>
    internal ConnectionDelegate Hold(ConnectionDelegate next) => connection =>
    {
        var wait = _held.Enter(AddressOf(connection));
        return wait == TimeSpan.Zero ? next(connection) : LetInAsync(connection, wait, next);
    };

    /// <summary>Next to Kestrel's HTTP, where the bytes are plain.</summary>
    internal ConnectionDelegate Watch(ConnectionDelegate next) => async connection =>
    {
        var plain = connection.Transport;
        var budget = _held.Holds(AddressOf(connection)) ? FloodLimits.BudgetHeld : FloodLimits.Budget;
        connection.Transport = new WatchedTransport(plain, new FrameWatch(connection, this, budget));
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
    internal void End(ConnectionContext connection, FrameKind last)
    {
        Interlocked.Increment(ref _ended);
        var address = AddressOf(connection);
        if (address is not null)
        {
            _held.Hold(address);
        }

        connection.Abort(new ConnectionAbortedException("Too many frames that ask for nothing."));
        Say(address, last);
    }

    private static IPAddress? AddressOf(ConnectionContext connection) =>
        (connection.RemoteEndPoint as IPEndPoint)?.Address;

    private async Task LetInAsync(ConnectionContext connection, TimeSpan? wait, ConnectionDelegate next)
    {
        if (wait is null)
        {
            Interlocked.Increment(ref _refused);
            connection.Abort(new ConnectionAbortedException("Too many connections wait from an address that flooded."));
            return;
        }

        Interlocked.Increment(ref _waited);
        await Task.Delay(wait.Value, Clock, connection.ConnectionClosed)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!connection.ConnectionClosed.IsCancellationRequested)
        {
            await next(connection);
        }
    }

    private void Say(IPAddress? address, FrameKind last)
    {
        Interlocked.Increment(ref _unsaid);
        var (said, now) = (Interlocked.Read(ref _saidAt), Clock.GetTimestamp());
        if ((said == long.MinValue || Clock.GetElapsedTime(said, now) >= FloodLimits.LogPause)
            && Interlocked.CompareExchange(ref _saidAt, now, said) == said)
        {
            // The kind of the last frame, which need not be the one that was most: enough to know what it was about.
            _log.LogWarning(
                "ended {Count} connections that flooded with frames, the last from {Address} with {Frame}",
                Interlocked.Exchange(ref _unsaid, 0), address, last);
        }
    }
}
