using SettlementGrid.Postgres;
using SettlementGrid.Testbed;

namespace SettlementGrid.Deploy.Tests.Lint;

/// <summary>
/// The files of deploy/ that this machine has no program for are read by schemas and grammars (tests/clients/lint): what they
/// do when they run, a machine with Docker, Kubernetes or Grafana must show. Each check is shown to find a fault first.
/// </summary>
public sealed class LintTests
{
    static readonly string s_lint = Path.Combine(Repository.Root, "tests", "clients", "lint");
    static readonly TimeSpan s_lintMax = TimeSpan.FromMinutes(1);

    [SkippableTheory]
    [InlineData("yaml", "prometheus/rules.yml", "for: 1m", "for: {1m")]
    [InlineData("compose", "compose.yaml", "stop_grace_period: 100s", "stop_grace: 100s")]
    [InlineData("compose", "compose.yaml", "[postgres, tls.crt, tls.key]", "[postgres, tls.crt, tls.kez]")]
    [InlineData("kubernetes", "kubernetes/servers.yaml", "readOnlyRootFilesystem", "readOnlyRootFileSystem")]
    [InlineData("kubernetes", "kubernetes/servers.yaml", "replicas: 3", "replicas: three")]
    [InlineData("dockerfiles", "docker/server.Dockerfile", "USER 1654", "USER root")]
    [InlineData("dockerfiles", "docker/server.Dockerfile", "ENTRYPOINT", "ENTERPOINT")]
    public async Task File_is_as_its_program_wants_it_and_a_fault_in_it_would_be_found(
        string check, string file, string right, string wrong)
    {
        Assert.Equal("ok", await LintAsync(check, Repository.Deploy()));
        using var broken = new BrokenCopy(file, right, wrong);
        Assert.Contains("findings", await LintAsync(check, broken.Folder), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Alarms_and_dashboards_ask_for_figures_that_a_server_shows()
    {
        RequirePackages();
        await using var server = await RunningServer.StartAsync();
        using var connection = new GrpcConnection(server.Place.Grpc);
        var town = new Town("FIGURES", Seed: 5, Persons: 1);
        await town.EnrollAsync(connection);
        _ = (await connection.CallAsync(GrpcMethods.Settle, town.Bill(1))).Required;
        using var http = new HttpClient();
        var metrics = Path.Combine(server.Place.DataFolder, "metrics.txt");
        // What is counted only when it happens.
        string[] rare = ["audit_dropped_total 0", "settlementgrid_fund_usage_ratio{region=\"1\"} 0"];
        await File.WriteAllTextAsync(
            metrics, await http.GetStringAsync(new Uri(server.Place.Http, "/metrics")) + string.Join('\n', rare) + "\n");

        Assert.Equal("ok", await LintAsync("queries", Repository.Deploy(), metrics));
        using var broken = new BrokenCopy("prometheus/rules.yml", "ledger_commit_seconds_bucket", "ledger_comit_seconds_bucket");
        Assert.Contains("1 findings", await LintAsync("queries", broken.Folder, metrics), StringComparison.Ordinal);
        using var unread = new BrokenCopy("prometheus/rules.yml", "sum by (instance) (increase", "sum by instance) (increase");
        Assert.Contains("does not parse", await LintAsync("queries", unread.Folder, metrics), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("systemd", "install")]
    [InlineData("systemd", "rolling-restart")]
    [InlineData("postgres", "archive")]
    [InlineData("postgres", "backup")]
    [InlineData("postgres", "restore")]
    [InlineData("docker", "secrets")]
    [InlineData("docker", "roles.sh")]
    public async Task Script_is_read_by_bash_without_a_fault(string folder, string script)
    {
        var read = await ChildProgram.RunAsync(
            ["bash", "-n", Repository.Deploy(folder, script)], "/", s_lintMax, CancellationToken.None);
        Assert.True(read.Succeeded, read.Output);
    }

    static void RequirePackages()
    {
        Skip.If(ChildProgram.Find("node") is null, "node is not installed");
        Skip.IfNot(
            Directory.Exists(Path.Combine(s_lint, "node_modules", "kubernetes-models")),
            $"its packages are not installed: npm ci in {s_lint}");
    }

    static async Task<string> LintAsync(string check, params string[] arguments)
    {
        RequirePackages();
        var ran = await ChildProgram.RunAsync(
            ["node", Path.Combine(s_lint, "lint.mjs"), check, .. arguments], "/", s_lintMax, CancellationToken.None);
        Assert.True(ran.Succeeded, ran.Output);
        return ran.Output.Trim();
    }

    /// <summary>deploy/ with one passage replaced.</summary>
    sealed class BrokenCopy : IDisposable
    {
        public BrokenCopy(string file, string right, string wrong)
        {
            var original = Repository.Deploy();
            foreach (var one in Directory.EnumerateFiles(original, "*", SearchOption.AllDirectories))
            {
                var relative = Path.GetRelativePath(original, one);
                if (relative.StartsWith("secrets", StringComparison.Ordinal))
                    continue;
                var copy = Path.Combine(Folder, relative);
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                File.Copy(one, copy);
            }
            var broken = Path.Combine(Folder, file);
            var text = File.ReadAllText(broken);
            Assert.Contains(right, text, StringComparison.Ordinal);
            var at = text.IndexOf(right, StringComparison.Ordinal);
            File.WriteAllText(broken, text[..at] + wrong + text[(at + right.Length)..]);
        }

        // Beside it stands what compose.yaml builds from.
        public string Folder { get; } = Path.Combine(
            Directory.CreateTempSubdirectory("settlementgrid-deploy-").FullName, "deploy");

        public void Dispose() => Directory.Delete(Path.GetDirectoryName(Folder)!, recursive: true);
    }
}
