using SettlementGrid.Enrollees;

namespace SettlementGrid.Ledger.Verification;

/// <summary>Something in the ledger that is not as it was written.</summary>
/// <param name="What">In words; without amounts but for sums of funds.</param>
/// <param name="Position">Where in the one sequence; null: unknown or none.</param>
/// <param name="Year">The policy year of a fact with money.</param>
/// <param name="Commit">The number of the commit, for what concerns a commit as a whole.</param>
public sealed record Finding(
    string What, StreamKey? Stream = null, long? Version = null, long? Position = null, int? Year = null,
        long? Commit = null)
{
    public override string ToString()
    {
        var place = new List<string>();
        if (Stream is { } stream)
            place.Add($"{stream.Kind.ToString().ToLowerInvariant()} {stream.Id}");
        if (Year is { } year)
            place.Add($"year {year}");
        if (Version is { } version)
            place.Add($"version {version}");
        if (Position is { } position)
            place.Add($"position {position}");
        if (Commit is { } commit)
            place.Add($"commit {commit}");
        return place.Count == 0 ? What : string.Join(", ", place) + ": " + What;
    }
}

/// <param name="Done">Entries walked; each is walked twice, by commit and by stream.</param>
public sealed record VerificationProgress(long Done, long Total);

/// <param name="Findings">
/// By order of discovery, at most <see cref="LedgerLimits.FindingsMax"/>; empty: all is as it was written.
/// </param>
/// <param name="Settlements">Whose figures were computed again.</param>
/// <param name="Anchors">Signed heads compared.</param>
/// <param name="Funds">Regions, plans and years whose sums were compared.</param>
/// <param name="Checkpoints">Of the funds, compared.</param>
public sealed record VerificationReport(
    IReadOnlyList<Finding> Findings, LedgerHead Head, long Entries, long Streams, long Settlements, long Anchors,
    long Funds, int Checkpoints)
{
    public bool IsClean => Findings.Count == 0;
}

/// <summary>Collects findings, a bounded number of them.</summary>
sealed class Findings
{
    readonly List<Finding> _list = [];

    public IReadOnlyList<Finding> List => _list;

    public void Add(Finding finding)
    {
        if (_list.Count < LedgerLimits.FindingsMax)
            _list.Add(finding);
    }
}

/// <summary>What decoding or computing throws on content that nobody could have written honestly.</summary>
static class Damage
{
    public static bool IsSign(Exception e) =>
        e is InvalidDataException or FormatException or OverflowException or ArgumentException
            or InvalidOperationException
            or IndexOutOfRangeException or KeyNotFoundException or NullReferenceException;

    /// <summary>A stored hash; all zero where it is not one.</summary>
    public static EntryHash HashOrNone(byte[] stored) => stored.Length == 32 ? Keys.Hash(stored) : default;
}
