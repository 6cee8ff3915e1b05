using System.Text.Json;
using System.Text.RegularExpressions;
using SettlementGrid.Deploy.Tests.Systemd;
using SettlementGrid.Silo.Running;
using SettlementGrid.Testbed;

namespace SettlementGrid.Silo.Tests;

/// <summary>What deploy/ says to the program is what the program understands.</summary>
public sealed partial class Deployed_command_line_tests
{
    [Fact]
    public void The_unit_starts_the_program_as_it_wants_it()
    {
        var unit = UnitFile.Read(Repository.Deploy("systemd", "settlementgrid-silo@.service"));
        var variables = unit.All("Service", "Environment").Select(one => one.Split('=', 2))
            .ToDictionary(one => one[0], one => one[1]);
        var words = UnitFile.Words(
            unit.One("Service", "ExecStart"),
            new Dictionary<char, string> { ['i'] = "1", ['d'] = "/run/credentials" },
            variables);
        Understood([.. words.Skip(1)]);
        Understood([.. words.Skip(1), "--gateway", "--cluster-address", "10.0.0.31"]);
    }

    [Fact]
    public void The_image_and_what_Compose_appends_start_the_program_as_it_wants_it()
    {
        var file = File.ReadAllText(Repository.Deploy("docker", "silo.Dockerfile"))
            .Replace("\\\n", " ", StringComparison.Ordinal);
        var started = Words(Assert.Single(Started().Matches(file)))[1..];
        var compose = File.ReadAllText(Repository.Deploy("compose.silos.yaml"));
        foreach (var appended in Appended().Matches(compose).Select(Words))
            Understood([.. started, .. appended]);
        Understood(Words(Assert.Single(Asked().Matches(file)))[1..]);
    }

    static string[] Words(Match list) => JsonSerializer.Deserialize<string[]>(list.Groups[1].Value)!;

    [Theory]
    [InlineData("silos.yaml")]
    [InlineData("gateways.yaml")]
    public void Kubernetes_starts_the_program_as_it_wants_it(string file)
    {
        var words = File.ReadLines(Repository.Deploy("kubernetes", "silos", file))
            .Select(line => line.Trim()).Where(line => line.StartsWith("- --", StringComparison.Ordinal))
            .Select(line => line[2..].Replace("$(POD_IP)", "10.1.2.3", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(words);
        Understood(words);
        Assert.NotEmpty(SiloCommand.Create().Parse([.. words, "--cluster-adress=10.1.2.3"]).Errors);
    }

    static void Understood(string[] words) => Assert.Empty(SiloCommand.Create().Parse(words).Errors);

    [GeneratedRegex(@"ENTRYPOINT (\[.*\])", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Started();

    [GeneratedRegex(@"CMD (\[.*\])", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Asked();

    [GeneratedRegex(@"command: (\[.*\])", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Appended();
}
