using System.Net;

namespace SettlementGrid.Api;

/// <summary>
/// Counts the streams of those who need no caller (health watches), apart from the callers' streams, so that nobody
/// unknown takes their room. One address has half of it at the most: a watcher that is refused takes the server for
/// unhealthy, and whoever opens many could have it taken so by everybody. Safe from any thread; the counts may
/// overshoot for a moment by watchers that are about to be refused.
/// </summary>
/// <param name="max">Of all addresses.</param>
internal sealed class ProbeStreams(int max)
{
    // Addresses share slots by their hash, as facilities do: two that meet share one's half.
    private const int Shares = 256;

    private readonly int[] _shares = new int[Shares + 1];
    private int _all;

    public int UnderWay => Volatile.Read(ref _all);

    /// <summary>False: there are too many, of all addresses or of this one.</summary>
    /// <param name="share">To give to <see cref="Leave"/>; 0: it came from no address.</param>
    public bool TryEnter(IPAddress? from, out int share)
    {
        share = from is null ? 0 : 1 + (int)((uint)AddressKey.Of(from).GetHashCode() % Shares);
        var all = Interlocked.Increment(ref _all);
        var ofAddress = share == 0 ? 0 : Interlocked.Increment(ref _shares[share]);
        if (all <= max && ofAddress <= max / 2)
        {
            return true;
        }

        Leave(share);
        return false;
    }

    public void Leave(int share)
    {
        Interlocked.Decrement(ref _all);
        if (share != 0)
        {
            Interlocked.Decrement(ref _shares[share]);
        }
    }
}
