namespace SettlementGrid.Simulation.World;

/// <summary>
/// One server's wall clock: it may jump, as clocks of machines do; what is measured between does not.
/// </summary>
sealed class ServerClock(TimeProvider world) : TimeProvider
{
    TimeSpan _ahead;

    public override long TimestampFrequency => world.TimestampFrequency;

    public void Jump(TimeSpan by) => _ahead += by;

    public override DateTimeOffset GetUtcNow() => world.GetUtcNow() + _ahead;

    public override long GetTimestamp() => world.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        world.CreateTimer(callback, state, dueTime, period);
}
