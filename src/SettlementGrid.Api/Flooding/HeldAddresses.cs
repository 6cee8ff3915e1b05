using System.Net;

namespace SettlementGrid.Api;

/// <summary>
/// Addresses from which a connection was just ended for flooding: new ones from there come one after the other, until a
/// while (<see cref="FloodLimits.HeldFor"/>) has passed without another. All others pass, at the cost of reading one
/// number. Safe from any thread.
/// </summary>
internal sealed class HeldAddresses(TimeProvider clock)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<AddressKey, Held> _held = [];
    private volatile int _count;

    /// <summary>From now on connections from there wait for one another.</summary>
    public void Hold(IPAddress address)
    {
        var (key, now) = (AddressKey.Of(address), clock.GetTimestamp());
        lock (_lock)
        {
            if (_held.Count >= FloodLimits.HeldAddressesMax && !_held.ContainsKey(key))
            {
                Forget_NeedsLock(now);
                if (_held.Count >= FloodLimits.HeldAddressesMax)
                {
                    return;
                }
            }

            _held[key] = new Held(now, _held.TryGetValue(key, out var before) ? before.NextAt : now);
            _count = _held.Count;
        }
    }

    /// <summary>Whether connections from there wait for one another.</summary>
    public bool Holds(IPAddress? address)
    {
        if (_count == 0 || address is null)
        {
            return false;
        }

        lock (_lock)
        {
            return _held.TryGetValue(AddressKey.Of(address), out var held)
                && clock.GetElapsedTime(held.Since) <= FloodLimits.HeldFor;
        }
    }

    /// <summary>How long a connection from there has to wait; null: too many wait already.</summary>
    public TimeSpan? Enter(IPAddress address)
    {
        if (_count == 0)
        {
            return TimeSpan.Zero;
        }

        var (key, now) = (AddressKey.Of(address), clock.GetTimestamp());
        lock (_lock)
        {
            if (!_held.TryGetValue(key, out var held))
            {
                return TimeSpan.Zero;
            }

            if (clock.GetElapsedTime(held.Since, now) > FloodLimits.HeldFor)
            {
                Forget_NeedsLock(now);
                return TimeSpan.Zero;
            }

            var wait = held.NextAt > now ? clock.GetElapsedTime(now, held.NextAt) : TimeSpan.Zero;
            if (wait > FloodLimits.HeldWaitMax)
            {
                return null;
            }

            var pace = (long)(FloodLimits.HeldPace.TotalSeconds * clock.TimestampFrequency);
            _held[key] = held with { NextAt = Math.Max(held.NextAt, now) + pace };
            return wait;
        }
    }

    private void Forget_NeedsLock(long now)
    {
        foreach (var (key, held) in _held)
        {
            if (clock.GetElapsedTime(held.Since, now) > FloodLimits.HeldFor)
            {
                _held.Remove(key);
            }
        }

        _count = _held.Count;
    }

    /// <param name="Since">When the last of its connections was ended.</param>
    /// <param name="NextAt">When the next connection is let in.</param>
    private readonly record struct Held(long Since, long NextAt);
}
