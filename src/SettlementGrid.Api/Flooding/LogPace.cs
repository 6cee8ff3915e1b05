namespace SettlementGrid.Api;

/// <summary>
/// Counts what happened until it may be said: one line for all of it, <see cref="FloodLimits.LogPause"/> after the one
/// before. Safe from any thread.
/// </summary>
internal sealed class LogPace(TimeProvider clock)
{
    private long _saidAt = long.MinValue;
    private long _unsaid;

    /// <summary>Counts one more. True: now is the time to say it.</summary>
    /// <param name="count">How many happened since the last line, this one included.</param>
    public bool IsTime(out long count)
    {
        Interlocked.Increment(ref _unsaid);
        var (said, now) = (Interlocked.Read(ref _saidAt), clock.GetTimestamp());
        var isTime = (said == long.MinValue || clock.GetElapsedTime(said, now) >= FloodLimits.LogPause)
            && Interlocked.CompareExchange(ref _saidAt, now, said) == said;
        count = isTime ? Interlocked.Exchange(ref _unsaid, 0) : 0;
        return isTime;
    }
}
