using Npgsql;
using SettlementGrid.Testbed;

namespace SettlementGrid.LoadTest.Measuring;

/// <summary>How many facts the group commits of a run held, from the ledger's own table of commits.</summary>
/// <param name="P50">Half of the commits held at most so many.</param>
public sealed record BatchSizes(long Commits, double Mean, int P50, int P90, int P99, int Max)
{
    const string NewestText = "SELECT number FROM ledger.head";

    const string SizesText =
        """
        SELECT count(*), coalesce(avg(count), 0)::float8,
               coalesce(percentile_disc(ARRAY[0.5, 0.9, 0.99, 1.0]) WITHIN GROUP (ORDER BY count), ARRAY[0, 0, 0, 0])
        FROM ledger.commits WHERE number > $1 AND number <= $2 AND count > 0
        """;

    /// <summary>The number of the newest commit: a mark to count from or to.</summary>
    public static async Task<long> NewestAsync(RunningServer server, CancellationToken cancellation)
    {
        await using var source = NpgsqlDataSource.Create(server.Place.Data.Connection.Read());
        await using var ask = source.CreateCommand(NewestText);
        return (long)(await ask.ExecuteScalarAsync(cancellation))!;
    }

    public static async Task<BatchSizes> BetweenAsync(
        RunningServer server, long after, long until, CancellationToken cancellation)
    {
        await using var source = NpgsqlDataSource.Create(server.Place.Data.Connection.Read());
        await using var ask = source.CreateCommand(SizesText);
        ask.Parameters.Add(new NpgsqlParameter { Value = after });
        ask.Parameters.Add(new NpgsqlParameter { Value = until });
        await using var read = await ask.ExecuteReaderAsync(cancellation);
        await read.ReadAsync(cancellation);
        var shares = await read.GetFieldValueAsync<int[]>(2, cancellation);
        return new BatchSizes(read.GetInt64(0), read.GetDouble(1), shares[0], shares[1], shares[2], shares[3]);
    }
}
