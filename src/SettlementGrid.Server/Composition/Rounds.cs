using SettlementGrid.Ledger.Anchoring;

namespace SettlementGrid.Server.Composition;

/// <summary>
/// What the server does every few seconds beside answering: looks whether commits get through, anchors the ledger's
/// head, looks at the funds for alerts, and what is added. From the start until disposed; then nothing of it runs any
/// more.
/// </summary>
public sealed class Rounds : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly FundAlertLook _alerts;
    private readonly ILogger _log;
    private readonly List<Task> _running;

    public Rounds(
        TimeProvider clock, ILoggerFactory logs, Database database, Engine engine, Readiness readiness,
        AnchorWriting anchors)
    {
        _alerts = new FundAlertLook(engine.Funds, engine.Catalogs, clock, logs.CreateLogger<FundAlertLook>());
        var watch = new CommitWatch(database, readiness, logs.CreateLogger<CommitWatch>());
        _log = logs.CreateLogger<Rounds>();
        _running =
        [
            LoggedAsync(watch.RunAsync(_stop.Token), _log),
            LoggedAsync(anchors.Run(_stop.Token), _log),
            LoggedAsync(_alerts.RunAsync(_stop.Token), _log),
        ];
    }

    /// <summary>Begins one more; before the stop, by whoever made this.</summary>
    public void Add(Func<CancellationToken, Task> round) => _running.Add(LoggedAsync(round(_stop.Token), _log));

    /// <summary>Ends them; one that failed does not hinder the stop.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running);
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
