using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace SettlementGrid.Plans.Tests;

/// <summary>Just enough of JSON Schema to hold a plan file against it: what editors do.</summary>
sealed class SchemaWalk(JsonElement root)
{
    /// <summary>The faults of a node under the schema; none: it is valid.</summary>
    public IEnumerable<string> Faults(YamlNode node) => Faults(node, root, "");

    /// <summary>The mappings that the schema allows at a place, as their property names.</summary>
    public IEnumerable<string[]> MappingsAt(string path)
    {
        var shapes = Alternatives(root).ToList();
        foreach (Match step in Regex.Matches(path, @"\[\d+\]|[^.\[\]]+"))
            shapes = [.. shapes.SelectMany(shape => Below(shape, step.Value)).SelectMany(Alternatives)];
        return shapes.Where(shape => shape.TryGetProperty("properties", out _)).Select(Properties);
    }

    public static string[] Properties(JsonElement shape) =>
        [.. shape.GetProperty("properties").EnumerateObject().Select(property => property.Name).Order()];

    IEnumerable<JsonElement> Below(JsonElement shape, string step)
    {
        if (step[0] == '[')
            return shape.TryGetProperty("items", out var items) ? [items] : [];
        if (shape.TryGetProperty("properties", out var properties) && properties.TryGetProperty(step, out var value))
            return [value];
        return shape.TryGetProperty("additionalProperties", out var others)
            && others.ValueKind == JsonValueKind.Object ? [others] : [];
    }

    IEnumerable<JsonElement> Alternatives(JsonElement shape) =>
        shape.TryGetProperty("$ref", out var name) ? Alternatives(Definition(name))
        : shape.TryGetProperty("anyOf", out var any) ? any.EnumerateArray().SelectMany(Alternatives)
        : [shape];

    JsonElement Definition(JsonElement name) =>
        root.GetProperty("definitions").GetProperty(name.GetString()!["#/definitions/".Length..]);

    IEnumerable<string> Faults(YamlNode node, JsonElement shape, string path)
    {
        var alternatives = Alternatives(shape).ToList();
        if (alternatives.Count > 1)
            return alternatives.Exists(alternative => !Faults(node, alternative, path).Any())
                ? [] : [$"{path}: fits no alternative"];
        shape = alternatives[0];
        return node switch
        {
            YamlMappingNode map => shape.TryGetProperty("properties", out _)
                || shape.TryGetProperty("propertyNames", out _) ? OfMap(map, shape, path) : [$"{path}: a mapping"],
            YamlSequenceNode list => shape.TryGetProperty("items", out var items)
                ? list.SelectMany((item, i) => Faults(item, items, $"{path}[{i}]")) : [$"{path}: a list"],
            _ => OfScalar((YamlScalarNode)node, shape, path),
        };
    }

    IEnumerable<string> OfMap(YamlMappingNode map, JsonElement shape, string path)
    {
        var keys = map.Select(entry => ((YamlScalarNode)entry.Key).Value!).ToList();
        if (shape.TryGetProperty("required", out var required))
            foreach (var name in required.EnumerateArray().Where(name => !keys.Contains(name.GetString()!)))
                yield return $"{path}: {name} is missing";
        foreach (var (key, value) in keys.Zip(map.Select(entry => entry.Value)))
        {
            var below = Below(shape, key).ToList();
            if (below.Count == 0)
                yield return $"{path}: unknown {key}";
            foreach (var fault in below.SelectMany(s => Faults(value, s, $"{path}.{key}")))
                yield return fault;
        }
    }

    static IEnumerable<string> OfScalar(YamlScalarNode node, JsonElement shape, string path)
    {
        var text = node.Value!;
        var type = node.Style != ScalarStyle.Plain ? "string"
            : text is "true" or "false" ? "boolean"
            : int.TryParse(text, CultureInfo.InvariantCulture, out _) ? "number integer"
            : decimal.TryParse(text, CultureInfo.InvariantCulture, out _) ? "number" : "string";
        if (shape.TryGetProperty("const", out var only) && only.GetString() != text)
            yield return $"{path}: not {only}";
        if (shape.TryGetProperty("enum", out var words) && words.EnumerateArray().All(w => w.GetString() != text))
            yield return $"{path}: {text} is none of the words";
        if (shape.TryGetProperty("type", out var types) && !type.Split(' ').Any(t => types.ToString().Contains(t)))
            yield return $"{path}: {text} is {type}, not {types}";
        if (shape.TryGetProperty("pattern", out var pattern) && type == "string"
            && !Regex.IsMatch(text, pattern.GetString()!))
            yield return $"{path}: {text} does not match {pattern}";
    }
}
