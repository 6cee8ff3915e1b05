using System.Diagnostics;
using SettlementGrid.Faults.Hostile.Clients;
using SettlementGrid.Testbed;

namespace SettlementGrid.Faults.Hostile.Measuring;

/// <summary>
/// A hostile client as a process of its own, which is this program once more: it begins when it is told to, after it
/// was put into its control group, and ends when its input closes, so it never outlives who started it.
/// </summary>
public sealed class HostileProcess : IDisposable
{
    /// <summary>The first word of the command line that makes this program a hostile client.</summary>
    public const string Command = "hostile-client";

    readonly string _name;
    readonly Process _process;

    HostileProcess(string name, Process process) => (_name, _process) = (name, process);

    public static HostileProcess Start(
        HostileClient client, ServerPlace place, int seed, double share, QuarterProcessor? quarter)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        foreach (var word in (string[])
            [
                Path.Combine(AppContext.BaseDirectory, "SettlementGrid.Faults.dll"), Command, client.Name,
                place.Grpc.ToString(), place.Http.ToString(), $"{seed}", $"{share}",
            ])
            start.ArgumentList.Add(word);
        var process = Process.Start(start)!;
        quarter?.Hold(process.Id);
        return new HostileProcess(client.Name, process);
    }

    /// <summary>Lets it begin.</summary>
    public Task BeginAsync() => _process.StandardInput.WriteAsync("begin\n").ContinueWith(
        _ => _process.StandardInput.Flush(), TaskScheduler.Default);

    /// <summary>Ends it and gives what it counted: connections opened, held at one time at the most and closed by the
    /// server, things sent.</summary>
    /// <exception cref="TimeoutException">It does not end.</exception>
    public async Task<(long Opened, long Held, long Closed, long Sent)> EndAsync(CancellationToken cancellation)
    {
        _process.StandardInput.Close();
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bounded.CancelAfter(TestbedLimits.CallMax);
        string line;
        try
        {
            line = await _process.StandardOutput.ReadToEndAsync(bounded.Token);
            await _process.WaitForExitAsync(bounded.Token);
        }
        catch (OperationCanceledException late) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException(
                $"The hostile client {_name} did not end within {TestbedLimits.CallMax.TotalSeconds} s.", late);
        }
        var words = line.Split(' ', StringSplitOptions.TrimEntries);
        return words.Length == 4
            ? (long.Parse(words[0]), long.Parse(words[1]), long.Parse(words[2]), long.Parse(words[3]))
            : throw new InvalidOperationException($"The hostile client ended with {_process.ExitCode}: {line}");
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    /// <summary>What the process does; the words after <see cref="Command"/>.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> words)
    {
        var client = HostileClients.All.Single(one => one.Name == words[0]);
        await Console.In.ReadLineAsync();
        using var over = new CancellationTokenSource();
        var counts = new Counts();
        var running = client.RunAsync(new Target(
            new Uri(words[1]), new Uri(words[2]), int.Parse(words[3]), double.Parse(words[4]), counts, over.Token));
        await Console.In.ReadLineAsync(CancellationToken.None);
        await over.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (running.Exception?.InnerException is { } broken and not OperationCanceledException)
        {
            await Console.Error.WriteLineAsync(broken.ToString());
            return 1;
        }
        await Console.Out.WriteLineAsync(counts.ToString());
        return 0;
    }
}
