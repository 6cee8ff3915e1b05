namespace SettlementGrid.Ledger.Tests.Kit;

/// <summary>The real clock, set to a fixed day and moved by hand; its timers run in real time.</summary>
public sealed class ShiftedClock : TimeProvider
{
    static readonly DateTimeOffset Start = new(2026, 3, 5, 8, 0, 0, TimeSpan.Zero);
    readonly long _began = System.GetTimestamp();
    TimeSpan _shift;

    public override DateTimeOffset GetUtcNow() => Start + System.GetElapsedTime(_began) + _shift;

    public long Now => GetUtcNow().ToUnixTimeMilliseconds();

    public void Move(TimeSpan by) => _shift += by;
}
