using System.Text.Json;
using SettlementGrid.PlanFiles;
using YamlDotNet.RepresentationModel;

namespace SettlementGrid.Plans.Tests;

/// <summary>The schema that editors get against the reader that decides.</summary>
public class Schema_tests
{
    const string Stranger = "no_such_key";

    static readonly JsonElement Schema = JsonDocument.Parse(PlanSchema.Text()).RootElement;

    static SchemaWalk Walk => new(Schema);

    // No shipped file bears anything per case.
    static readonly string Sound = SoundFile.Text.Replace("    start:\n", """
            per_case: [{ when: { from_case: 2, insurances: [RESIDENT] }, amount: 100, clause: 七 }]
            start:

        """, StringComparison.Ordinal);

    public static TheoryData<string> Files() => [.. Names(Shipped_file_tests.Files()), "sound"];

    static IEnumerable<string> Names(TheoryData<string> files) => files.Cast<object[]>().Select(row => (string)row[0]);

    static string Text(string file) => file == "sound" ? Sound : ShippedPlans.Text(file);

    static YamlDocument Document(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return stream.Documents[0];
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_file_is_valid_under_the_schema(string file) =>
        Assert.Empty(Walk.Faults(Document(Text(file)).RootNode));

    [Theory]
    [InlineData("kind: CRITICAL", "kind: CRITIC", "CRITIC")]
    [InlineData("order: 10", "order: ten", "ten")]
    [InlineData("fund_code: \"390201\"", "fund_code: \"39\"", "fund_code")]
    [InlineData("measure: OWN_ELIGIBLE_SHARE", "measures: OWN_ELIGIBLE_SHARE", "measures")]
    [InlineData("share: 90%", "share: 90", "counting")]
    [InlineData("{ from: start, to: 50000, rate: 60% }", "{ from: start, to: 50000 }", "rates")]
    [InlineData("name: { zh: 第六市, en: A sixth city }", "name: { zh: 第六市 }", "en")]
    [InlineData("facility: { level_min: 2", "facility: { level_min: [2]", "level_min")]
    [InlineData("values: [{ from: 2025-01-01, value: 62.5%", "values: [{ from: 2025-1-1, value: 62.5%", "2025-1-1")]
    public void A_fault_of_form_is_seen(string sound, string broken, string named)
    {
        Assert.Contains(sound, Sound, StringComparison.Ordinal);
        var faults = Walk.Faults(Document(Sound.Replace(sound, broken, StringComparison.Ordinal)).RootNode);
        Assert.Contains(faults, fault => fault.Contains(named, StringComparison.Ordinal));
    }

    [Fact]
    public void Its_keys_are_the_readers_in_every_mapping()
    {
        var met = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in Names(Files()))
            foreach (var finding in PlanFile.Read(WithStrangers(Text(file))).Findings)
            {
                if (!finding.Path.EndsWith(Stranger, StringComparison.Ordinal)
                    || !finding.Expected.StartsWith("one of ", StringComparison.Ordinal))
                    continue;
                var path = finding.Path[..^Stranger.Length].TrimEnd('.');
                var readers = string.Join(", ", finding.Expected["one of ".Length..].Split(", ").Order());
                Assert.Contains(readers, Walk.MappingsAt(path).Select(keys => string.Join(", ", keys)));
                met.Add(readers);
            }
        Assert.Equal(Mappings(Schema).Distinct().Order(), met.Order());
    }

    /// <summary>
    /// An unknown key in every mapping whose keys the format fixes: the reader answers with those it knows.
    /// </summary>
    static string WithStrangers(string text)
    {
        var document = Document(text);
        foreach (var map in document.AllNodes.OfType<YamlMappingNode>().ToList())
            if (!map.Any(entry => entry.Value is YamlMappingNode { } value && value.Children.ContainsKey("clause")
                && value.Children.ContainsKey("name")))
                map.Add(Stranger, "1");
        var writer = new StringWriter();
        new YamlStream(document).Save(writer, assignAnchors: false);
        return writer.ToString().Replace("\n...", "", StringComparison.Ordinal);
    }

    /// <summary>The keys of every mapping that the schema describes, anywhere in it.</summary>
    static IEnumerable<string> Mappings(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object =>
            (element.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object
                && element.TryGetProperty("additionalProperties", out _)
                ? (string[])[string.Join(", ", SchemaWalk.Properties(element))] : [])
            .Concat(element.EnumerateObject().SelectMany(property => Mappings(property.Value))),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Mappings),
        _ => [],
    };
}
