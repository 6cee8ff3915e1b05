using SettlementGrid.Enrollees;
using SettlementGrid.Plans;

namespace SettlementGrid.Import;

/// <summary>A row that was not stored, with the reason.</summary>
/// <param name="Original">The line as the file has it.</param>
readonly record struct Reject(long Line, Refusal Refusal, string Original);

/// <summary>
/// A run of lines of the file: rows to store in one append, and rows already rejected. One of the two lists of rows is
/// used, by the file's table. Filled by one thread, then handed to another; never shared.
/// </summary>
sealed class Batch
{
    readonly List<(long Line, string Original)> _origins = [];

    public List<RosterPut> Puts { get; } = [];

    public List<OpeningBalance> Balances { get; } = [];

    public List<Reject> Rejects { get; } = [];

    /// <summary>The last line it covers, and how far into the file it ends.</summary>
    public long LastLine { get; set; }

    public long BytesRead { get; set; }

    /// <summary>Once stored.</summary>
    public ImportCounts Counts { get; set; }

    public bool IsFull =>
        Math.Max(Rejects.Count, Math.Max(Puts.Count, Balances.Count)) >= Limits.BatchRowsMax;

    public void Add(OpeningBalance balance, long line, ReadOnlySpan<char> original)
    {
        Balances.Add(balance);
        // An opening balance may still be refused by the account, so its line is kept until then.
        _origins.Add((line, original.ToString()));
    }

    /// <summary>Rejects opening balances that the accounts refused; rejects stay in the order of lines.</summary>
    public void RejectRefused(Refusal?[] refused)
    {
        for (var i = 0; i < refused.Length; i++)
            if (refused[i] is { } refusal)
                Rejects.Add(new Reject(_origins[i].Line, refusal, _origins[i].Original));
        Rejects.Sort((a, b) => a.Line.CompareTo(b.Line));
    }
}
