using System.Net;
using Microsoft.AspNetCore.Connections;

namespace SettlementGrid.Api;

/// <summary>A connection on which nothing has been answered yet; <see cref="Newcomers"/> keeps them.</summary>
internal sealed class Newcomer
{
    private readonly Newcomers _all;
    private TaskCompletionSource? _turn;

    public Newcomer(Newcomers all, Newcomers.Crowd crowd, IPAddress address, ConnectionContext connection)
    {
        (_all, Crowd, Address, Connection) = (all, crowd, address, connection);
        Node = new LinkedListNode<Newcomer>(this);
    }

    public IPAddress Address { get; }

    public ConnectionContext Connection { get; }

    /// <summary>Completes when it is let in or forgotten.</summary>
    public Task Turn => _turn?.Task ?? Task.CompletedTask;

    internal Newcomers.Crowd Crowd { get; }

    internal LinkedListNode<Newcomer> Node { get; }

    /// <summary>The clock's timestamp when it was let in.</summary>
    internal long Since { get; private set; }

    /// <summary>Something was asked on it. Once more: nothing.</summary>
    public void Ask() => _all.Ask(this);

    /// <summary>Something was answered on it, or it has ended: it counts no longer. Once more: nothing.</summary>
    public void Leave() => _all.Forget(this);

    internal void Wait_NeedsLock() =>
        _turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    internal void LetIn_NeedsLock(long now)
    {
        Since = now;
        _turn?.TrySetResult();
    }

    internal void Forget_NeedsLock()
    {
        Node.List!.Remove(Node);
        _turn?.TrySetResult();
    }
}
