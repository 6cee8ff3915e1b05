using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace SettlementGrid.PlanFiles;

/// <summary>
/// YAML text → nodes, in one pass over the parser's events. Refuses what a plan file never needs and an attacker does:
/// anchors and aliases, tags, several documents, great depth and great size. Recursion is bounded by DepthMax.
/// </summary>
sealed class YamlTree
{
    readonly FindingList _findings;
    readonly IParser _parser;
    Place _last = new(1, 1);
    int _nodes;

    YamlTree(string text, FindingList findings)
    {
        _findings = findings;
        _parser = new Parser(new StringReader(text));
    }

    /// <summary>The root, or null where the text is not readable as YAML (a finding says where).</summary>
    public static Node? Read(string text, FindingList findings)
    {
        if (text.Length > Limits.TextLengthMax)
        {
            findings.Error(new Place(1, 1), "", $"文件过大（{text.Length} 个字符）",
                $"the file is too large ({text.Length} characters)",
                $"at most {Limits.TextLengthMax} characters");
            return null;
        }
        var tree = new YamlTree(text, findings);
        try
        {
            return tree.Document();
        }
        catch (YamlException fault)
        {
            findings.Error(PlaceOf(fault.Start), "", $"YAML 语法错误：{fault.Message}",
                $"YAML syntax error: {fault.Message}", "valid YAML");
            return null;
        }
        catch (Exception fault) when (fault is InvalidOperationException or ArgumentException or IOException)
        {
            // The scanner throws these on some unclosed brackets and bad escapes instead of its own exception.
            findings.Error(tree._last, "", "此处之后有 YAML 语法错误（括号或引号未闭合）",
                "YAML syntax error after this place (a bracket or quote is not closed)", "valid YAML");
            return null;
        }
    }

    Node? Document()
    {
        _parser.Consume<StreamStart>();
        if (!_parser.TryConsume<DocumentStart>(out _))
        {
            _findings.Error(new Place(1, 1), "", "文件为空", "the file is empty", "a mapping with format, id, name, …");
            return null;
        }
        var root = Value(0, "");
        if (root is null)
            return null;
        _parser.Consume<DocumentEnd>();
        if (_parser.TryConsume<DocumentStart>(out var second))
            _findings.Error(PlaceOf(second.Start), "", "一个文件只能有一个文档", "a file holds one document only",
                "no second '---'");
        return root;
    }

    Node? Value(int depth, string path)
    {
        var current = _parser.Consume<ParsingEvent>();
        var place = _last = PlaceOf(current.Start);
        if (++_nodes > Limits.NodesMax)
            return Stop(place, path, "节点过多", "too many nodes", $"at most {Limits.NodesMax}");
        if (depth > Limits.DepthMax)
            return Stop(place, path, "嵌套过深", "nested too deeply", $"at most {Limits.DepthMax} levels");
        switch (current)
        {
            case AnchorAlias alias:
                return Stop(place, path, $"不允许引用（*{alias.Value}）", $"aliases are not allowed (*{alias.Value})",
                    "the value itself");
            case NodeEvent { Anchor.IsEmpty: false } anchored:
                return Stop(place, path, $"不允许锚点（&{anchored.Anchor.Value}）",
                    $"anchors are not allowed (&{anchored.Anchor.Value})", "no anchor");
            case NodeEvent { Tag: { IsEmpty: false, IsNonSpecific: false } } tagged:
                return Stop(place, path, $"不允许标签（{tagged.Tag.Value}）", $"tags are not allowed ({tagged.Tag.Value})",
                    "no tag");
            case Scalar scalar:
                return new ScalarNode(place, scalar.Value, scalar.Style is not ScalarStyle.Plain);
            case SequenceStart:
                return List(place, depth, path);
            default:
                return Map(place, depth, path);
        }
    }

    ListNode? List(Place place, int depth, string path)
    {
        var items = new List<Node>();
        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            if (Value(depth + 1, $"{path}[{items.Count}]") is not { } item)
                return null;
            items.Add(item);
        }
        return new ListNode(place, items);
    }

    MapNode? Map(Place place, int depth, string path)
    {
        var entries = new List<MapEntry>();
        var seen = new Dictionary<string, Place>(StringComparer.Ordinal);
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            if (Value(depth + 1, path) is not { } key)
                return null;
            var name = (key as ScalarNode)?.Text ?? "?";
            var within = Fields.PathOf(path, name);
            if (Value(depth + 1, within) is not { } value)
                return null;
            if (key is not ScalarNode)
            {
                _findings.Error(key.Place, path, "键必须是单个词", "a key must be a single word", "a word");
                continue;
            }
            if (seen.TryGetValue(name, out var first))
                _findings.Error(key.Place, within, $"键“{name}”重复（首次出现在第 {first.Line} 行）",
                    $"the key '{name}' stands twice (first in line {first.Line})", "each key once");
            else
            {
                seen.Add(name, key.Place);
                entries.Add(new MapEntry(name, key.Place, value));
            }
        }
        return new MapNode(place, entries);
    }

    Node? Stop(Place place, string path, string zh, string en, string expected)
    {
        _findings.Error(place, path, zh, en, expected);
        return null;
    }

    static Place PlaceOf(Mark mark) => new((int)mark.Line, (int)mark.Column);
}
