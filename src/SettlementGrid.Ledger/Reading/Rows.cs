using Npgsql;
using NpgsqlTypes;
using SettlementGrid.Enrollees;

namespace SettlementGrid.Ledger.Reading;

/// <summary>Rows as the domain knows them.</summary>
static class Rows
{
    /// <summary>Joins an entry to its commit, which gives its position.</summary>
    public const string Select = """
        SELECT c.first_position + e.ordinal, e.body
        FROM ledger.entries e JOIN ledger.commits c ON c.id = e.commit_id
        """;

    public static Recorded Recorded(NpgsqlDataReader row, int position, int body) =>
        new(Entry.Read(row.GetFieldValue<byte[]>(body)), row.GetInt64(position));

    public static async Task<List<Recorded>> ReadAll(NpgsqlDataReader rows)
    {
        var recorded = new List<Recorded>();
        while (await rows.ReadAsync())
            recorded.Add(Recorded(rows, 0, 1));
        return recorded;
    }

    /// <summary>A command with its parameters in order ($1, $2, …).</summary>
    public static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params ReadOnlySpan<object> values)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
            command.Parameters.Add(Parameter(value));
        return command;
    }

    /// <summary>The same as one of several that go in one round trip.</summary>
    public static NpgsqlBatchCommand BatchCommand(string sql, params ReadOnlySpan<object> values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(Parameter(value));
        return command;
    }

    static NpgsqlParameter Parameter(object value) => value switch
    {
        // The empty list of nullables has no element from which the driver could tell the type.
        List<Guid?> => new NpgsqlParameter { Value = value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid },
        _ => new NpgsqlParameter { Value = value },
    };
}
