using System.Text.RegularExpressions;
using SettlementGrid.Deploy.Tests.Systemd;
using SettlementGrid.Testbed;

namespace SettlementGrid.Deploy.Tests.Lint;

/// <summary>
/// What the run book's commands, the units and the examples say to each other: paths, programs and the order of steps.
/// </summary>
public sealed partial class RunBookTests
{
    static readonly string[] s_languages = ["README.md", "README.zh-CN.md"];

    /// <summary>The units want the connection in a file; a folder of the same name was made for the settings.</summary>
    [Fact]
    public void No_path_under_etc_is_a_file_in_one_place_and_a_folder_in_another()
    {
        Assert.Equal(
            ["/etc/settlementgrid/postgres is a folder in /etc/settlementgrid/postgres/one.conf"],
            Clashes("/etc/settlementgrid/postgres; /etc/settlementgrid/postgres/one.conf"));
        Assert.Empty(Clashes(string.Join('\n', Directory
            .EnumerateFiles(Repository.Deploy(), "*", SearchOption.AllDirectories)
            .Where(file => !file.StartsWith(Repository.Deploy("secrets"), StringComparison.Ordinal))
            .Select(File.ReadAllText))));
    }

    [Fact]
    public void Both_languages_of_the_run_book_give_the_same_commands()
    {
        var commands = s_languages.Select(language => Commands(File.ReadAllText(Repository.Deploy(language)))).ToList();
        Assert.True(commands[0].Count > 20, "the run book's commands were not found");
        Assert.Equal(commands[0], commands[1]);
    }

    [Theory]
    [InlineData("example.env", "settlementgrid@.service")]
    [InlineData("silo.example.env", "settlementgrid-silo@.service")]
    public void Anchor_of_the_example_lies_where_the_unit_lets_the_server_write(string example, string file)
    {
        var unit = UnitFile.Read(Repository.Deploy("systemd", file));
        Assert.Equal("strict", unit.One("Service", "ProtectSystem"));
        var writable = unit.All("Service", "ReadWritePaths").Select(path => path.TrimStart('-'))
            .Concat(unit.All("Service", "StateDirectory").Select(state => $"/var/lib/{state}")).ToList();
        var anchor = AnchorOption().Match(File.ReadAllText(Repository.Deploy("systemd", example))).Groups[1].Value;
        var folder = Path.GetDirectoryName(anchor);
        Assert.Contains(folder, writable);
        // Who makes it: without an owner that may write it, the unit's leave is worth nothing.
        foreach (var language in s_languages)
        {
            Assert.Contains(
                $"install -d -o {unit.One("Service", "User")} -g {unit.One("Service", "Group")} -m 0700 {folder}",
                Commands(File.ReadAllText(Repository.Deploy(language))));
        }
    }

    /// <summary>Nothing that is installed stands on anybody's PATH.</summary>
    [Theory]
    [InlineData("README.md")]
    [InlineData("README.zh-CN.md")]
    [InlineData("postgres/restore")]
    public void Programs_are_called_by_their_whole_path(string file) =>
        Assert.DoesNotMatch(BareCall(), File.ReadAllText(Repository.Deploy(file)));

    [Fact]
    public void Secrets_are_made_in_a_namespace_that_is_there()
    {
        var commands = File.ReadAllLines(Repository.Deploy("kubernetes", "secrets.example.txt"))
            .Where(line => line.Length > 0 && line[0] != '#').ToList();
        var made = Assert.Single(commands[0].Split(' '), word => word.EndsWith(".yaml", StringComparison.Ordinal));
        Assert.Contains(
            "kind: Namespace", File.ReadAllText(Path.Combine(Repository.Root, made)), StringComparison.Ordinal);
        Assert.All(commands.Skip(1), command =>
            Assert.Contains("-n settlementgrid create secret", command, StringComparison.Ordinal));
    }

    static IEnumerable<string> Clashes(string text)
    {
        var paths = Settings().Matches(text).Select(found => found.Value.TrimEnd('.', '/')).Distinct().ToList();
        return from file in paths
               from other in paths
               where other.StartsWith(file + "/", StringComparison.Ordinal)
               select $"{file} is a folder in {other}";
    }

    /// <summary>The lines between fences, without the remarks, which are of the language.</summary>
    static List<string> Commands(string text) =>
        [.. Fenced().Matches(text).SelectMany(block => block.Groups[1].Value.Split('\n'))
            .Select(line => Remark().Replace(line, "").Trim()).Where(line => line.Length > 0)];

    [GeneratedRegex(@"/etc/settlementgrid/[\w.@%/-]+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Settings();

    [GeneratedRegex(@"--anchor (\S+)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex AnchorOption();

    [GeneratedRegex(@"(?<![\w/])SettlementGrid\.(Server|Silo) [a-z-]", RegexOptions.None, 1000)]
    private static partial Regex BareCall();

    [GeneratedRegex(@"^ *```\n(.*?)^ *```$", RegexOptions.Singleline | RegexOptions.Multiline, 1000)]
    private static partial Regex Fenced();

    [GeneratedRegex(@"(^|\s)#.*$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Remark();
}
