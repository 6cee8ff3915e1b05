using System.Net;
using Microsoft.AspNetCore.Connections;

namespace SettlementGrid.Api;

/// <summary>
/// Connections on which nothing has been answered yet, by address. So many that have asked nothing are let in, the next
/// ones wait in line. While somebody waits, whoever has been silent the longest is closed as soon as it has had its
/// chance: who only holds connections open keeps nobody out, and little in memory. Of those that have asked and are not
/// answered an address has more, for the server may be slow; beyond that the oldest is closed. Who was answered once is
/// forgotten here, and neither counted nor closed: hospitals behind one NAT or balancer ask as soon as they connect.
/// <para>
/// Within one <see cref="FloodLimits.SilentChance"/> room is made of all that are within, so the last of a line of
/// twice as many (<see cref="FloodLimits.LineMax"/>) waits for two, and a <see cref="FloodLimits.LinePause"/> each. A
/// connection costs a lock, taken four times. Safe from any thread.
/// </para>
/// </summary>
/// <param name="close">
/// Closes one whose room is wanted; called without the lock. If it throws, the others are closed all the same.
/// </param>
internal sealed class Newcomers(TimeProvider clock, Action<Newcomer> close) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<AddressKey, Crowd> _crowds = [];

    /// <summary>Connections of all addresses, those in line too.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _crowds.Values.Sum(crowd => crowd.InLine.Count + crowd.Silent.Count + crowd.Asked.Count);
            }
        }
    }

    /// <summary>A connection comes; it waits for <see cref="Newcomer.Turn"/>. Null: too many wait already.</summary>
    public Newcomer? Come(IPAddress address, ConnectionContext connection)
    {
        var key = AddressKey.Of(address);
        Newcomer newcomer;
        List<Newcomer>? closed;
        lock (_lock)
        {
            if (!_crowds.TryGetValue(key, out var crowd))
            {
                _crowds.Add(key, crowd = new Crowd(key));
            }

            if (crowd.InLine.Count >= FloodLimits.LineMax)
            {
                return null;
            }

            newcomer = new Newcomer(this, crowd, address, connection);
            crowd.InLine.AddLast(newcomer.Node);
            closed = Admit_NeedsLock(crowd);
            if (newcomer.Node.List == crowd.InLine)
            {
                newcomer.Wait_NeedsLock();
            }
        }

        CloseAll(closed);
        return newcomer;
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var crowd in _crowds.Values)
            {
                crowd.Timer?.Dispose();
            }
        }
    }

    internal void Ask(Newcomer newcomer)
    {
        List<Newcomer>? closed;
        lock (_lock)
        {
            var crowd = newcomer.Crowd;
            if (newcomer.Node.List != crowd.Silent)
            {
                return;
            }

            crowd.Silent.Remove(newcomer.Node);
            crowd.Asked.AddLast(newcomer.Node);
            closed = Admit_NeedsLock(crowd);
            if (crowd.Asked.Count > FloodLimits.AskedMax)
            {
                (closed ??= []).Add(crowd.Asked.First!.Value);
                crowd.Asked.RemoveFirst();
            }
        }

        CloseAll(closed);
    }

    internal void Forget(Newcomer newcomer)
    {
        List<Newcomer>? closed;
        lock (_lock)
        {
            if (newcomer.Node.List is null)
            {
                return;
            }

            newcomer.Forget_NeedsLock();
            closed = Admit_NeedsLock(newcomer.Crowd);
        }

        CloseAll(closed);
    }

    private void Wake(Crowd crowd)
    {
        List<Newcomer>? closed;
        lock (_lock)
        {
            if (!crowd.IsTimerSet)
            {
                return; // it fired while the last of the crowd left
            }

            crowd.IsTimerSet = false;
            closed = Admit_NeedsLock(crowd);
        }

        CloseAll(closed);
    }

    // Lets in as many as there is room for and can be made; gives those that must be closed for it.
    private List<Newcomer>? Admit_NeedsLock(Crowd crowd)
    {
        List<Newcomer>? closed = null;
        var now = clock.GetTimestamp();
        while (crowd.InLine.First is { } next)
        {
            if (crowd.Silent.Count >= FloodLimits.SilentMax)
            {
                var oldest = crowd.Silent.First!;
                var left = FloodLimits.SilentChance - clock.GetElapsedTime(oldest.Value.Since, now);
                if (left > TimeSpan.Zero)
                {
                    SetTimer_NeedsLock(crowd, left);
                    return closed;
                }

                crowd.Silent.Remove(oldest);
                (closed ??= []).Add(oldest.Value);
            }

            crowd.InLine.Remove(next);
            crowd.Silent.AddLast(next);
            next.Value.LetIn_NeedsLock(now);
        }

        if (crowd.Silent.Count + crowd.Asked.Count == 0)
        {
            _crowds.Remove(crowd.Key);
            crowd.IsTimerSet = false;
            crowd.Timer?.Dispose();
        }

        return closed;
    }

    // One that is set already fires no later than it must: it was set for somebody older.
    private void SetTimer_NeedsLock(Crowd crowd, TimeSpan left)
    {
        if (crowd.IsTimerSet)
        {
            return;
        }

        crowd.IsTimerSet = true;
        var due = left > FloodLimits.LinePause ? left : FloodLimits.LinePause;
        if (crowd.Timer?.Change(due, Timeout.InfiniteTimeSpan) is null)
        {
            crowd.Timer = TimerOf(crowd, due);
        }
    }

    private ITimer TimerOf(Crowd crowd, TimeSpan due)
    {
        // It serves the whole crowd: the log scope and trace of whoever set it must not stick to what it does.
        if (ExecutionContext.IsFlowSuppressed())
        {
            return clock.CreateTimer(_ => Wake(crowd), null, due, Timeout.InfiniteTimeSpan);
        }

        using (ExecutionContext.SuppressFlow())
        {
            return clock.CreateTimer(_ => Wake(crowd), null, due, Timeout.InfiniteTimeSpan);
        }
    }

    // On the thread of whoever came, asked or left, or of the timer, which an exception would take the program from.
    private void CloseAll(List<Newcomer>? closed)
    {
        if (closed is null)
        {
            return;
        }

        foreach (var newcomer in closed)
        {
            try
            {
                close(newcomer);
            }
            catch (Exception)
            {
                // It counts no longer and ends by its own timeouts. What else can fail is the log: nobody to be told.
            }
        }
    }

    /// <summary>The newcomers of one address, each list in the order in which they came to it.</summary>
    internal sealed class Crowd(AddressKey key)
    {
        public AddressKey Key { get; } = key;

        public LinkedList<Newcomer> InLine { get; } = [];

        public LinkedList<Newcomer> Silent { get; } = [];

        public LinkedList<Newcomer> Asked { get; } = [];

        public ITimer? Timer { get; set; }

        public bool IsTimerSet { get; set; }
    }
}
