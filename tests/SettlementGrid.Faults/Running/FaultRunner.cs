using System.Diagnostics;
using SettlementGrid.Faults.Checking;

namespace SettlementGrid.Faults.Running;

/// <summary>Runs faults one after the other on a site they share, each with its closing check.</summary>
public sealed class FaultRunner : IAsyncDisposable
{
    Site? _shared;

    /// <summary>Never throws because of a fault: whatever happens is in the verdict.</summary>
    public async Task<Verdict> RunAsync(Fault fault, int seed, TimeSpan lasts, Action<string> say)
    {
        var since = Stopwatch.GetTimestamp();
        var site = fault.Shares ? _shared ??= await Site.StartAsync() : await Site.StartAsync();
        var run = new FaultRun(site, seed, lasts, say);
        try
        {
            await fault.RunAsync(run);
            await ClosingCheck.RunAsync(run);
        }
        catch (FaultSkippedException skipped)
        {
            run.Verdict.Skipped = skipped.Message;
        }
        // Whatever a fault or its check meets is a finding of this fault, and the next one goes on.
#pragma warning disable CA1031
        catch (Exception failed)
        {
            run.Verdict.Find($"it ended with {failed}");
            foreach (var server in run.Servers)
                run.Verdict.Find($"a server's last lines: {server.Output}");
        }
#pragma warning restore CA1031
        finally
        {
            await run.DisposeAsync();
            if (!fault.Shares)
                await site.DisposeAsync();
            else if (!run.Verdict.IsClean)
                await DisposeAsync(); // The next fault does not begin on what this one spoiled.
        }
        run.Verdict.Took = Stopwatch.GetElapsedTime(since);
        return run.Verdict;
    }

    public async ValueTask DisposeAsync()
    {
        if (_shared is { } site)
        {
            _shared = null;
            await site.DisposeAsync();
        }
    }
}
