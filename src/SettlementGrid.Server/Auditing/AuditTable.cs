using Npgsql;
using NpgsqlTypes;
using SettlementGrid.Api;
using SettlementGrid.Api.Methods;
using SettlementGrid.Enrollees;
using SettlementGrid.Server.CommandLine;

namespace SettlementGrid.Server.Auditing;

/// <summary>
/// The audit as the database keeps it: records are added, their counts grow, and after three years they are forgotten;
/// nothing else happens to them, and the working role could not do anything else.
/// </summary>
public sealed class AuditTable(NpgsqlDataSource source)
{
    private const string Columns =
        "minute, caller, method, outcome, facility_id, region_id, subject, count, first_at, last_at";

    private const int SubjectLengthMax = 512;

    /// <summary>The record of one call.</summary>
    public static AuditRecord Record(AuditedCall call)
    {
        var at = call.At.ToUniversalTime();
        return new AuditRecord(
            new AuditFold(
                at.AddTicks(-(at.Ticks % TimeSpan.TicksPerMinute)), call.Caller.Id, call.Method, call.Outcome),
            call.Caller.FacilityId, call.Caller.RegionId,
            call.Subject.Length <= SubjectLengthMax ? call.Subject : call.Subject[..SubjectLengthMax], 1, at, at);
    }

    /// <summary>Adds the records, or their counts to those that are there, all or none. Each fold once.</summary>
    public async Task NoteAsync(IReadOnlyList<AuditRecord> records, CancellationToken cancellation)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation);
        await NoteAsync(connection, records, cancellation);
    }

    /// <summary>Adds what a person did at the terminal; done before this returns.</summary>
    public static async Task NoteAsync(
        string connectionString, string method, string subject, CancellationToken cancellation)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await new AuditTable(source).NoteAsync(
            [Record(new AuditedCall(
                Terminal.Person, method, "OK", PersonMask.MaskNumbers(subject), TimeProvider.System.GetUtcNow()))],
            cancellation);
    }

    /// <summary>Likewise, within the connection's transaction.</summary>
    public static async Task NoteAsync(
        NpgsqlConnection connection, IReadOnlyList<AuditRecord> records, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            "SELECT ledger.note_audit($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)", connection);
        Add(command, NpgsqlDbType.TimestampTz, records.Select(one => one.Fold.Minute.UtcDateTime));
        Add(command, NpgsqlDbType.Text, records.Select(one => one.Fold.Caller));
        Add(command, NpgsqlDbType.Text, records.Select(one => one.Fold.Method));
        Add(command, NpgsqlDbType.Text, records.Select(one => one.Fold.Outcome));
        Add(command, NpgsqlDbType.Text, records.Select(one => one.FacilityId));
        Add(command, NpgsqlDbType.Text, records.Select(one => one.RegionId));
        Add(command, NpgsqlDbType.Text, records.Select(one => one.Subject));
        Add(command, NpgsqlDbType.Bigint, records.Select(one => one.Count));
        Add(command, NpgsqlDbType.TimestampTz, records.Select(one => one.FirstAt.UtcDateTime));
        Add(command, NpgsqlDbType.TimestampTz, records.Select(one => one.LastAt.UtcDateTime));
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>For AuditService.</summary>
    /// <exception cref="LedgerUnavailableException">The database does not answer.</exception>
    public async Task<IReadOnlyList<AuditRecord>> ReadAsync(AuditQuery query, CancellationToken cancellation)
    {
        try
        {
            return await ReadAsync(query, newestFirst: false, cancellation);
        }
        catch (Exception failed) when (failed is NpgsqlException or TimeoutException)
        {
            throw new LedgerUnavailableException("The audit cannot be read.", failed);
        }
    }

    /// <param name="newestFirst">the reverse of the order in which pages are given.</param>
    public async Task<IReadOnlyList<AuditRecord>> ReadAsync(
        AuditQuery query, bool newestFirst, CancellationToken cancellation)
    {
        await using var command = source.CreateCommand();
        var order = newestFirst ? " DESC" : "";
        command.CommandText = $"SELECT {Columns} FROM ledger.audit WHERE minute >= {Next(query.From.UtcDateTime)}"
            + $" AND minute < {Next(query.To.UtcDateTime)}"
            + Equal("caller", query.Caller) + Equal("method", query.Method) + Equal("outcome", query.Outcome)
            + (query.After is not { } after ? ""
                : $" AND (minute, caller, method, outcome) > ({Next(after.Minute.UtcDateTime)}, {Next(after.Caller)}, "
                    + $"{Next(after.Method)}, {Next(after.Outcome)})")
            + $" ORDER BY minute{order}, caller{order}, method{order}, outcome{order} LIMIT {Next(query.Max)}";
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        var records = new List<AuditRecord>();
        while (await rows.ReadAsync(cancellation))
        {
            records.Add(new AuditRecord(
                new AuditFold(
                    rows.GetFieldValue<DateTimeOffset>(0), rows.GetString(1), rows.GetString(2), rows.GetString(3)),
                rows.GetString(4), rows.GetString(5), rows.GetString(6), rows.GetInt64(7),
                rows.GetFieldValue<DateTimeOffset>(8), rows.GetFieldValue<DateTimeOffset>(9)));
        }

        return records;

        string Equal(string column, string value) => value.Length == 0 ? "" : $" AND {column} = {Next(value)}";

        string Next(object value)
        {
            command.Parameters.AddWithValue(value);
            return $"${command.Parameters.Count}";
        }
    }

    /// <summary>Forgets records older than three years, at most <paramref name="max"/>; gives how many.</summary>
    public async Task<long> ForgetAsync(int max, CancellationToken cancellation)
    {
        await using var command = source.CreateCommand("SELECT ledger.forget_audit($1)");
        command.Parameters.AddWithValue(max);
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private static void Add<T>(NpgsqlCommand command, NpgsqlDbType type, IEnumerable<T> values) =>
        command.Parameters.AddWithValue(NpgsqlDbType.Array | type, values.ToArray());
}
