namespace SettlementGrid.Ledger.Tests.Kit;

/// <summary>
/// Another clock's time; while it hurries, timers are due a hundred times sooner: nobody waits for seconds.
/// </summary>
public sealed class HurriedClock(TimeProvider inner) : TimeProvider
{
    const int Sooner = 100;

    public bool Hurries { get; set; }

    public override DateTimeOffset GetUtcNow() => inner.GetUtcNow();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var sooner = Hurries ? Sooner : 1;
        return System.CreateTimer(
            callback, state, dueTime > TimeSpan.Zero ? dueTime / sooner : dueTime,
            period > TimeSpan.Zero ? period / sooner : period);
    }
}
