using SettlementGrid.Postgres;
using SettlementGrid.Testbed;

namespace SettlementGrid.Deploy.Tests.Script;

/// <summary>
/// The script `grid` in a folder of its own, with programs in the place of .NET's that only say who they are.
/// </summary>
public sealed class GridScriptTests : IDisposable
{
    static readonly TimeSpan s_runMax = TimeSpan.FromSeconds(30);

    const string Older = "#!/bin/sh\necho '8.0.100 [/older/sdk]'\n";

    const string Newer =
        """
        #!/bin/sh
        case $1 in
          --list-sdks) echo '10.0.100 [/newer/sdk]' ;;
          build)
            built=$2/bin/Release/net10.0
            mkdir -p "$built"
            : >"$built/SettlementGrid.Server.dll"
            printf '#!/bin/sh\necho "runs with $DOTNET_ROOT"\n' >"$built/SettlementGrid.Server"
            chmod 0700 "$built/SettlementGrid.Server" ;;
        esac

        """;

    readonly string _root = Directory.CreateTempSubdirectory("settlementgrid-script-").FullName;

    string Home => Path.Combine(_root, "home");

    [Fact]
    public async Task Program_runs_on_dotnet_10_each_time_though_an_older_one_is_first_on_the_path()
    {
        File.Copy(Path.Combine(Repository.Root, "grid"), Path.Combine(_root, "grid"));
        await InstallAsync(Path.Combine(_root, "older"), "8.0.0", Older);
        await InstallAsync(Path.Combine(Home, ".dotnet"), "10.0.0", Newer);
        // The first time it is built, the second time it is found built.
        Assert.Contains($"runs with {Home}/.dotnet", await RunAsync(), StringComparison.Ordinal);
        Assert.Contains($"runs with {Home}/.dotnet", await RunAsync(), StringComparison.Ordinal);
        // What somebody else's profile says is no better than the PATH.
        Assert.Contains(
            $"runs with {Home}/.dotnet", await RunAsync($"DOTNET_ROOT={_root}/older"), StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    static async Task InstallAsync(string folder, string version, string program)
    {
        Directory.CreateDirectory(Path.Combine(folder, "shared", "Microsoft.AspNetCore.App", version));
        var dotnet = Path.Combine(folder, "dotnet");
        await File.WriteAllTextAsync(dotnet, program);
        var made = await ChildProgram.RunAsync(["chmod", "0700", dotnet], folder, s_runMax, CancellationToken.None);
        Assert.True(made.Succeeded, made.Output);
    }

    async Task<string> RunAsync(params string[] environment)
    {
        var path = $"{_root}/older:{Environment.GetEnvironmentVariable("PATH")}";
        var ran = await ChildProgram.RunAsync(
            ["env", "-u", "DOTNET_ROOT", $"HOME={Home}", $"PATH={path}", .. environment, "bash",
                Path.Combine(_root, "grid"), "status"],
            _root, s_runMax, CancellationToken.None);
        Assert.True(ran.Succeeded, ran.Output);
        return ran.Output;
    }
}
