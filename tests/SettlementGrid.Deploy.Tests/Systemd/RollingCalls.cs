using System.Collections.Concurrent;
using SettlementGrid.Api;
using SettlementGrid.Testbed;

namespace SettlementGrid.Deploy.Tests.Systemd;

/// <summary>
/// Hospitals that know all servers: bills arrive at an even rate, each goes to the next server in turn, and one whose
/// call breaks is sent once more, to the server after it, with the same request id. A server that refuses the connection
/// was not called: the next one is, as every gRPC client with several addresses does.
/// </summary>
sealed class RollingCalls(Town town, IReadOnlyList<GrpcConnection> servers, int perSecond)
{
    // A tick of 20 ms is fine enough to be even and coarse enough for a timer.
    const int TicksPerSecond = 50;

    const string Refused = "Connection refused";

    readonly ConcurrentQueue<Receipt> _receipts = new();
    readonly ConcurrentQueue<string> _failed = new();
    int _retried;

    public IReadOnlyList<Receipt> Receipts => [.. _receipts];

    /// <summary>What failed twice, in words.</summary>
    public IReadOnlyCollection<string> Failed => _failed;

    public int Retried => _retried;

    public int Sent { get; private set; }

    /// <summary>Sends until told to stop and returns when every call was answered.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var calls = new List<Task>();
        using var ticks = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / TicksPerSecond));
        try
        {
            while (await ticks.WaitForNextTickAsync(stop))
            {
                for (var i = 0; i < perSecond / TicksPerSecond; i++)
                    calls.Add(SettleAsync(Sent++));
            }
        }
        catch (OperationCanceledException)
        {
            // The restart is over.
        }
        await Task.WhenAll(calls);
    }

    async Task SettleAsync(int number)
    {
        var server = number;
        var broken = new List<string>();
        for (var refused = 0; broken.Count < 2 && refused < servers.Count; server++)
        {
            if (await CallAsync(number, server % servers.Count) is not { } instead)
                return;
            if (instead.Contains(Refused, StringComparison.Ordinal))
            {
                refused++;
                continue;
            }
            broken.Add(instead);
            if (broken.Count == 1)
                Interlocked.Increment(ref _retried);
        }
        _failed.Enqueue($"bill {number}: {string.Join(", then ", broken)}");
    }

    /// <summary>Null: settled. Otherwise what came instead.</summary>
    async Task<string?> CallAsync(int number, int server)
    {
        using var bounded = new CancellationTokenSource(TestbedLimits.CallMax);
        try
        {
            var answer = await servers[server].CallAsync(GrpcMethods.Settle, town.Bill(number), bounded.Token);
            if (answer.Response is not { } settlement)
                return $"{answer.Status?.ToString() ?? "broken"} {answer.Message}";
            _receipts.Enqueue(Receipt.Of(number, settlement));
            return null;
        }
        catch (OperationCanceledException)
        {
            return "no answer";
        }
    }
}
