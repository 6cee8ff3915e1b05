using SettlementGrid.Postgres;
using SettlementGrid.Testbed;

namespace SettlementGrid.Deploy.Tests.Lint;

/// <summary>
/// The files of deploy/ that this machine has no program for are read by schemas and grammars (tests/clients/lint):
/// what they do when they run, a machine with Docker, Kubernetes or Grafana must show. Each check is shown to find a
/// fault first.
/// </summary>
public sealed class LintTests
{
    static readonly string s_lint = Path.Combine(Repository.Root, "tests", "clients", "lint");
    static readonly TimeSpan s_lintMax = TimeSpan.FromMinutes(1);

    [SkippableTheory]
    [InlineData("yaml", "prometheus/rules.yml", "for: 1m", "for: {1m")]
    [InlineData("yaml", "prometheus/rules.silos.yml", "for: 1m", "for: {1m")]
    [InlineData("compose", "compose.yaml", "stop_grace_period: 100s", "stop_grace: 100s")]
    [InlineData("compose", "compose.yaml", "[postgres, tls.crt, tls.key]", "[postgres, tls.crt, tls.kez]")]
    [InlineData("compose", "compose.yaml", "postgres: { condition", "postgrez: { condition")]
    [InlineData("compose", "compose.common.yaml", "shm_size: 256m", "shm_sise: 256m")]
    [InlineData("compose", "compose.common.yaml", "source: roles.sql", "source: rolls.sql")]
    [InlineData("compose", "compose.silos.yaml", "tls.key, cluster.crt", "tls.key, cluster.cert")]
    [InlineData("compose", "compose.silos.yaml", "silo-1:/data", "silo-9:/data")]
    [InlineData("compose", "compose.silos.yaml", "ipv4_address: 172.30.80.12", "ipv4_address: 172.30.80.11")]
    [InlineData("compose", "compose.silos.yaml", "\"172.30.80.12\"", "\"172.30.80.13\"")]
    [InlineData("kubernetes", "kubernetes/servers/servers.yaml", "readOnlyRootFilesystem", "readOnlyRootFileSystem")]
    [InlineData("kubernetes", "kubernetes/servers/servers.yaml", "replicas: 3", "replicas: three")]
    [InlineData("kubernetes", "kubernetes/servers/services.yaml", "component: server", "component: servers")]
    [InlineData("kubernetes", "kubernetes/servers/disruption.yaml", "component: server", "component: servers")]
    [InlineData("kubernetes", "kubernetes/common/network.yaml", "port: 5080", "port: 5081")]
    [InlineData("kubernetes", "kubernetes/common/account.yaml", "name: settlementgrid", "name: settlement")]
    [InlineData("kubernetes", "kubernetes/silos/silos.yaml", "fieldPath: status.podIP", "fieldpath: status.podIP")]
    [InlineData("kubernetes", "kubernetes/silos/silos.yaml", "settlementgrid/cluster, readOnly",
        "settlementgrid/key, readOnly")]
    [InlineData("kubernetes", "kubernetes/silos/silos.yaml", "serviceName: settlementgrid-silos", "serviceName: silos")]
    [InlineData("kubernetes", "kubernetes/silos/gateways.yaml", "maxUnavailable", "maxUnavaileble")]
    [InlineData("kubernetes", "kubernetes/silos/gateways.yaml", "port: https, scheme", "port: http, scheme")]
    [InlineData("kubernetes", "kubernetes/silos/services.yaml", "targetPort: https", "targetPort: http")]
    [InlineData("kubernetes", "kubernetes/silos/disruption.yaml", "component: silo", "component: silos")]
    [InlineData("kubernetes", "kubernetes/silos/network.yaml", "port: 30000", "port: 30001")]
    [InlineData("dockerfiles", "docker/server.Dockerfile", "USER 1654", "USER root")]
    [InlineData("dockerfiles", "docker/server.Dockerfile", "ENTRYPOINT", "ENTERPOINT")]
    [InlineData("dockerfiles", "docker/silo.Dockerfile", "USER 1654", "USER 0")]
    [InlineData("dockerfiles", "docker/silo.Dockerfile", "HEALTHCHECK --", "HEALTHCHEK --")]
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
        // What is counted only when it happens, and what silos alone show; a running one is held against that list.
        string[] rare = ["audit_dropped_total 0", "settlementgrid_fund_usage_ratio{region=\"1\"} 0"];
        var silos = await File.ReadAllLinesAsync(Path.Combine(s_lint, "silo-metrics.txt"));
        await File.WriteAllTextAsync(
            metrics,
            await http.GetStringAsync(new Uri(server.Place.Http, "/metrics"))
                + string.Join('\n', rare.Concat(silos)) + "\n");

        Assert.Equal("ok", await LintAsync("queries", Repository.Deploy(), metrics));
        using var broken =
            new BrokenCopy("prometheus/rules.yml", "ledger_commit_seconds_bucket", "ledger_comit_seconds_bucket");
        Assert.Contains("1 findings", await LintAsync("queries", broken.Folder, metrics), StringComparison.Ordinal);
        using var first =
            new BrokenCopy("prometheus/rules.yml", "audit_dropped_total offset 5m", "audit_dropped_total offset 9m");
        Assert.Contains("raises nothing", await LintAsync("queries", first.Folder, metrics), StringComparison.Ordinal);
        using var silo = new BrokenCopy(
            "prometheus/rules.silos.yml", "settlementgrid_cluster_asked_again_total", "cluster_asked_again_total");
        Assert.Contains("1 findings", await LintAsync("queries", silo.Folder, metrics), StringComparison.Ordinal);
        using var unread =
            new BrokenCopy("prometheus/rules.yml", "sum by (instance) (increase", "sum by instance) (increase");
        Assert.Contains("does not parse", await LintAsync("queries", unread.Folder, metrics), StringComparison.Ordinal);
    }

    /// <summary>By Prometheus' own program: what is raised, and what is not, by figures that are given.</summary>
    [SkippableFact]
    public async Task Alarms_are_raised_by_the_first_occurrence_and_end_after_it()
    {
        Skip.If(ChildProgram.Find("promtool") is null, "promtool is not installed");
        using var copy = new BrokenCopy("prometheus/rules.yml", "groups:", "groups:");
        var ran = await TestRulesAsync(copy.Folder);
        Assert.True(ran.Succeeded, ran.Output);
        using var broken =
            new BrokenCopy("prometheus/rules.yml", "audit_dropped_total unless", "audit_dropped_total and");
        Assert.False((await TestRulesAsync(broken.Folder)).Succeeded);
    }

    static Task<ChildResult> TestRulesAsync(string folder)
    {
        // It finds the rules from where the test stands.
        var test = Path.Combine(folder, "prometheus", "alarms.test.yml");
        File.Copy(Path.Combine(s_lint, "alarms.test.yml"), test);
        return ChildProgram.RunAsync(["promtool", "test", "rules", test], folder, s_lintMax, CancellationToken.None);
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

    /// <summary>By systemd's own reader; that the program is not installed here is no fault of the file.</summary>
    [SkippableTheory]
    [InlineData("settlementgrid@.service", "KillSignal=SIGTERM", "KillSignal=SIGTREM")]
    [InlineData("settlementgrid-silo@.service", "TimeoutStopSec=100", "TimeoutStopSec=1OO")]
    [InlineData("settlementgrid-silo@.service", "LoadCredential=cluster.crt:", "LoadCredentials=cluster.crt:")]
    public async Task Unit_is_as_systemd_wants_it_and_a_fault_in_it_would_be_found(
        string unit, string right, string wrong)
    {
        Skip.If(ChildProgram.Find("systemd-analyze") is null, "systemd-analyze is not installed");
        Assert.Empty(await VerifyAsync(Repository.Deploy("systemd", unit)));
        using var broken = new BrokenCopy(Path.Combine("systemd", unit), right, wrong);
        Assert.NotEmpty(await VerifyAsync(Path.Combine(broken.Folder, "systemd", unit)));
    }

    static async Task<IEnumerable<string>> VerifyAsync(string unit)
    {
        var read = await ChildProgram.RunAsync(
            ["systemd-analyze", "verify", unit], "/", s_lintMax, CancellationToken.None);
        return read.Output.Split('\n').Where(line => line.Contains("settlementgrid", StringComparison.Ordinal)
            && !line.Contains("is not executable: No such file", StringComparison.Ordinal));
    }

    /// <summary>By kustomize itself, which kubectl holds: what is applied, put together.</summary>
    [SkippableTheory]
    [InlineData("servers")]
    [InlineData("silos")]
    public async Task Kustomization_is_put_together_and_a_missing_part_would_be_found(string set)
    {
        Skip.If(ChildProgram.Find("kubectl") is null, "kubectl is not installed");
        var made = await KustomizeAsync(Repository.Deploy("kubernetes", set));
        Assert.True(made.Succeeded, made.Output);
        Assert.Contains("kind: NetworkPolicy", made.Output, StringComparison.Ordinal);
        using var broken = new BrokenCopy($"kubernetes/{set}/kustomization.yaml", "- ../common", "- ../commons");
        Assert.False((await KustomizeAsync(Path.Combine(broken.Folder, "kubernetes", set))).Succeeded);
    }

    static Task<ChildResult> KustomizeAsync(string folder) =>
        ChildProgram.RunAsync(["kubectl", "kustomize", folder], "/", s_lintMax, CancellationToken.None);

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
