namespace SettlementGrid.Ledger.Tests.Kit;

/// <summary>Another clock's time, with timers that are due a hundred times sooner: nobody waits for seconds.</summary>
public sealed class HurriedClock(TimeProvider inner) : TimeProvider
{
    const int Sooner = 100;

    public override DateTimeOffset GetUtcNow() => inner.GetUtcNow();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        System.CreateTimer(
            callback, state, dueTime > TimeSpan.Zero ? dueTime / Sooner : dueTime,
            period > TimeSpan.Zero ? period / Sooner : period);
}
