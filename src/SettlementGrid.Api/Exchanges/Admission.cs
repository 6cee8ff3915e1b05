namespace SettlementGrid.Api;

/// <summary>
/// Bounds what all calls of the process hold together; the bounds of one connection alone would allow connections
/// times streams times message. Full means OVERLOADED at once: nobody waits here. Safe from any thread; both counts
/// may overshoot for a moment by callers that are about to be refused, never by calls that are served.
/// </summary>
internal sealed class Admission(int callsMax, long bytesMax)
{
    private int _calls;
    private long _bytes;

    /// <summary>Admits a call, to <see cref="Leave"/> when it has ended.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _calls) <= callsMax)
        {
            return true;
        }

        Leave();
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _calls);

    /// <summary>Takes room for the bytes of a message that has not arrived whole.</summary>
    public bool TryHold(int bytes)
    {
        if (Interlocked.Add(ref _bytes, bytes) <= bytesMax)
        {
            return true;
        }

        GiveBack(bytes);
        return false;
    }

    public void GiveBack(int bytes)
    {
        if (bytes > 0)
        {
            Interlocked.Add(ref _bytes, -bytes);
        }
    }
}
