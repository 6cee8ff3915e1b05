namespace SettlementGrid.Api;

/// <summary>
/// How many calls may be under way so that the processors' queue stays short. Where it stands for a whole slot, more
/// calls want to run than there are processors, and everything waits behind them, refusals too: the room shrinks in
/// proportion, and grows again by small steps while the queue gets empty in between.
/// </summary>
internal sealed class ProcessorRoom(AdmissionBounds bounds)
{
    // At most to a quarter in one step: what is under way must leave before the next look means anything.
    private const double ShrinkMax = 0.25;
    private const int GrowthPart = 16;

    private int _calls = bounds.CallsMax;

    public int Calls => Volatile.Read(ref _calls);

    /// <summary>Forgets what was, after a time in which there was no crowd.</summary>
    public void Reset() => Volatile.Write(ref _calls, bounds.CallsMax);

    /// <summary>To be told once a slot.</summary>
    /// <param name="leastWait">The shortest wait in the processors' queue in that slot.</param>
    /// <param name="pace">Calls ended a second.</param>
    public void Look(TimeSpan leastWait, int underWay, double pace)
    {
        var calls = Math.Min(Calls, bounds.CallsMax);
        if (leastWait > ApiLimits.ProcessorWait)
        {
            var part = Math.Max(ShrinkMax, ApiLimits.ProcessorWait / leastWait);
            var least = Math.Max(bounds.CallsFree, (int)(pace * ApiLimits.WaitShort.TotalSeconds));
            calls = Math.Max((int)(Math.Min(calls, underWay) * part), least);
        }
        else
        {
            calls += (calls / GrowthPart) + 1;
        }

        Volatile.Write(ref _calls, Math.Min(calls, bounds.CallsMax));
    }
}
