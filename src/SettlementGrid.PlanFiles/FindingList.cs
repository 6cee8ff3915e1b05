using SettlementGrid.Plans;

namespace SettlementGrid.PlanFiles;

/// <summary>The findings of one file, bounded: beyond <see cref="Limits.FindingsMax"/> they are only counted.</summary>
sealed class FindingList
{
    readonly List<Finding> _findings = [];
    int _beyond;

    public bool HasErrors { get; private set; }

    public void Error(Place place, string path, string zh, string en, string expected) =>
        Add(place, path, Severity.Error, zh, en, expected);

    public void Warning(Place place, string path, string zh, string en, string expected) =>
        Add(place, path, Severity.Warning, zh, en, expected);

    /// <summary>In the order of their places.</summary>
    public IReadOnlyList<Finding> InOrder()
    {
        var ordered = _findings.OrderBy(f => f.Line).ThenBy(f => f.Column).ToList();
        if (_beyond > 0)
            ordered.Add(ordered[^1] with
            {
                MessageZh = $"另有 {_beyond} 处问题未列出", MessageEn = $"{_beyond} further findings are not listed",
                Expected = "",
            });
        return ordered;
    }

    void Add(Place place, string path, Severity severity, string zh, string en, string expected)
    {
        HasErrors |= severity == Severity.Error;
        if (_findings.Count < Limits.FindingsMax)
            _findings.Add(new Finding(
                place.Line, place.Column, path, severity, Excerpt.Of(zh, Limits.FindingTextMax),
                Excerpt.Of(en, Limits.FindingTextMax), Excerpt.Of(expected, Limits.FindingTextMax)));
        else
            _beyond++;
    }
}
