namespace SettlementGrid.Api;

/// <summary>
/// How many calls the server has ended a second while it was busy: the mean over the newest slots of a tenth of a
/// second, so that it follows a slower disk within two seconds and one slow commit moves it by little. It is asked
/// only by callers who find the server busy; a time in which nobody asked says nothing of what it can do and is left
/// out. Thread-safe.
/// </summary>
internal sealed class Pace
{
    private const int SlotsMax = 16;

    private readonly Lock _lock = new();
    private readonly (long Took, double Ended)[] _slots = new (long, double)[SlotsMax];
    private readonly long _frequency;
    private readonly long _slot;

    // The longest that a silence counts: a stall must not be remembered as if the server were that slow.
    private readonly long _silence;

    private long _ended;
    private long _endedBefore;
    private long _began;
    private int _next;
    private double _perSecond;

    /// <param name="atFirst">Calls a second that are counted on until measured ones have taken their place.</param>
    public Pace(TimeProvider clock, double atFirst)
    {
        _frequency = clock.TimestampFrequency;
        _slot = _frequency / 10;
        _silence = _frequency / 2;
        _began = clock.GetTimestamp();
        _perSecond = atFirst;
        Array.Fill(_slots, (_slot, atFirst / 10));
    }

    /// <summary>Calls a second, as last measured.</summary>
    public double Last => Volatile.Read(ref _perSecond);

    /// <summary>Counts what has ended with an answer.</summary>
    public void Count(int units) => Interlocked.Add(ref _ended, units);

    /// <summary>Ends a slot that is over. True: this call did it, and no other one of it.</summary>
    /// <param name="afterPause">Nobody had asked for long: what was known of the last moments says nothing.</param>
    public bool TryEnd(long now, out bool afterPause)
    {
        afterPause = false;
        if (now - Volatile.Read(ref _began) < _slot || !_lock.TryEnter())
        {
            return false;
        }

        try
        {
            return End(now, out afterPause);
        }
        finally
        {
            _lock.Exit();
        }
    }

    private bool End(long now, out bool afterPause)
    {
        var took = now - _began;
        var ended = Volatile.Read(ref _ended);

        // A batch that is still on its way to the disk: the slot waits for it, as long as a silence may count.
        afterPause = took > 2 * _silence;
        if (took < _slot || (ended == _endedBefore && took < _silence))
        {
            return false;
        }

        // After a pause: nobody asked in between, so the server was not busy.
        if (!afterPause)
        {
            _slots[_next++ % SlotsMax] = (took, ended - _endedBefore);
            var (all, many) = (0L, 0d);
            foreach (var (slotTook, slotEnded) in _slots)
            {
                (all, many) = (all + slotTook, many + slotEnded);
            }

            Volatile.Write(ref _perSecond, many * _frequency / all);
        }

        _endedBefore = ended;
        Volatile.Write(ref _began, now);
        return true;
    }
}
