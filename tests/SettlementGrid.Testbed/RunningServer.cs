using System.Diagnostics;
using SettlementGrid.Postgres;

namespace SettlementGrid.Testbed;

/// <summary>
/// The real server program in a process of its own, as `grid run` starts it. It can be killed, its database too, and
/// both be started again on the same data. Disposing ends both and deletes the data, unless the place keeps them.
/// </summary>
public sealed class RunningServer : IAsyncDisposable
{
    const string ReadyLine = "SettlementGrid is ready on ";

    readonly Lock _lock = new();
    readonly Queue<string> _output = new();
    readonly List<(string Awaited, TaskCompletionSource Seen)> _waiting = [];
    Process? _process;

    RunningServer(ServerPlace place) => Place = place;

    public ServerPlace Place { get; private set; }

    /// <summary>The newest lines it printed, for the message of a failing test.</summary>
    public string Output
    {
        get
        {
            lock (_lock)
                return string.Join('\n', _output);
        }
    }

    /// <summary>Of the server's process; its database has others.</summary>
    public int ProcessId => _process!.Id;

    public bool IsAlive => _process is { HasExited: false };

    /// <summary>How long the last start took until the server said that it was ready.</summary>
    public TimeSpan StartTook { get; private set; }

    /// <summary>Starts on fresh data and returns when settlements can be taken.</summary>
    /// <exception cref="InvalidOperationException">It ended or said nothing in time; with what it printed.</exception>
    public static async Task<RunningServer> StartAsync(ServerPlace? place = null)
    {
        var server = new RunningServer(place ?? ServerPlace.Fresh());
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await server.StartAgainAsync();
                return server;
            }
            catch (InvalidOperationException) when (attempt < TestbedLimits.PortTriesMax
                && server.Output.Contains("Cannot listen", StringComparison.Ordinal))
            {
                // Somebody took a port between its choice and its use.
                server.Place = server.Place.Moved();
            }
            catch
            {
                await server.DisposeAsync();
                throw;
            }
        }
    }

    /// <summary>Starts on the data that are there.</summary>
    public async Task StartAgainAsync()
    {
        var since = Stopwatch.GetTimestamp();
        var ready = Waiting(ReadyLine);
        var start = Program(Path.Combine(Place.ProgramFolder, Place.Program), Place.Command);
        start.ArgumentList.Add("--port");
        start.ArgumentList.Add($"{Place.HttpPort}");
        start.ArgumentList.Add("--grpc-port");
        start.ArgumentList.Add($"{Place.GrpcPort}");
        foreach (var option in Place.Options)
            start.ArgumentList.Add(option);
        foreach (var (name, value) in Place.Environment)
            start.Environment[name] = value;
        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.Exited += (_, _) => ready.TrySetException(new InvalidOperationException("The server ended."));
        process.Start();
        _process?.Dispose();
        _process = process;
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await ready.Task.WaitAsync(TestbedLimits.StartMax);
        }
        catch (Exception e) when (e is TimeoutException or InvalidOperationException)
        {
            if (!process.HasExited)
                process.Kill();
            process.WaitForExit();
            throw new InvalidOperationException($"The server did not get ready: {e.Message}\n{Output}", e);
        }
        StartTook = Stopwatch.GetElapsedTime(since);
    }

    /// <summary>Returns when it has printed a line with this text.</summary>
    public async Task PrintedAsync(string text)
    {
        var seen = Waiting(text);
        if (Output.Contains(text, StringComparison.Ordinal))
            seen.TrySetResult();
        await seen.Task.WaitAsync(TestbedLimits.StartMax);
    }

    /// <summary>SIGKILL to the server; its database goes on without it.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGSTOP: it stands still, with everything that is under way.</summary>
    public Task PauseAsync() => SignalAsync("-STOP");

    /// <summary>SIGCONT: it goes on where it stood.</summary>
    public Task ResumeAsync() => SignalAsync("-CONT");

    /// <summary>SIGTERM: drains and stops, the database too. Returns the exit status.</summary>
    public async Task<int> StopAsync()
    {
        await SignalAsync("-TERM");
        await _process!.WaitForExitAsync().WaitAsync(TestbedLimits.StopMax);
        return _process.ExitCode;
    }

    /// <summary>`pg_ctl stop -m immediate`: what a crash of the database does.</summary>
    public async Task StopDatabaseImmediatelyAsync()
    {
        var data = Place.Data;
        var binaries = await PostgresBinaries.FindAsync(data.Binaries, MajorOf(data), CancellationToken.None)
            ?? throw new InvalidOperationException("The database's programs are gone.");
        var user = await DatabaseUser.ChooseAsync(_ => { }, CancellationToken.None);
        var stopped = await ChildProgram.RunAsync(
            user.As(binaries.Program("pg_ctl"), "stop", "-m", "immediate", "-s", "-w", "-D", data.Cluster),
            data.FullPath, TestbedLimits.CommandMax, CancellationToken.None);
        if (!stopped.Succeeded)
            throw new InvalidOperationException($"pg_ctl: {stopped.Output}");
    }

    /// <summary>SIGKILL to the postmaster, whose children then end themselves.</summary>
    public void KillDatabase()
    {
        var file = Path.Combine(Place.Data.Cluster, "postmaster.pid");
        using var postmaster = Process.GetProcessById(int.Parse(File.ReadLines(file).First()));
        postmaster.Kill();
    }

    /// <summary>Runs another command of the server's program on these data, as `grid verify` does.</summary>
    public Task<ChildResult> RunCommandAsync(params string[] command)
    {
        var start = Program(Path.Combine(AppContext.BaseDirectory, ServerPlace.Server), command);
        return ChildProgram.RunAsync(
            [start.FileName, .. start.ArgumentList], Place.DataFolder, TestbedLimits.CommandMax,
            CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        if (Place.KeepsData)
        {
            if (IsAlive)
                await StopAsync();
            _process?.Dispose();
            return;
        }
        if (IsAlive)
            await KillAsync();
        _process?.Dispose();
        if (!Place.OwnsData)
            return;
        try
        {
            if (File.Exists(Path.Combine(Place.Data.Cluster, "postmaster.pid")))
                await StopDatabaseImmediatelyAsync();
        }
        catch (InvalidOperationException)
        {
            // It was down already.
        }
        try
        {
            Directory.Delete(Place.DataFolder, recursive: true);
        }
        catch (IOException)
        {
            // A backend that is still ending may hold its folder open; the temporary folder is cleaned by the system.
        }
    }

    Task SignalAsync(string signal) => ChildProgram.RunAsync(
        ["kill", signal, $"{_process!.Id}"], "/", TestbedLimits.CommandMax, CancellationToken.None);

    ProcessStartInfo Program(string program, IEnumerable<string> command)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            UseShellExecute = false,
            WorkingDirectory = Place.DataFolder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(program + ".dll");
        foreach (var word in command)
            start.ArgumentList.Add(word);
        start.ArgumentList.Add("--data");
        start.ArgumentList.Add(Place.DataFolder);
        return start;
    }

    TaskCompletionSource Waiting(string text)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
            _waiting.Add((text, seen));
        return seen;
    }

    void Keep(string? line)
    {
        if (line is null)
            return;
        lock (_lock)
        {
            _output.Enqueue(line);
            if (_output.Count > TestbedLimits.OutputLinesMax)
                _output.Dequeue();
            foreach (var (text, seen) in _waiting)
            {
                if (line.Contains(text, StringComparison.Ordinal))
                    seen.TrySetResult();
            }
            _waiting.RemoveAll(one => one.Seen.Task.IsCompleted);
        }
    }

    static int? MajorOf(DataDirectory data) =>
        int.TryParse(File.ReadAllText(Path.Combine(data.Cluster, "PG_VERSION")), out var major) ? major : null;
}
