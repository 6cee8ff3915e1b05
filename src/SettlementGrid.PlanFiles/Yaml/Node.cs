namespace SettlementGrid.PlanFiles;

/// <summary>A place in a file, both from 1.</summary>
readonly record struct Place(int Line, int Column);

/// <summary>A node of a plan file with its place. There are no anchors, so the tree is as large as the text.</summary>
abstract record Node(Place Place)
{
    /// <summary>What the node is, as a finding calls it.</summary>
    public string KindEn => this switch { MapNode => "a mapping", ListNode => "a list", _ => "a single value" };

    public string KindZh => this switch { MapNode => "键值表", ListNode => "列表", _ => "单个值" };
}

sealed record ScalarNode(Place Place, string Text, bool Quoted) : Node(Place)
{
    /// <summary>Written as nothing, ~ or null.</summary>
    public bool IsNull => !Quoted && Text is "" or "~" or "null";
}

sealed record ListNode(Place Place, IReadOnlyList<Node> Items) : Node(Place);

sealed record MapNode(Place Place, IReadOnlyList<MapEntry> Entries) : Node(Place);

readonly record struct MapEntry(string Key, Place Place, Node Value);
