namespace SettlementGrid.Api;

/// <summary>
/// How many calls may be under way so that the processors' queue stays short. Where it stands for a whole slot, more
/// calls want to run than there are processors, and everything waits behind them, refusals too: the room shrinks in
/// proportion, and grows again by small steps while the queue gets empty in between. It also grows where shrinking
/// would cost pace: then it is others who make the queue (another program, or the refusals themselves), and fewer
/// calls under way would only get a smaller part of the processors.
/// </summary>
internal sealed class ProcessorRoom(AdmissionBounds bounds)
{
    // At most to a quarter in one step, and then as many slots until the pace shows what it did.
    private const double ShrinkMax = 0.25;
    private const int SlotsAfterShrinking = Pace.NewestSlots;
    private const int GrowthPart = 16;

    // The best pace is forgotten by a twentieth a second, so that a slower machine is believed after some seconds.
    private const double BestKept = 0.995;
    private const double PaceKept = 0.8;

    private int _calls = bounds.CallsMax;
    private double _best;
    private int _rest;

    public int Calls => Volatile.Read(ref _calls);

    /// <summary>Forgets what was, after a time in which there was no crowd.</summary>
    public void Reset()
    {
        Volatile.Write(ref _calls, bounds.CallsMax);
        (_best, _rest) = (0, 0);
    }

    /// <summary>To be told once a slot, by one thread at a time.</summary>
    /// <param name="leastWait">The shortest wait in the processors' queue in that slot.</param>
    /// <param name="newest">Calls ended a second in the newest slots.</param>
    public void Look(TimeSpan leastWait, int underWay, double newest)
    {
        var calls = Calls;
        _best = Math.Max(newest, _best * BestKept);
        if (leastWait <= ApiLimits.ProcessorWait || newest < PaceKept * _best)
        {
            calls += (calls / GrowthPart) + 1;
        }
        else if (--_rest <= 0)
        {
            var part = Math.Max(ShrinkMax, ApiLimits.ProcessorWait / leastWait);
            var least = Math.Max(bounds.CallsForProcessors, (int)(_best * ApiLimits.WaitShort.TotalSeconds));
            calls = Math.Max((int)(Math.Min(calls, underWay) * part), least);
            _rest = SlotsAfterShrinking;
        }

        Volatile.Write(ref _calls, Math.Min(calls, bounds.CallsMax));
    }
}
