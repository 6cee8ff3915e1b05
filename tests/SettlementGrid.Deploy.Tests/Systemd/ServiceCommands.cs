using System.Diagnostics;
using SettlementGrid.Postgres;

namespace SettlementGrid.Deploy.Tests.Systemd;

/// <summary>
/// A `systemctl` that understands what our scripts ask of it: a small program on the PATH that hands each command over
/// through two pipes and waits for the exit status.
/// </summary>
sealed class ServiceCommands
{
    readonly string _folder;
    readonly Func<IReadOnlyList<string>, Task<string>> _carryOut;

    ServiceCommands(string folder, Func<IReadOnlyList<string>, Task<string>> carryOut) =>
        (_folder, _carryOut) = (folder, carryOut);

    /// <param name="folder">for the program and its pipes.</param>
    /// <param name="carryOut">does a command and gives what it prints; throws where it fails.</param>
    public static async Task<ServiceCommands> MakeAsync(
        string folder, Func<IReadOnlyList<string>, Task<string>> carryOut)
    {
        Directory.CreateDirectory(folder);
        var commands = new ServiceCommands(folder, carryOut);
        var program = Path.Combine(folder, "systemctl");
        await File.WriteAllTextAsync(program, $"""
            #!/usr/bin/env bash
            printf '%s\n' "$*" > '{commands.Asked}'
            answer=$(cat '{commands.Answered}')
            printf '%s' "$answer" | tail -n +2
            exit "$(printf '%s' "$answer" | head -1)"
            """);
        var made = await ChildProgram.RunAsync(
            ["sh", "-c", $"chmod 0700 '{program}' && mkfifo '{commands.Asked}' '{commands.Answered}'"], folder,
            TimeSpan.FromSeconds(10), CancellationToken.None);
        Assert.True(made.Succeeded, made.Output);
        return commands;
    }

    string Asked => Path.Combine(_folder, "asked");

    string Answered => Path.Combine(_folder, "answered");

    /// <summary>Runs a script with this program first on its PATH; gives its exit status and what it said.</summary>
    public async Task<(int Status, string Said)> RunAsync(string script, TimeSpan max)
    {
        var start = new ProcessStartInfo("bash", [script])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        start.Environment["PATH"] = $"{_folder}{Path.PathSeparator}{Environment.GetEnvironmentVariable("PATH")}";
        using var process = Process.Start(start)!;
        var said = process.StandardError.ReadToEndAsync();
        var ended = process.WaitForExitAsync();
        var serving = ServeAsync(ended);
        await ended.WaitAsync(max);
        // The reader of a pipe that nobody will write to any more waits for a writer: this is one.
        await File.WriteAllTextAsync(Asked, "");
        await serving.WaitAsync(max);
        return (process.ExitCode, await said);
    }

    async Task ServeAsync(Task ended)
    {
        while (!ended.IsCompleted)
        {
            var line = (await Task.Run(() => File.ReadAllText(Asked))).Trim();
            if (line.Length == 0)
                continue;
            string answer;
            try
            {
                answer = $"0\n{await _carryOut(line.Split(' '))}";
            }
            catch (InvalidOperationException failed)
            {
                answer = $"1\n{failed.Message}";
            }
            await Task.Run(() => File.WriteAllText(Answered, answer));
        }
    }
}
