using SettlementGrid.Ledger.Anchoring;

namespace SettlementGrid.Server.Composition;

/// <summary>
/// What the server does every few seconds beside answering: looks whether commits get through, anchors the ledger's
/// head, looks at the funds for alerts. From the start until disposed; then nothing of it runs any more.
/// </summary>
public sealed class Rounds : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly AnchorWriting _anchors;
    private readonly FundAlertLook _alerts;
    private readonly Task[] _running;

    public Rounds(
        RunSettings settings, TimeProvider clock, ILoggerFactory logs, Database database, Engine engine,
        Readiness readiness)
    {
        _anchors = new AnchorWriting(
            engine.Ledger, settings.AnchorPath, clock, logs.CreateLogger<AnchorWriting>());
        _alerts = new FundAlertLook(engine.Funds, engine.Catalogs, clock, logs.CreateLogger<FundAlertLook>());
        var watch = new CommitWatch(database, readiness, logs.CreateLogger<CommitWatch>());
        var log = logs.CreateLogger<Rounds>();
        _running =
        [
            LoggedAsync(watch.RunAsync(_stop.Token), log),
            LoggedAsync(_anchors.Run(_stop.Token), log),
            LoggedAsync(_alerts.RunAsync(_stop.Token), log),
        ];
    }

    /// <summary>Ends them; one that failed does not hinder the stop.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running);
        _anchors.Dispose();
        _alerts.Dispose();
        _stop.Dispose();
    }

    private static async Task LoggedAsync(Task round, ILogger log)
    {
        try
        {
            await round;
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
        catch (Exception failed)
        {
            log.LogError(failed, "something the server does beside answering has ended: {Reason}", failed.Message);
        }
    }
}
