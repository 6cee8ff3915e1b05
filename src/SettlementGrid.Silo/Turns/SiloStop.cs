namespace SettlementGrid.Silo.Turns;

/// <summary>
/// Cancelled when a silo's stop has waited long enough for turns: appends that are still queued are given up, so that
/// nothing is left in doubt.
/// </summary>
public sealed class SiloStop : IDisposable
{
    readonly CancellationTokenSource _source = new();

    public CancellationToken Token => _source.Token;

    public void GiveUp() => _source.Cancel();

    public void Dispose() => _source.Dispose();
}
