using Npgsql;
using SettlementGrid.Enrollees;
using SettlementGrid.Ledger.Checkpoints;
using SettlementGrid.Ledger.Reading;
using SettlementGrid.Ledger.Starting;
using SettlementGrid.Plans;

namespace SettlementGrid.Ledger.Verification;

/// <summary>
/// Walks the whole ledger as it stands at one moment, with servers at work or without, and says what is not as it was
/// written. Memory is bounded: one person, one page of anchors, the plans, one fold of the funds (some 50
/// bytes a person). Works by its own connection and changes
/// nothing.
/// </summary>
/// <param name="readPlan">The reader of plan files; throws on a text it cannot read.</param>
/// <param name="anchorPath">The anchor file; null: not checked.</param>
public sealed class LedgerVerification(string connectionString, Func<string, Plan> readPlan, string? anchorPath)
{
    /// <summary>A change every so many entries is enough to see that it goes on.</summary>
    const int ProgressEvery = 10_000;

    public async Task<VerificationReport> Run(
        IProgress<VerificationProgress>? progress, CancellationToken cancellation)
    {
        var anchored = anchorPath is null ? 0 : AnchorCheck.LengthOf(anchorPath);
        await using var sessions = new Sessions(connectionString);
        await using var connection = await sessions.ForLists(cancellation);
        await using var moment =
            await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellation);
        await using (var readOnly = new NpgsqlCommand("SET TRANSACTION READ ONLY", connection))
            await readOnly.ExecuteNonQueryAsync(cancellation);

        var total = await Total(connection, cancellation);
        var findings = new Findings();
        Action<long> Report(long before) => done =>
        {
            if ((before + done) % ProgressEvery == 0)
                progress?.Report(new VerificationProgress(before + done, 2 * total));
        };

        var funds = new FundCheck(findings, readPlan, new PostgresCheckpoints(sessions));
        await funds.Begin(cancellation);
        var commits = new CommitWalk(findings, funds, Report(0));
        await commits.Run(connection, cancellation);
        var figures = new Figures(readPlan);
        await Plans(connection, figures, findings, cancellation);
        var sums = new FundSums(findings);
        sums.Know(figures.Plans);
        var streams = new StreamWalk(findings, figures, sums, Report(commits.Entries));
        await streams.Run(connection, cancellation);
        await using (var now = await sessions.ForLists(cancellation))
            funds.End(await Total(now, cancellation));
        if (funds.Fold is { } fold)
            await sums.Compare(fold, connection, cancellation);
        var anchors = anchorPath is null ? null : new AnchorCheck(findings, commits.Head, anchorPath, anchored);
        if (anchors is not null)
            await anchors.Run(connection, cancellation);
        progress?.Report(new VerificationProgress(2 * total, 2 * total));
        return new VerificationReport(
            findings.List, commits.Head, streams.Entries, streams.StreamCount, figures.Settlements,
            anchors?.Anchors ?? 0, sums.Count, funds.Checkpoints);
    }

    static async Task<long> Total(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("SELECT coalesce(max(position), 0) FROM ledger.head", connection);
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    static async Task Plans(
        NpgsqlConnection connection, Figures figures, Findings findings, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"""
            SELECT c.first_position + e.ordinal, e.body, e.stream_id, e.version
            FROM ledger.entries e JOIN ledger.commits c ON c.id = e.commit_id
            WHERE e.stream_kind = {(int)StreamKind.Plan}
            """,
            connection);
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
        {
            try
            {
                figures.Know(Rows.Recorded(rows, 0, 1));
            }
            catch (Exception e) when (Damage.IsSign(e))
            {
                findings.Add(new Finding(
                    "this plan cannot be read", new StreamKey(StreamKind.Plan, rows.GetString(2)), rows.GetInt64(3),
                    rows.GetInt64(0)));
            }
        }
    }
}
