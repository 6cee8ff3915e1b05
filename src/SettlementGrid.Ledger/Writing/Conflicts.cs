using Npgsql;
using SettlementGrid.Enrollees;
using SettlementGrid.Ledger.Reading;
using SettlementGrid.Ledger.Starting;

namespace SettlementGrid.Ledger.Writing;

/// <summary>
/// After a unique key refused a batch: everybody in it whose keys are taken, by one look, with what took them. The
/// order tells what a caller can do with it: the same request's answer first, then a stale state, then the encounter.
/// </summary>
sealed class Conflicts(Sessions sessions, TimeProvider clock)
{
    const string Taken = """
        SELECT k.ord::int, v.version IS NOT NULL, r.position, r.body, p.encounter_place IS NOT NULL
        FROM unnest($1::smallint[], $2::text[], $3::bigint[], $4::uuid[], $5::uuid[])
            WITH ORDINALITY AS k (stream_kind, stream_id, version, settlement_id, place, ord)
        LEFT JOIN ledger.entries v
            ON v.stream_kind = k.stream_kind AND v.stream_id = k.stream_id AND v.version = k.version
        LEFT JOIN LATERAL (
            SELECT c.first_position + e.ordinal AS position, e.body
            FROM ledger.entries e JOIN ledger.commits c ON c.id = e.commit_id
            WHERE e.settlement_id = k.settlement_id) r ON true
        LEFT JOIN ledger.entries p ON p.encounter_place = k.place
        WHERE v.version IS NOT NULL OR r.position IS NOT NULL OR p.encounter_place IS NOT NULL
        """;

    public Task<Dictionary<Pending, AppendOutcome>> Find(IReadOnlyList<Pending> batch) =>
        Reach.Repeated(clock, c => Find(batch, c), CancellationToken.None);

    async Task<Dictionary<Pending, AppendOutcome>> Find(IReadOnlyList<Pending> batch, CancellationToken cancellation)
    {
        var rows = batch.SelectMany(a => a.Columns, (append, row) => (Append: append, Row: row)).ToList();
        await using var connection = await sessions.ForReading(cancellation);
        await using var look = new NpgsqlCommand(Taken, connection);
        look.Parameters.AddWithValue(rows.ConvertAll(r => (short)r.Row.Entry.Stream.Kind));
        look.Parameters.AddWithValue(rows.ConvertAll(r => r.Row.Entry.Stream.Id));
        look.Parameters.AddWithValue(rows.ConvertAll(r => r.Row.Entry.Version));
        look.Parameters.AddWithValue(rows.ConvertAll(r => r.Row.Settlement));
        look.Parameters.AddWithValue(rows.ConvertAll(r => r.Row.Place));
        var found = new Dictionary<Pending, AppendOutcome>();
        var encounters = new Dictionary<Pending, EncounterKey>();
        await using (var taken = await look.ExecuteReaderAsync(cancellation))
        {
            while (await taken.ReadAsync(cancellation))
            {
                var (append, row) = rows[taken.GetInt32(0) - 1];
                if (!await taken.IsDBNullAsync(2, cancellation))
                    found[append] = new AppendOutcome.RequestTaken(Rows.Recorded(taken, 2, 3));
                else if (taken.GetBoolean(1))
                    found.TryAdd(append, new AppendOutcome.VersionTaken());
                else if (row.Entry.Encounter is var (key, _, _))
                    encounters.TryAdd(append, key);
            }
        }
        foreach (var (append, key) in encounters)
            if (!found.ContainsKey(append))
                found.Add(append, new AppendOutcome.EncounterTaken(await Encounters.Uses(connection, key, cancellation)));
        return found;
    }
}
