using Npgsql;
using SettlementGrid.Enrollees;

namespace SettlementGrid.Ledger.Verification;

/// <summary>A row as it stands: the body, and the columns that repeat parts of it.</summary>
sealed class StoredRow(NpgsqlDataReader row)
{
    public byte[] Body { get; } = row.GetFieldValue<byte[]>(0);

    readonly byte[] _hash = row.GetFieldValue<byte[]>(1);
    readonly DateTime _at = row.GetDateTime(6);
    readonly short _kind = row.GetInt16(7);
    readonly Guid? _settlement = Value<Guid>(row, 8);
    readonly Guid? _place = Value<Guid>(row, 9);
    readonly string? _facility = Text(row, 10);
    readonly long? _facilityKey = Value<long>(row, 11);
    readonly string? _region = Text(row, 12);
    readonly string[] _layerKeys = Array<string>(row, 13);
    readonly long[] _layerPaid = Array<long>(row, 14);

    /// <summary>Null: the row belongs to no commit.</summary>
    public long? Position { get; } = Value<long>(row, 2);

    public StreamKey Stream { get; } = new((StreamKind)row.GetInt16(3), row.GetString(4));

    public long Version { get; } = row.GetInt64(5);

    public EntryHash? Hash => _hash.Length == 32 ? Keys.Hash(_hash) : null;

    /// <summary>The first column that is not what the entry says; null: all are.</summary>
    public string? DiffersFrom(Entry entry)
    {
        var facility = entry.FacilityId;
        return Stream != entry.Stream ? "stream_id"
            : Version != entry.Version ? "version"
            : _at != Keys.Time(entry.At) ? "at"
            : _kind != (short)entry.Fact.Kind ? "kind"
            : _settlement != (entry.RequestKey is { } id ? Keys.Of(id) : null) ? "settlement_id"
            : _place != Keys.PlaceOf(entry) ? "encounter_place"
            : _facility != facility ? "facility_id"
            : _facilityKey != (facility is null ? null : Keys.Facility(facility, entry.At)) ? "facility_key"
            : _region != entry.RegionId ? "region_id"
            : !_layerKeys.AsSpan().SequenceEqual(entry.LayerKeys) ? "layer_keys"
            : !_layerPaid.AsSpan().SequenceEqual(entry.LayerPaid) ? "layer_paid"
            : null;
    }

    static T? Value<T>(NpgsqlDataReader row, int column)
        where T : struct => row.IsDBNull(column) ? null : row.GetFieldValue<T>(column);

    static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    static T[] Array<T>(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? [] : row.GetFieldValue<T[]>(column);
}
