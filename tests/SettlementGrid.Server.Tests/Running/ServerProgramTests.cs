using System.Diagnostics;
using System.Net;
using SettlementGrid.Postgres;
using SettlementGrid.Server.Tests.Postgres;

namespace SettlementGrid.Server.Tests.Running;

/// <summary>Starts and ends as the operating system gives them.</summary>
public sealed class ServerProgramTests : IDisposable
{
    private readonly DatabaseFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Signal.Terminate)]
    [InlineData(Signal.Interrupt)]
    public async Task Signal_to_stop_ends_server_and_database_with_status_0(int signal)
    {
        using var server = await ServerProgram.StartAsync(_folder.Path);
        Assert.Equal(HttpStatusCode.OK, await HealthAsync(server));

        Assert.Equal(0, await server.EndAsync(signal));
        Assert.Empty(_folder.Processes.Living());
    }

    [Fact]
    public async Task Killed_server_is_started_again_over_its_orphan_and_again_after_both_were_killed()
    {
        using (var first = await ServerProgram.StartAsync(_folder.Path))
        {
            await first.EndAsync(Signal.Kill);
        }

        Assert.NotEmpty(_folder.Processes.Living());
        using (var second = await ServerProgram.StartAsync(_folder.Path))
        {
            Assert.Contains("is taken over", second.News(), StringComparison.Ordinal);
            await second.EndAsync(Signal.Kill);
        }

        _folder.Processes.KillAll();
        using var third = await ServerProgram.StartAsync(_folder.Path);
        Assert.Equal(HttpStatusCode.OK, await HealthAsync(third));
        Assert.Equal(0, await third.EndAsync(Signal.Terminate));
    }

    [SkippableFact]
    public async Task Ordinary_user_runs_it_as_root_does()
    {
        Skip.IfNot(
            OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess,
            "the other tests run as an ordinary user already");
        Skip.If(ChildProgram.Find("setpriv") is null, "setpriv, which drops root's rights, is not installed");
        var nobody = await ChildProgram.RunAsync(["id", "-u", "nobody"], "/", TimeSpan.FromSeconds(10), default);
        Skip.IfNot(nobody.Succeeded, "there is no user nobody to run as");
        string[] prefix =
        [
            "setpriv", "--reuid", nobody.Output, "--clear-groups", "env", $"HOME={_folder.Path}", "DOTNET_NOLOGO=1",
        ];
        var dotnet = await ChildProgram.RunAsync(
            [.. prefix, "dotnet", "--list-runtimes"], "/", TimeSpan.FromSeconds(30), default);
        Skip.IfNot(dotnet.Succeeded, "dotnet cannot be run as nobody: " + dotnet.Output);

        // The sources may lie where nobody can read (/root): a copy of the program does not.
        var program = Path.Combine(_folder.Path, "program");
        var copied = await ChildProgram.RunAsync(
            ["sh", "-c", $"cp -R '{ServerProgram.Folder}' '{program}' && chmod -R a+rX '{program}'"
                + $" && mkdir '{_folder.Path}/own' && chown nobody '{_folder.Path}/own'"],
            "/", TimeSpan.FromMinutes(1), default);
        Assert.True(copied.Succeeded, copied.Output);

        var data = Path.Combine(_folder.Path, "own", "data");
        var processes = new PostgresProcesses(Path.Combine(data, "postgres"));
        using (var server = await ServerProgram.StartAsync(data, prefix, program))
        {
            Assert.Equal(HttpStatusCode.OK, await HealthAsync(server));
            Assert.Equal(nobody.Output, await UserOfAsync(processes.PostmasterPid!.Value));
            Assert.Equal(0, await server.EndAsync(Signal.Terminate));
        }

        Assert.Empty(processes.Living());
    }

    private static async Task<HttpStatusCode> HealthAsync(ServerProgram server)
    {
        using var client = new HttpClient();
        using var answer = await client.GetAsync(new Uri(server.Address, "/healthz"));
        return answer.StatusCode;
    }

    private static async Task<string> UserOfAsync(int process)
    {
        var lines = await File.ReadAllLinesAsync($"/proc/{process}/status");
        return lines.Single(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1];
    }
}
