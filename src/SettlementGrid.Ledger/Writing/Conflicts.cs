using Npgsql;
using SettlementGrid.Enrollees;
using SettlementGrid.Ledger.Reading;
using SettlementGrid.Ledger.Starting;

namespace SettlementGrid.Ledger.Writing;

/// <summary>
/// After a key refused a batch: everybody in it who is refused, by one look, with what took the key. The order is the
/// port's: the catalog, the request's own answer, a stale state, the encounter.
/// </summary>
sealed class Conflicts(Sessions sessions, TimeProvider clock)
{
    const string Taken = """
        SELECT k.ord::int, (SELECT h.catalog_revision FROM ledger.head h), r.position, r.body,
            v.version IS NOT NULL, k.before > 0 AND b.version IS NULL, p.encounter_place IS NOT NULL
        FROM unnest($1::smallint[], $2::text[], $3::bigint[], $4::bigint[], $5::uuid[], $6::uuid[])
            WITH ORDINALITY AS k (stream_kind, stream_id, version, before, settlement_id, place, ord)
        LEFT JOIN ledger.entries v
            ON v.stream_kind = k.stream_kind AND v.stream_id = k.stream_id AND v.version = k.version
        LEFT JOIN ledger.entries b
            ON b.stream_kind = k.stream_kind AND b.stream_id = k.stream_id AND b.version = k.before
        LEFT JOIN LATERAL (
            SELECT c.first_position + e.ordinal AS position, e.body
            FROM ledger.entries e JOIN ledger.commits c ON c.id = e.commit_id
            WHERE e.settlement_id = k.settlement_id) r ON true
        LEFT JOIN ledger.entries p ON p.encounter_place = k.place
        ORDER BY k.ord
        """;

    /// <summary>Those refused and why; the others were refused only by their company.</summary>
    public Task<Dictionary<Pending, AppendOutcome>> Find(IReadOnlyList<Pending> batch) =>
        Reach.Repeated(clock, c => Find(batch, c), CancellationToken.None);

    async Task<Dictionary<Pending, AppendOutcome>> Find(IReadOnlyList<Pending> batch, CancellationToken cancellation)
    {
        var rows = batch.SelectMany(a => a.Columns, (append, row) => (Append: append, Row: row)).ToList();
        await using var connection = await sessions.ForReading(cancellation);
        await using var look = Rows.Command(
            connection,
            Taken,
            rows.ConvertAll(r => (short)r.Row.Entry.Stream.Kind),
            rows.ConvertAll(r => r.Row.Entry.Stream.Id),
            rows.ConvertAll(r => r.Row.Entry.Version),
            rows.ConvertAll(r => r.Row.Before),
            rows.ConvertAll(r => r.Row.Settlement),
            rows.ConvertAll(r => r.Row.Place));
        var found = new Dictionary<Pending, AppendOutcome>();
        var encounters = new Dictionary<Pending, EncounterKey>();
        await using (var taken = await look.ExecuteReaderAsync(cancellation))
        {
            while (await taken.ReadAsync(cancellation))
            {
                var (append, row) = rows[taken.GetInt32(0) - 1];
                if (append.Append.CatalogRevision is { } revision && revision != taken.GetInt64(1))
                    found.TryAdd(append, new AppendOutcome.CatalogMoved());
                else if (!await taken.IsDBNullAsync(2, cancellation))
                    AddRequest(found, append, Rows.Recorded(taken, 2, 3));
                else if (taken.GetBoolean(4) || taken.GetBoolean(5))
                    found.TryAdd(append, new AppendOutcome.VersionTaken());
                else if (taken.GetBoolean(6) && row.Entry.Encounter is var (key, _, _))
                    encounters.TryAdd(append, key);
            }
        }
        foreach (var (append, key) in encounters)
            if (!found.ContainsKey(append))
                found.Add(
                    append, new AppendOutcome.EncounterTaken(await Encounters.Uses(connection, key, cancellation)));
        return found;
    }

    static void AddRequest(Dictionary<Pending, AppendOutcome> found, Pending append, Recorded stored)
    {
        if (found.GetValueOrDefault(append) is null or AppendOutcome.VersionTaken)
            found[append] = new AppendOutcome.RequestTaken(stored);
    }
}
