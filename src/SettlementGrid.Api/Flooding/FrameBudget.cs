namespace SettlementGrid.Api;

/// <summary>
/// What one connection may still make the server do without asking for anything. Frames that carry no call cost, at
/// what they are worth to the server; what the server answers earns, so that what belongs to calls is allowed in
/// proportion to calls that were really served; and time earns. The prices stand in <see cref="FloodLimits"/>.
/// <para>
/// Received frames and time are counted by the one who reads, sent ones by the one who writes: they meet in one number
/// that is added to atomically, and only the reader judges. A frame that was sent a moment ago may count a moment
/// later, which errs by one answer at the most.
/// </para>
/// </summary>
/// <param name="now">The clock's timestamp.</param>
/// <param name="ticksPerSecond">Of the clock's timestamps.</param>
/// <param name="atFirst">What the connection begins with, units.</param>
internal sealed class FrameBudget(long now, long ticksPerSecond, int atFirst = FloodLimits.Budget)
{
    private int _left = atFirst;
    private long _paidUntil = now;
    private int _highestStream;
    private int _earned;

    /// <summary>What is left; never more than <see cref="FloodLimits.Budget"/> after <see cref="Earn"/>.</summary>
    public int Left => _left;

    /// <summary>Adds what answers and time have earned since it was asked last.</summary>
    public void Earn(long now)
    {
        var byAnswers = Volatile.Read(ref _earned) == 0 ? 0 : Interlocked.Exchange(ref _earned, 0);
        var elapsed = Math.Min(now - _paidUntil, ticksPerSecond * FloodLimits.Budget);
        var byTime = elapsed * FloodLimits.PerSecond / ticksPerSecond;
        if (byTime > 0)
        {
            // What is short of a whole unit stays for the next time.
            _paidUntil = _left + byTime >= FloodLimits.Budget
                ? now
                : _paidUntil + (byTime * ticksPerSecond / FloodLimits.PerSecond);
        }

        _left = (int)Math.Min(FloodLimits.Budget, _left + byAnswers + byTime);
    }

    /// <summary>Pays for a frame that came. False: this is one too many.</summary>
    public bool TryPay(in FrameHeader received)
    {
        _left -= CostOf(received);
        return _left >= 0;
    }

    /// <summary>Counts a frame that the server sends.</summary>
    public void Sent(in FrameHeader sent)
    {
        var worth = sent.Kind switch
        {
            FrameKind.Headers or FrameKind.Data => sent.EndsStream ? FloodLimits.AnswerEarns : FloodLimits.PartEarns,
            FrameKind.ResetStream => -FloodLimits.RefusedStreamCosts,
            _ => 0,
        };
        if (worth != 0)
        {
            Interlocked.Add(ref _earned, worth);
        }
    }

    private int CostOf(in FrameHeader received)
    {
        switch (received.Kind)
        {
            case FrameKind.Headers when received.Stream > _highestStream:
                _highestStream = received.Stream;
                return FloodLimits.CallCosts;
            case FrameKind.Data:
                // Many clients end a call by an empty one; whoever sends another after it has broken the protocol.
                return received.EndsStream || received.Length >= FloodLimits.DataBytesFree ? 0 : FloodLimits.FrameCosts;
            case FrameKind.ResetStream:
                return FloodLimits.ResetCosts;
            case FrameKind.Settings when !received.IsAnswer:
                return FloodLimits.SettingsCost;
            default:
                return FloodLimits.FrameCosts;
        }
    }
}
