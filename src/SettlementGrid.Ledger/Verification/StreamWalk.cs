using Npgsql;
using SettlementGrid.Enrollees;

namespace SettlementGrid.Ledger.Verification;

/// <summary>
/// The ledger by stream: every body hashes to its stored hash and decodes, every column equals what the body says,
/// versions are 1…n, each fact hashes the one before it, and each is computed again. Holds one person at a time.
/// </summary>
sealed class StreamWalk(Findings findings, Figures figures, FundSums funds, Action<long> walked)
{
    const string Streams = """
        SELECT e.body, e.hash, c.first_position + e.ordinal, e.stream_kind, e.stream_id, e.version, e.at, e.kind,
            e.settlement_id, e.encounter_place, e.facility_id, e.facility_key, e.region_id, e.layer_keys, e.layer_paid
        FROM ledger.entries e LEFT JOIN ledger.commits c ON c.id = e.commit_id
        ORDER BY e.stream_kind, e.stream_id, e.version
        """;

    /// <summary>What was walked of the present stream.</summary>
    readonly StreamSoFar _stream = new();

    public long Entries { get; private set; }

    public long StreamCount { get; private set; }

    public async Task Run(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(Streams, connection) { CommandTimeout = 0 };
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
        {
            var stored = new StoredRow(rows);
            if (_stream.Begins(stored.Stream))
                StreamCount++;
            if (Check(stored) is { } finding)
                findings.Add(finding);
            walked(++Entries);
        }
    }

    /// <summary>The first thing wrong with the row, if any; the walk then goes on from the row as it stands.</summary>
    Finding? Check(StoredRow row)
    {
        Finding Wrong(string what, int? year = null) => new(what, row.Stream, row.Version, row.Position, year);

        Entry entry;
        try
        {
            entry = Entry.Read(row.Body);
        }
        catch (Exception e) when (Damage.IsSign(e))
        {
            return _stream.Lose(Wrong("its canonical bytes are damaged"));
        }
        var year = (entry.Fact as Fact.Money)?.Request.Year;
        var expected = _stream.Version + 1;
        var wrong =
            row.Position is null ? "belongs to no commit"
            : entry.Hash != row.Hash ? "its canonical bytes were changed"
            : row.DiffersFrom(entry) is { } column ? $"column {column} is not what its canonical bytes say"
            : entry.Version != expected ? $"version {expected} is missing"
            : entry.Previous != _stream.LastHash ? "does not follow from the fact before it"
            : entry.At < _stream.LastAt ? "is earlier than the fact before it"
            : row.Position <= _stream.LastPosition ? "stands before the fact before it"
            : _stream.IsLost ? null
            : Recomputed(entry, row.Position!.Value);
        _stream.Add(entry, row.Position);
        funds.Add(entry);
        return wrong is null ? null : Wrong(wrong, year);
    }

    string? Recomputed(Entry entry, long position)
    {
        try
        {
            return figures.Differ(_stream, entry, position);
        }
        catch (Exception e) when (Damage.IsSign(e))
        {
            return "it cannot be computed again";
        }
    }
}
