using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace SettlementGrid.Postgres;

/// <summary>What a finished command said: its exit code and the last part of its output (both streams).</summary>
public sealed record ChildResult(int ExitCode, string Output)
{
    public bool Succeeded => ExitCode == 0;
}

/// <summary>
/// Runs a program to its end with its output kept (bounded) and its time bounded; arguments are never put through
/// a shell. A program that is not there gives exit code 127, as a shell would say it.
/// </summary>
public static class ChildProgram
{
    public static async Task<ChildResult> RunAsync(
        IReadOnlyList<string> command, string workingDirectory, TimeSpan max, CancellationToken cancellation)
    {
        using var process = new Process { StartInfo = StartInfo(command, workingDirectory) };
        var output = new BoundedOutput();
        process.OutputDataReceived += (_, line) => output.Add(line.Data);
        process.ErrorDataReceived += (_, line) => output.Add(line.Data);
        try
        {
            process.Start();
        }
        catch (Win32Exception notThere)
        {
            return new ChildResult(127, $"{command[0]}: {notThere.Message}");
        }

        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bounded.CancelAfter(max);
        try
        {
            await process.WaitForExitAsync(bounded.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellation.ThrowIfCancellationRequested();
            return new ChildResult(124, $"{output}\n{command[0]} did not end within {max.TotalSeconds:0} s");
        }

        return new ChildResult(process.ExitCode, output.ToString());
    }

    /// <summary>The full path of a program on PATH (or of those folders that a service's PATH often lacks).</summary>
    public static string? Find(string program)
    {
        var file = OperatingSystem.IsWindows() ? program + ".exe" : program;
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Concat(OperatingSystem.IsWindows() ? [] : ["/usr/sbin", "/sbin", "/usr/bin", "/bin"]);
        return folders.Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);
    }

    private static ProcessStartInfo StartInfo(IReadOnlyList<string> command, string workingDirectory)
    {
        var start = new ProcessStartInfo(command[0])
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var argument in command.Skip(1))
        {
            start.ArgumentList.Add(argument);
        }

        // PostgreSQL's programs read PGDATA, PGPORT, PGUSER and the like: a person's settings for another database
        // must not reach ours. And messages are parsed, so they are English.
        var foreign = start.Environment.Keys.Where(key => key.StartsWith("PG", StringComparison.Ordinal)).ToList();
        foreach (var name in foreign)
        {
            start.Environment.Remove(name);
        }

        start.Environment["LC_ALL"] = "C";
        return start;
    }

    private sealed class BoundedOutput
    {
        private readonly StringBuilder _text = new();
        private readonly Lock _gate = new();

        public void Add(string? line)
        {
            if (line is null)
            {
                return;
            }

            lock (_gate)
            {
                _text.Append(line).Append('\n');
                if (_text.Length > PostgresLimits.OutputCharactersMax)
                {
                    _text.Remove(0, _text.Length - PostgresLimits.OutputCharactersMax);
                }
            }
        }

        public override string ToString()
        {
            lock (_gate)
            {
                return _text.ToString().TrimEnd();
            }
        }
    }
}
