using System.Text;
using System.Text.RegularExpressions;

namespace SettlementGrid.Deploy.Tests.Systemd;

/// <summary>
/// A unit file as systemd reads it, as far as ours use it: sections, keys that may repeat, %-specifiers, and the two
/// ways of a variable in a command line ($WORDS is split, ${ONE} is not).
/// </summary>
public sealed partial class UnitFile
{
    readonly Dictionary<(string Section, string Key), List<string>> _values = [];

    UnitFile()
    {
    }

    /// <exception cref="FormatException">A line is neither a section, a key, a comment nor empty.</exception>
    public static UnitFile Read(string path)
    {
        var unit = new UnitFile();
        var section = "";
        foreach (var line in File.ReadLines(path).Select(line => line.Trim()))
        {
            if (line.Length == 0 || line[0] is '#' or ';')
                continue;
            if (line[0] == '[' && line[^1] == ']')
            {
                section = line[1..^1];
                continue;
            }
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || section.Length == 0)
                throw new FormatException($"{path}: '{line}' is no setting.");
            var key = (section, line[..equals].Trim());
            if (!unit._values.TryGetValue(key, out var values))
                unit._values.Add(key, values = []);
            values.Add(line[(equals + 1)..].Trim());
        }
        return unit;
    }

    public IEnumerable<(string Section, string Key)> Keys => _values.Keys;

    public IReadOnlyList<string> All(string section, string key) => _values.GetValueOrDefault((section, key)) ?? [];

    public string One(string section, string key) => Assert.Single(All(section, key));

    /// <summary>The command line as words, specifiers and variables filled in.</summary>
    public static IReadOnlyList<string> Words(
        string command, IReadOnlyDictionary<char, string> specifiers, IReadOnlyDictionary<string, string> variables)
    {
        var words = new List<string>();
        foreach (var word in command.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var plain = Specified(word, specifiers);
            if (WholeVariable().Match(plain) is { Success: true } whole)
                words.AddRange(variables[whole.Groups[1].Value].Split(' ', StringSplitOptions.RemoveEmptyEntries));
            else
                words.Add(BracedVariable().Replace(plain, found => variables[found.Groups[1].Value]));
        }
        return words;
    }

    /// <summary>%i and its like; %% is a percent sign.</summary>
    /// <exception cref="KeyNotFoundException">A specifier that is not given.</exception>
    public static string Specified(string text, IReadOnlyDictionary<char, string> specifiers)
    {
        var filled = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '%')
                filled.Append(text[i]);
            else
                filled.Append(text[++i] == '%' ? "%" : specifiers[text[i]]);
        }
        return filled.ToString();
    }

    [GeneratedRegex(@"^\$([A-Z_]+)$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex WholeVariable();

    [GeneratedRegex(@"\$\{([A-Z_]+)\}", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex BracedVariable();
}
