namespace SettlementGrid.Api;

/// <summary>
/// How many calls the server has ended a second while it was busy: the mean over the newest slots of a tenth of a
/// second, so that it follows a slower disk within two seconds and one slow commit moves it by little. It is asked
/// only by callers who find the server busy; a time in which nobody asked says nothing of what it can do and is left
/// out. Thread-safe.
/// </summary>
internal sealed class Pace
{
    /// <summary>Slots of <see cref="Newest"/>: enough of them that a single slow commit does not count.</summary>
    public const int NewestSlots = 4;

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

    /// <summary>Calls a second in the newest slots alone; to be asked by who ended one.</summary>
    public double Newest
    {
        get
        {
            lock (_lock)
            {
                return PerSecond(NewestSlots);
            }
        }
    }

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
            _slots[_next] = (took, ended - _endedBefore);
            _next = (_next + 1) % SlotsMax;
            Volatile.Write(ref _perSecond, PerSecond(SlotsMax));
        }

        _endedBefore = ended;
        Volatile.Write(ref _began, now);
        return true;
    }

    private double PerSecond(int newest)
    {
        var (all, many) = (0L, 0d);
        for (var back = 1; back <= newest; back++)
        {
            var (took, ended) = _slots[(_next - back + SlotsMax) % SlotsMax];
            (all, many) = (all + took, many + ended);
        }

        return many * _frequency / all;
    }
}
