using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using SettlementGrid.Postgres;

namespace SettlementGrid.Deploy.Tests.Systemd;

/// <summary>
/// One instance of a service unit, started and stopped as its file says: environment, credentials, state folder, the
/// command line, READY=1 by the notification socket, SIGTERM and the stop's bound. Paths of the file stand below a
/// folder of the test.
/// </summary>
public sealed class UnitProcess(UnitFile unit, string instance, string root) : IAsyncDisposable
{
    static readonly string[] s_roots = ["/opt/", "/etc/", "/var/"];

    Process? _process;

    /// <summary>What it printed since it was started last.</summary>
    public StringBuilder Output { get; } = new();

    public bool IsAlive => _process is { HasExited: false };

    /// <summary>Returns when it has said READY=1.</summary>
    /// <exception cref="InvalidOperationException">
    /// It ended or said nothing within the unit's TimeoutStartSec.
    /// </exception>
    public async Task StartAsync()
    {
        Assert.Equal("notify", unit.One("Service", "Type"));
        var run = Directory.CreateDirectory(Path.Combine(root, "run", instance)).FullName;
        var notices = Path.Combine(run, "notify");
        File.Delete(notices);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(notices));
        _process?.Dispose();
        _process = new Process { StartInfo = Start(run, notices) };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.Start();
        _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        using var bounded = new CancellationTokenSource(Seconds("TimeoutStartSec"));
        var ready = ReadyAsync(socket, bounded.Token);
        if (await Task.WhenAny(ready, _process.WaitForExitAsync(CancellationToken.None)) != ready)
            await bounded.CancelAsync();
        try
        {
            await ready;
        }
        catch (OperationCanceledException e)
        {
            throw new InvalidOperationException($"{instance} did not get ready:\n{Output}", e);
        }
    }

    static async Task ReadyAsync(Socket notices, CancellationToken cancellation)
    {
        var buffer = new byte[4096];
        for (var said = ""; !said.Contains("READY=1", StringComparison.Ordinal);)
            said = Encoding.UTF8.GetString(buffer, 0, await notices.ReceiveAsync(buffer, cancellation));
    }

    /// <summary>The unit's signal; its exit status must be 0 within TimeoutStopSec.</summary>
    public async Task StopAsync()
    {
        Assert.Equal("SIGTERM", unit.One("Service", "KillSignal"));
        var killed = await ChildProgram.RunAsync(
            ["kill", "-TERM", $"{_process!.Id}"], "/", TimeSpan.FromSeconds(10), CancellationToken.None);
        Assert.True(killed.Succeeded, killed.Output);
        await _process.WaitForExitAsync().WaitAsync(Seconds("TimeoutStopSec"));
        Assert.True(_process.ExitCode == 0, $"{instance} ended with {_process.ExitCode}:\n{Output}");
    }

    public async ValueTask DisposeAsync()
    {
        if (IsAlive)
        {
            _process!.Kill();
            await _process.WaitForExitAsync();
        }
        _process?.Dispose();
    }

    /// <summary>The same path below the test's folder.</summary>
    public string Below(string path) =>
        s_roots.Any(one => path.StartsWith(one, StringComparison.Ordinal)) ? root + path : path;

    ProcessStartInfo Start(string run, string notices)
    {
        var specifiers = new Dictionary<char, string> { ['i'] = instance, ['d'] = Credentials(run) };
        var variables = Variables(specifiers);
        var words = UnitFile.Words(unit.One("Service", "ExecStart"), specifiers, variables);
        var state = UnitFile.Specified(unit.One("Service", "StateDirectory"), specifiers);
        Directory.CreateDirectory(Below($"/var/lib/{state}"));
        var start = new ProcessStartInfo(Below(words[0]), words.Skip(1).Select(Below))
        {
            UseShellExecute = false,
            WorkingDirectory = Below(UnitFile.Specified(unit.One("Service", "WorkingDirectory"), specifiers)),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        start.Environment["NOTIFY_SOCKET"] = notices;
        // A unit's program brings its runtime along; the one of the build looks for the machine's.
        if (Path.GetDirectoryName(Environment.ProcessPath) is { } runtime
            && File.Exists(Path.Combine(runtime, "dotnet")))
            start.Environment["DOTNET_ROOT"] = runtime;
        return start;
    }

    string Credentials(string run)
    {
        var folder = Directory.CreateDirectory(Path.Combine(run, "credentials")).FullName;
        foreach (var credential in unit.All("Service", "LoadCredential"))
        {
            var parts = credential.Split(':', 2);
            File.Copy(Below(parts[1]), Path.Combine(folder, parts[0]), overwrite: true);
        }
        return folder;
    }

    Dictionary<string, string> Variables(Dictionary<char, string> specifiers)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        var files = unit.All("Service", "EnvironmentFile")
            .Select(file => Below(UnitFile.Specified(file.TrimStart('-'), specifiers))).Where(File.Exists);
        foreach (var line in unit.All("Service", "Environment").Concat(files.SelectMany(File.ReadLines)))
        {
            if (line.Split('=', 2) is [{ Length: > 0 } name, var value] && name[0] != '#')
                variables[name] = value;
        }
        return variables;
    }

    TimeSpan Seconds(string key) => TimeSpan.FromSeconds(int.Parse(unit.One("Service", key)));

    void Keep(string? line)
    {
        lock (Output)
            Output.AppendLine(line);
    }
}
