using SettlementGrid.Plans;

namespace SettlementGrid.PlanFiles;

/// <summary>
/// A mapping being read: every key asked for is known, and closing it refuses all others by name and place. So the code
/// that reads a mapping is the whole list of its keys.
/// </summary>
sealed class Fields
{
    readonly MapNode _map;
    readonly FindingList _findings;
    readonly List<string> _known = [];

    Fields(MapNode map, string path, FindingList findings)
    {
        _map = map;
        Path = path;
        _findings = findings;
    }

    public string Path { get; }

    public bool IsEmpty => _map.Entries.Count == 0;

    public Place Place => _map.Place;

    /// <summary>The node as a mapping; a finding and null where it is something else.</summary>
    public static Fields? Of(Node? node, string path, FindingList findings)
    {
        if (node is MapNode map)
            return new Fields(map, path, findings);
        if (node is not null)
            findings.Error(node.Place, path, $"这里应为键值表，实为{node.KindZh}",
                $"a mapping is expected here, not {node.KindEn}", "a mapping");
        return null;
    }

    public string PathOf(string key) => PathOf(Path, key);

    /// <summary>
    /// Where a key stands, the key cut at <see cref="Limits.PathKeyMax"/>: each key under it repeats it.
    /// </summary>
    public static string PathOf(string path, string key)
    {
        var shown = Excerpt.Of(key, Limits.PathKeyMax);
        return path.Length == 0 ? shown : $"{path}.{shown}";
    }

    public bool Has(string key) => Find(key) is not null;

    /// <summary>The value of a key, or null where it is not there; null, ~ and nothing count as not there.</summary>
    public Node? Take(string key, bool required = false, string expected = "")
    {
        if (!_known.Contains(key))
            _known.Add(key);
        var found = Find(key);
        if (found is null or ScalarNode { IsNull: true })
        {
            if (required)
                _findings.Error(found?.Place ?? Place, PathOf(key), $"缺少“{key}”", $"'{key}' is missing", expected);
            return null;
        }
        return found;
    }

    public Place PlaceOf(string key)
    {
        foreach (var entry in _map.Entries)
            if (entry.Key == key)
                return entry.Value.Place;
        return Place;
    }

    /// <summary>Refuses every key that nobody asked for.</summary>
    public void Close()
    {
        foreach (var entry in _map.Entries)
        {
            if (_known.Contains(entry.Key))
                continue;
            var meant = Spelling.Nearest(entry.Key, _known);
            _findings.Error(entry.Place, PathOf(entry.Key),
                $"未知的键“{entry.Key}”" + (meant is null ? "" : $"，是否为“{meant}”？"),
                $"unknown key '{entry.Key}'" + (meant is null ? "" : $"; did you mean '{meant}'?"),
                "one of " + string.Join(", ", _known));
        }
    }

    Node? Find(string key)
    {
        foreach (var entry in _map.Entries)
            if (entry.Key == key)
                return entry.Value;
        return null;
    }
}
