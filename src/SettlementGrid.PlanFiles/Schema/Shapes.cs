using System.Text.Json.Nodes;

namespace SettlementGrid.PlanFiles;

/// <summary>A key of a mapping in the schema.</summary>
readonly record struct Key(string Name, JsonNode Shape, bool Required = false);

/// <summary>The few forms of JSON Schema (draft 7, which editors know best) that plan files need.</summary>
static class Shapes
{
    public static JsonObject Ref(string definition) => new() { ["$ref"] = "#/definitions/" + definition };

    /// <summary>A single value; an unquoted number, where it is one, comes to an editor as a number.</summary>
    public static JsonObject Text(string? pattern = null, int? lengthMax = null, bool orNumber = true)
    {
        var shape = new JsonObject { ["type"] = orNumber ? Types("string", "number") : "string" };
        if (pattern is not null)
            shape["pattern"] = pattern;
        if (lengthMax is { } max)
            shape["maxLength"] = max;
        return shape;
    }

    public static JsonObject Flag() => new() { ["type"] = "boolean" };

    public static JsonObject Whole(int min, int max) =>
        new() { ["type"] = "integer", ["minimum"] = min, ["maximum"] = max };

    public static JsonObject Only(string word) => new() { ["const"] = word };

    /// <summary>The words of a closed list, from the table by which the reader knows them.</summary>
    public static JsonObject Word<T>()
        where T : struct, Enum => new()
        {
            ["enum"] = new JsonArray([.. Spellings<T>.All.Keys.Select(word => JsonValue.Create(word))]),
        };

    public static JsonObject List(JsonNode item, int countMax) =>
        new() { ["type"] = "array", ["items"] = item, ["minItems"] = 1, ["maxItems"] = countMax };

    public static JsonObject AnyOf(params JsonNode[] shapes) => new() { ["anyOf"] = new JsonArray(shapes) };

    public static JsonObject Map(params ReadOnlySpan<Key> keys)
    {
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (var key in keys)
        {
            properties[key.Name] = key.Shape;
            if (key.Required)
                required.Add(JsonValue.Create(key.Name));
        }
        var shape = new JsonObject
        {
            ["type"] = "object", ["properties"] = properties, ["additionalProperties"] = false,
        };
        if (required.Count > 0)
            shape["required"] = required;
        return shape;
    }

    /// <summary>A mapping whose keys are ids that the file gives itself.</summary>
    public static JsonObject ById(JsonNode value, int countMax) => new()
    {
        ["type"] = "object", ["propertyNames"] = Ref("id"), ["additionalProperties"] = value,
        ["maxProperties"] = countMax,
    };

    /// <summary>A rule: one mapping or a list of cases, each with its condition and its clause.</summary>
    public static JsonObject Rule(params ReadOnlySpan<Key> keys)
    {
        var only = Case(keys);
        return AnyOf(only, List(only.DeepClone(), Limits.CasesMax));
    }

    /// <summary>What names its clause, and beside it the reading chosen where the document is unclear.</summary>
    public static JsonObject WithClause(params ReadOnlySpan<Key> keys) =>
        Map([.. keys, new("clause", Ref("text"), Required: true), new("reading", Ref("remark"))]);

    public static JsonObject Says(this JsonObject shape, string description)
    {
        shape["description"] = description;
        return shape;
    }

    static JsonObject Case(ReadOnlySpan<Key> keys) => WithClause([new("when", Ref("when")), .. keys]);

    static JsonArray Types(params string[] types) => new([.. types.Select(type => JsonValue.Create(type))]);
}
