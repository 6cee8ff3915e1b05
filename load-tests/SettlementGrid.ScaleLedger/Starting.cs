using System.Diagnostics;
using System.Globalization;
using SettlementGrid.Testbed;

namespace SettlementGrid.ScaleLedger;

/// <summary>
/// How long the real server takes from its start to the line that says it is ready, on filled folders by turns: after
/// an orderly stop, after SIGKILL of the server, and after SIGKILL of server and database. And when its funds stand at
/// the ledger's head, which readiness does not wait for: whoever asks for funds before waits.
/// </summary>
sealed class Starting(string[] folders, int rounds, Action<string> say)
{
    static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);
    static readonly TimeSpan FundsMax = TimeSpan.FromMinutes(10);

    public async Task Run(CancellationToken cancellation)
    {
        say("| folder | start after | ready s | server's CPU s until then | funds at the head s | resident MB then |");
        say("| --- | --- | ---: | ---: | ---: | ---: |");
        for (var round = 0; round < rounds; round++)
            foreach (var folder in folders)
                await Measure(folder, cancellation);
    }

    async Task Measure(string folder, CancellationToken cancellation)
    {
        await using var server = await RunningServer.StartAsync(ServerPlace.On(folder));
        await Tell(server, folder, "a stop", cancellation);
        await server.KillAsync();
        await server.StartAgainAsync();
        await Tell(server, folder, "SIGKILL of the server", cancellation);
        await server.KillAsync();
        server.KillDatabase();
        await server.StartAgainAsync();
        await Tell(server, folder, "SIGKILL of both", cancellation);
    }

    async Task Tell(RunningServer server, string folder, string after, CancellationToken cancellation)
    {
        var cpu = DatabaseFigures.Processor(server.ProcessId);
        using var http = new HttpClient();
        var since = Stopwatch.GetTimestamp();
        while (await FundsBehind(http, server, cancellation))
        {
            if (Stopwatch.GetElapsedTime(since) > FundsMax)
                throw new TimeoutException("The funds did not come to the ledger's head.");
            await Task.Delay(Look, cancellation);
        }
        var funds = server.StartTook + Stopwatch.GetElapsedTime(since);
        using var process = Process.GetProcessById(server.ProcessId);
        say(string.Create(
            CultureInfo.InvariantCulture,
            $"| {Path.GetFileName(folder)} | {after} | {server.StartTook.TotalSeconds:0.0} | {cpu:0.0} "
            + $"| {funds.TotalSeconds:0.0} | {process.WorkingSet64 >> 20} |"));
    }

    /// <summary>
    /// Until the fold has met the head its mark is 0 or that of a checkpoint, and it sees itself behind.
    /// </summary>
    static async Task<bool> FundsBehind(HttpClient http, RunningServer server, CancellationToken cancellation)
    {
        var text = await http.GetStringAsync(new Uri(server.Place.Http, "/metrics"), cancellation);
        return Figure(text, "settlementgrid_funds_mark") == 0 || Figure(text, "settlementgrid_funds_lag") > 0;
    }

    static double Figure(string text, string name) => text.Split('\n')
        .Where(line => line.StartsWith(name + " ", StringComparison.Ordinal))
        .Select(line => double.Parse(line[(name.Length + 1)..], CultureInfo.InvariantCulture)).FirstOrDefault();
}
