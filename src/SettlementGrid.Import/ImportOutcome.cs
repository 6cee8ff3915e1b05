using SettlementGrid.Plans;

namespace SettlementGrid.Import;

/// <summary>
/// How rows ended. Of opening balances Changed are those that made a fact; nobody is enrolled by them.
/// </summary>
public readonly record struct ImportCounts(long Enrolled, long Changed, long Unchanged, long Rejected)
{
    public long Rows => Enrolled + Changed + Unchanged + Rejected;

    public long Written => Enrolled + Changed;

    public static ImportCounts operator +(ImportCounts a, ImportCounts b) => new(
        a.Enrolled + b.Enrolled, a.Changed + b.Changed, a.Unchanged + b.Unchanged, a.Rejected + b.Rejected);
}

/// <summary>Where an import stands, for people.</summary>
/// <param name="Counts">Of the file's rows so far, an interrupted run's included.</param>
/// <param name="BytesRead">Of the rows that are done.</param>
/// <param name="RowsPerSecond">Of this run.</param>
/// <param name="Left">Expected time to the end; null where nothing is known yet.</param>
public sealed record ImportProgress(
    ImportCounts Counts, long BytesRead, long BytesTotal, double RowsPerSecond, TimeSpan? Left)
{
    public double Percent => BytesTotal == 0 ? 100 : 100.0 * BytesRead / BytesTotal;
}

/// <summary>What became of an import.</summary>
/// <param name="Counts">
/// Of all rows that are done; rows done by an interrupted run before count as that run counted them.
/// </param>
/// <param name="RejectsPath">The file with the rejected rows; null where there are none.</param>
/// <param name="Elapsed">Of this run, the tidying after it included.</param>
public abstract record ImportOutcome(ImportCounts Counts, string? RejectsPath, TimeSpan Elapsed)
{
    /// <summary>Every row is either as the file says in the ledger, or in the rejects file.</summary>
    /// <param name="ResumedAfterLine">0: the run began at the file's start.</param>
    public sealed record Done(ImportCounts Counts, string? RejectsPath, TimeSpan Elapsed, long ResumedAfterLine)
        : ImportOutcome(Counts, RejectsPath, Elapsed);

    /// <summary>The file is none of ours; nothing was stored.</summary>
    public sealed record Refused(Refusal Refusal) : ImportOutcome(default, null, TimeSpan.Zero);

    /// <summary>
    /// The ledger stayed away too long. What is done is done; the same import goes on where it stopped.
    /// </summary>
    public sealed record Stopped(Refusal Refusal, ImportCounts Counts, string? RejectsPath, TimeSpan Elapsed)
        : ImportOutcome(Counts, RejectsPath, Elapsed);
}
