using SettlementGrid.Testbed;

namespace SettlementGrid.Faults.Running;

/// <summary>What a fault came to. A lost, double or differing settlement is a finding too. Thread-safe.</summary>
public sealed class Verdict
{
    readonly Lock _lock = new();
    readonly List<string> _findings = [];
    readonly int[] _differences = new int[Enum.GetValues<DifferenceKind>().Length];

    public int Acknowledged { get; set; }

    public int SentAgain { get; set; }

    /// <summary>The longest from a bill's first sending to its answer.</summary>
    public TimeSpan LongestUnanswered { get; set; }

    public TimeSpan Took { get; set; }

    /// <summary>Why it was not run; null: it was.</summary>
    public string? Skipped { get; set; }

    public int Lost => Count(DifferenceKind.Lost);

    public int Double => Count(DifferenceKind.Double);

    public int Differing => Count(DifferenceKind.Differing);

    public IReadOnlyList<string> Findings
    {
        get
        {
            lock (_lock)
                return [.. _findings];
        }
    }

    public bool IsClean => Findings.Count == 0 && Lost + Double + Differing == 0;

    /// <summary>What must not be, in words; beyond <see cref="FaultLimits.FindingsMax"/> none is kept.</summary>
    public void Find(string finding)
    {
        lock (_lock)
        {
            if (_findings.Count < FaultLimits.FindingsMax)
                _findings.Add(finding);
        }
    }

    /// <summary>What must not be, where the condition does not hold.</summary>
    public void Require(bool holds, string otherwise)
    {
        if (!holds)
            Find(otherwise);
    }

    /// <summary>Settlements that are not as acknowledged.</summary>
    public void Add(IEnumerable<Difference> differences)
    {
        foreach (var difference in differences)
        {
            lock (_lock)
                _differences[(int)difference.Kind]++;
            Find($"{difference.Kind}: {difference.Text}");
        }
    }

    int Count(DifferenceKind kind)
    {
        lock (_lock)
            return _differences[(int)kind];
    }
}
