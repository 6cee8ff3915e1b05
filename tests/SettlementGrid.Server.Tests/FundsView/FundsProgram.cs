using System.Diagnostics;
using SettlementGrid.Postgres;
using SettlementGrid.Server.Tests.Postgres;
using SettlementGrid.Server.Tests.Running;

namespace SettlementGrid.Server.Tests.FundsView;

/// <summary>`funds` as a process of its own, with its output in a pipe.</summary>
internal sealed class FundsProgram : IDisposable
{
    private readonly Process _process;

    private FundsProgram(Process process) => _process = process;

    public static Task<ChildResult> RunAsync(params string[] options) => ChildProgram.RunAsync(
        Command(options), "/", TimeSpan.FromMinutes(1), default);

    public static FundsProgram Start(params string[] options)
    {
        var command = Command(options);
        return new FundsProgram(Process.Start(new ProcessStartInfo(command[0], command.Skip(1))
        {
            WorkingDirectory = "/",
            UseShellExecute = false,
            RedirectStandardOutput = true,
        })!);
    }

    /// <summary>The first line from here on that holds the text.</summary>
    public async Task<string> ReadUntilAsync(string text, CancellationToken cancellation)
    {
        while (await _process.StandardOutput.ReadLineAsync(cancellation) is { } line)
        {
            if (line.Contains(text, StringComparison.Ordinal))
            {
                return line;
            }
        }

        throw new InvalidOperationException($"It ended and never said {text}.");
    }

    /// <summary>Ctrl-C; gives the exit status.</summary>
    public async Task<int> InterruptAsync(CancellationToken cancellation)
    {
        Assert.Equal(0, Signal.Send(_process.Id, Signal.Interrupt));
        await _process.WaitForExitAsync(cancellation);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private static string[] Command(string[] options) =>
    [
        Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal) ? Environment.ProcessPath : "dotnet",
        Path.Combine(ServerProgram.Folder, "SettlementGrid.Server.dll"), "funds", .. options,
    ];
}
