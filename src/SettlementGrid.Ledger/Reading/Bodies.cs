using System.Runtime.CompilerServices;
using Npgsql;
using SettlementGrid.Enrollees;

namespace SettlementGrid.Ledger.Reading;

/// <summary>
/// All bodies by position, for whoever folds the ledger: PostgreSQL's binary COPY, taken apart where it arrives.
/// Nothing is made per row: a run is the buffer that was read and where the bodies lie in it. Each run is waited for
/// <see cref="Reach.InTime"/>.
/// </summary>
sealed class Bodies(Readings readings, TimeProvider clock)
{
    public async IAsyncEnumerable<BodyRun> Read(
        long after, long upTo, [EnumeratorCancellation] CancellationToken cancellation)
    {
        while (after < upTo)
        {
            var statementUpTo = Math.Min(upTo, after + LedgerLimits.CopyRowsMax);
            var runs = ReadOnce(after, statementUpTo).GetAsyncEnumerator(CancellationToken.None);
            var next = Task.FromResult(false);
            try
            {
                while (await Next(next = runs.MoveNextAsync().AsTask(), cancellation))
                {
                    after = runs.Current.Last;
                    yield return runs.Current;
                }
            }
            finally
            {
                await End(runs, next);
            }
            if (after < statementUpTo)
                throw new InvalidDataException($"The ledger has nothing at position {after + 1}, below its head.");
        }
    }

    /// <summary>The runs of one statement, which is not cancelled: see <see cref="Reach.InTime"/>.</summary>
    async IAsyncEnumerable<BodyRun> ReadOnce(long after, long upTo)
    {
        // COPY takes no parameters; these are numbers. The commit that holds the first position asked for: of those
        // that begin at or before it the newest.
        var sql = $"""
            COPY (
                SELECT c.first_position + e.ordinal, e.body
                FROM ledger.commits c
                CROSS JOIN LATERAL (SELECT x.ordinal, x.body FROM ledger.entries x WHERE x.commit_id = c.id) e
                WHERE c.number >= coalesce((
                        SELECT f.number FROM ledger.commits f WHERE f.first_position <= {after + 1}
                        ORDER BY f.first_position DESC, f.number DESC LIMIT 1), 0)
                    AND c.first_position + e.ordinal > {after}
                ORDER BY c.number, e.ordinal LIMIT {upTo - after}
            ) TO STDOUT (FORMAT BINARY)
            """;
        await using var connection = await readings.Open();
        await using var copy = await connection.BeginRawBinaryCopyAsync(sql);
        var rows = new CopiedRows(copy, after + 1);
        while (await rows.Next(CancellationToken.None) is { } run)
            yield return run;
    }

    async ValueTask<bool> Next(Task<bool> next, CancellationToken cancellation)
    {
        try
        {
            return await Reach.InTime(clock, next, cancellation);
        }
        catch (Exception e) when (e is NpgsqlException or IOException)
        {
            throw new LedgerUnavailableException("The ledger cannot be read: " + Reach.Describe(e), e);
        }
    }

    /// <summary>A statement that is left under way ends by its own time, and nobody waits for that.</summary>
    static async ValueTask End(IAsyncEnumerator<BodyRun> runs, Task next)
    {
        if (next.IsCompleted)
            await runs.DisposeAsync();
        else
            _ = next.ContinueWith(
                _ => runs.DisposeAsync().AsTask(), CancellationToken.None, TaskContinuationOptions.None,
                TaskScheduler.Default);
    }
}
