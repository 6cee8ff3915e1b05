namespace SettlementGrid.Regions.Following;

/// <summary>
/// Tells any number of waiting ones at once that something moved. Ask for <see cref="Next"/> before looking: what moves
/// after that completes it.
/// </summary>
sealed class Pulse
{
    TaskCompletionSource _next = New();

    public Task Next => Volatile.Read(ref _next).Task;

    public void Beat() => Interlocked.Exchange(ref _next, New()).TrySetResult();

    static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
