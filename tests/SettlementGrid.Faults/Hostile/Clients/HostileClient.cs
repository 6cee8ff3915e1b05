using System.Net.Sockets;
using SettlementGrid.Faults.Hostile.Wire;

namespace SettlementGrid.Faults.Hostile.Clients;

/// <summary>
/// Somebody who means harm, or whose program is broken: does one thing to a server until its time is over. It comes
/// from this machine, so a server without keys lets it do everything that it lets healthy clients do.
/// </summary>
public abstract class HostileClient
{
    /// <summary>How it is named on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>What it does, for the table.</summary>
    public abstract string What { get; }

    public abstract string WhatChinese { get; }

    /// <summary>Goes on until <see cref="Target.Over"/>; what the server does to its connections ends it not.</summary>
    public abstract Task RunAsync(Target target);

    /// <summary>
    /// Does one thing again and again, each time on a connection of its own, on so many at one time; a connection that
    /// the server closes is counted and opened anew.
    /// </summary>
    protected static Task ManyAsync(Target target, int connections, Func<RawConnection, Random, Task> attack) =>
        Task.WhenAll(Enumerable.Range(0, connections).Select(number => OneAfterAnotherAsync(target, number, attack)));

    static async Task OneAfterAnotherAsync(Target target, int number, Func<RawConnection, Random, Task> attack)
    {
        var draw = new Random(unchecked(target.Seed * 31 + number));
        while (!target.Over.IsCancellationRequested)
        {
            try
            {
                using var connection = await target.OpenAsync();
                await attack(connection, draw);
                if (!target.Over.IsCancellationRequested)
                    target.Counts.Closed();
            }
            catch (SocketException)
            {
                target.Counts.Closed();
                await target.PauseAsync(HostileLimits.ReconnectPause);
            }
            catch (OperationCanceledException) when (target.Over.IsCancellationRequested)
            {
                return;
            }
        }
    }
}

/// <summary>Whom to harm, how hard and until when.</summary>
/// <param name="Grpc">HTTP/2 in cleartext.</param>
/// <param name="Http">HTTP/1.1.</param>
/// <param name="Share">Of the full number of connections: 1 in a long run, less in a short one.</param>
public sealed record Target(Uri Grpc, Uri Http, int Seed, double Share, Counts Counts, CancellationToken Over)
{
    public int Of(int full) => Math.Max(1, (int)(full * Share));

    public async Task<RawConnection> OpenAsync(bool http1 = false, int receiveBufferBytes = 0)
    {
        // One that is closed before this program, in its quarter of a processor, has seen it open is opened too.
        Counts.Opened();
        var opened = await RawConnection.OpenAsync(http1 ? Http : Grpc, Over, receiveBufferBytes, Counts.Left);
        Counts.Held();
        return opened;
    }

    /// <summary>Waits so long, or until the time is over.</summary>
    public async Task PauseAsync(TimeSpan pause)
    {
        try
        {
            await Task.Delay(pause, Over);
        }
        catch (OperationCanceledException)
        {
            // Over: whoever waited looks for itself.
        }
    }
}

/// <summary>What a hostile client did and what was done to it. Thread-safe.</summary>
public sealed class Counts
{
    long _opened;
    long _closed;
    long _sent;
    long _held;
    long _heldMax;

    public void Opened() => Interlocked.Increment(ref _opened);

    public void Held()
    {
        var held = Interlocked.Increment(ref _held);
        for (var most = Interlocked.Read(ref _heldMax); held > most;)
            most = Interlocked.CompareExchange(ref _heldMax, held, most);
    }

    /// <summary>A connection is given up, whoever closed it.</summary>
    public void Left() => Interlocked.Decrement(ref _held);

    public void Closed() => Interlocked.Increment(ref _closed);

    public void Sent(long more) => Interlocked.Add(ref _sent, more);

    /// <summary>One line for the program that started this one.</summary>
    public override string ToString() =>
        $"{Interlocked.Read(ref _opened)} {Interlocked.Read(ref _heldMax)} {Interlocked.Read(ref _closed)} "
        + $"{Interlocked.Read(ref _sent)}";
}
