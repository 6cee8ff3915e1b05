using System.Diagnostics;
using SettlementGrid.Server.Tests.Postgres;

namespace SettlementGrid.Server.Tests.Running;

/// <summary>The server as a process of its own, as a person starts it.</summary>
public sealed class ServerProgram : IDisposable
{
    private const string ReadyMark = "SettlementGrid is ready on ";

    private static readonly TimeSpan ReadyMax = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly List<string> _news = [];

    private ServerProgram(Process process) => _process = process;

    /// <summary>Where it said that it is ready.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>The folder of the server's program, beside the tests'.</summary>
    public static string Folder => Path.GetDirectoryName(typeof(Composition.ServerRun).Assembly.Location)!;

    /// <param name="data">DIR.</param>
    /// <param name="prefix">what the command line begins with, such as setpriv.</param>
    /// <param name="folder">a copy of the program's folder, or null for the original.</param>
    public static async Task<ServerProgram> StartAsync(string data, string[]? prefix = null, string? folder = null)
    {
        string[] command =
        [
            .. prefix ?? [],
            Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal) ? Environment.ProcessPath : "dotnet",
            Path.Combine(folder ?? Folder, "SettlementGrid.Server.dll"),
            "run", "--port", "0", "--grpc-port", "0", "--no-sample", "--data", data,
        ];
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            WorkingDirectory = "/",
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        var program = new ServerProgram(Process.Start(start)!);
        program._process.StandardInput.Close();
        program._process.ErrorDataReceived += (_, line) => program.Note(line.Data);
        program._process.BeginErrorReadLine();
        using var bounded = new CancellationTokenSource(ReadyMax);
        while (await program._process.StandardOutput.ReadLineAsync(bounded.Token) is { } line)
        {
            if (line.StartsWith(ReadyMark, StringComparison.Ordinal))
            {
                program.Address = new Uri(line[ReadyMark.Length..]);
                _ = program.NoteRestAsync();
                return program;
            }
        }

        await program._process.WaitForExitAsync(bounded.Token);
        throw new InvalidOperationException($"ended with {program._process.ExitCode}: {program.News()}");
    }

    /// <summary>Sends the signal and waits for the end; gives the exit status.</summary>
    public async Task<int> EndAsync(int signal)
    {
        Assert.Equal(0, Signal.Send(_process.Id, signal));
        using var bounded = new CancellationTokenSource(ReadyMax);
        await _process.WaitForExitAsync(bounded.Token);
        return _process.ExitCode;
    }

    public string News()
    {
        lock (_news)
        {
            return string.Join('\n', _news);
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    // What it prints once it is ready is part of its news too.
    private async Task NoteRestAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            Note(line);
        }
    }

    private void Note(string? line)
    {
        lock (_news)
        {
            _news.Add(line ?? "");
        }
    }
}
