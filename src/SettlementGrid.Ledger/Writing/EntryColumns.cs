using System.Security.Cryptography;
using System.Text;
using Npgsql;
using NpgsqlTypes;
using SettlementGrid.Enrollees;

namespace SettlementGrid.Ledger.Writing;

/// <summary>
/// A batch as columns: the arrays that one INSERT unnests. The lists are kept from batch to batch. Not thread-safe.
/// </summary>
sealed class EntryColumns
{
    public const string Insert = """
        INSERT INTO ledger.entries (commit_id, version, at, facility_key, ordinal, kind, stream_kind, settlement_id,
            encounter_place, stream_id, facility_id, region_id, layer_keys, layer_paid, hash, body)
        SELECT $1, u.version, u.at, u.facility_key, u.ordinal, u.kind, u.stream_kind, u.settlement_id,
            u.encounter_place, u.stream_id, u.facility_id, u.region_id, u.layer_keys::text[], u.layer_paid::bigint[],
            u.hash, u.body
        FROM (SELECT unnest($2) AS version, unnest($3) AS at, unnest($4) AS facility_key, unnest($5) AS ordinal,
            unnest($6) AS kind, unnest($7) AS stream_kind, unnest($8) AS settlement_id,
            unnest($9) AS encounter_place, unnest($10) AS stream_id, unnest($11) AS facility_id,
            unnest($12) AS region_id, unnest($13) AS layer_keys, unnest($14) AS layer_paid, unnest($15) AS hash,
            unnest($16) AS body) u
        """;

    readonly NpgsqlParameter<long> _commitId = new();
    readonly List<NpgsqlParameter> _parameters = [];
    readonly List<long> _version;
    readonly List<DateTime> _at;
    readonly List<long?> _facilityKey;
    readonly List<int> _ordinal;
    readonly List<short> _kind;
    readonly List<short> _streamKind;
    readonly List<Guid?> _settlement;
    readonly List<Guid?> _place;
    readonly List<string> _stream;
    readonly List<string?> _facility;
    readonly List<string?> _region;
    readonly List<string?> _layerKeys;
    readonly List<string?> _layerPaid;
    readonly List<byte[]> _hash;
    readonly List<byte[]> _body;
    readonly List<(Row Row, int Ordinal, byte[] Hash)> _rows = [];
    readonly StringBuilder _text = new();

    public EntryColumns()
    {
        _parameters.Add(_commitId);
        _version = Column<long>(NpgsqlDbType.Bigint);
        _at = Column<DateTime>(NpgsqlDbType.TimestampTz);
        _facilityKey = Column<long?>(NpgsqlDbType.Bigint);
        _ordinal = Column<int>(NpgsqlDbType.Integer);
        _kind = Column<short>(NpgsqlDbType.Smallint);
        _streamKind = Column<short>(NpgsqlDbType.Smallint);
        _settlement = Column<Guid?>(NpgsqlDbType.Uuid);
        _place = Column<Guid?>(NpgsqlDbType.Uuid);
        _stream = Column<string>(NpgsqlDbType.Text);
        _facility = Column<string?>(NpgsqlDbType.Text);
        _region = Column<string?>(NpgsqlDbType.Text);
        _layerKeys = Column<string?>(NpgsqlDbType.Text);
        _layerPaid = Column<string?>(NpgsqlDbType.Text);
        _hash = Column<byte[]>(NpgsqlDbType.Bytea);
        _body = Column<byte[]>(NpgsqlDbType.Bytea);
    }

    public IReadOnlyList<NpgsqlParameter> Parameters => _parameters;

    public int Rows => _rows.Count;

    /// <summary>
    /// Fills the columns: ordinals in the order given, rows sorted by stream and version, because two batches that
    /// insert the same keys in different order would deadlock. Gives the digest of the commit.
    /// </summary>
    public byte[] Fill(long commitId, IReadOnlyList<Pending> appends)
    {
        Clear();
        _commitId.TypedValue = commitId;
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var append in appends)
        {
            foreach (var row in append.Columns)
            {
                var hash = Keys.Of(row.Entry.Hash);
                _rows.Add((row, _rows.Count, hash));
                digest.AppendData(hash);
            }
        }
        _rows.Sort(static (a, b) => Order(a.Row.Entry, b.Row.Entry));
        foreach (var (row, ordinal, hash) in _rows)
            Add(row, ordinal, hash);
        return digest.GetHashAndReset();
    }

    static int Order(Entry a, Entry b)
    {
        // As numbers: an enum compared as itself is boxed, hundreds of times a batch.
        var byKind = (int)a.Stream.Kind - (int)b.Stream.Kind;
        if (byKind != 0)
            return byKind;
        var byId = string.CompareOrdinal(a.Stream.Id, b.Stream.Id);
        return byId != 0 ? byId : a.Version.CompareTo(b.Version);
    }

    void Add(in Row row, int ordinal, byte[] hash)
    {
        var entry = row.Entry;
        _version.Add(entry.Version);
        _at.Add(Keys.Time(entry.At));
        _facilityKey.Add(row.FacilityKey);
        _ordinal.Add(ordinal);
        _kind.Add((short)entry.Fact.Kind);
        _streamKind.Add((short)entry.Stream.Kind);
        _settlement.Add(row.Settlement);
        _place.Add(row.Place);
        _stream.Add(entry.Stream.Id);
        _facility.Add(row.FacilityId);
        _region.Add(entry.RegionId);
        var paid = entry.LayerPaid;
        _layerKeys.Add(paid.Length == 0 ? null : ArrayText(entry.LayerKeys));
        _layerPaid.Add(paid.Length == 0 ? null : ArrayText(paid));
        _hash.Add(hash);
        _body.Add(entry.Body);
    }

    // Arrays of arrays must be rectangular in PostgreSQL; a row's own array therefore travels in its text form.
    string ArrayText(string[] items)
    {
        _text.Clear().Append('{');
        foreach (var item in items)
        {
            _text.Append(_text.Length > 1 ? ",\"" : "\"");
            foreach (var letter in item)
                _text.Append(letter is '"' or '\\' ? "\\" : "").Append(letter);
            _text.Append('"');
        }
        return _text.Append('}').ToString();
    }

    string ArrayText(long[] items) => _text.Clear().Append('{').AppendJoin(',', items).Append('}').ToString();

    List<T> Column<T>(NpgsqlDbType type)
    {
        var column = new List<T>(LedgerLimits.BatchRowsMax);
        _parameters.Add(new NpgsqlParameter<List<T>> { TypedValue = column, NpgsqlDbType = NpgsqlDbType.Array | type });
        return column;
    }

    void Clear()
    {
        _rows.Clear();
        _version.Clear();
        _at.Clear();
        _facilityKey.Clear();
        _ordinal.Clear();
        _kind.Clear();
        _streamKind.Clear();
        _settlement.Clear();
        _place.Clear();
        _stream.Clear();
        _facility.Clear();
        _region.Clear();
        _layerKeys.Clear();
        _layerPaid.Clear();
        _hash.Clear();
        _body.Clear();
    }
}
