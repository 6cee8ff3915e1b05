using SettlementGrid.Enrollees;
using SettlementGrid.Ledger.Reading;
using SettlementGrid.Ledger.Starting;

namespace SettlementGrid.Ledger.Writing;

/// <summary>What the ledger says of one row that it may have refused.</summary>
/// <param name="Revision">The catalog's, at that moment.</param>
/// <param name="Stored">What holds the row's request key; null: nothing does.</param>
/// <param name="IsStale">Its version is taken, or the one before it is missing.</param>
/// <param name="Uses">Of its encounter, where its place is taken and nothing else refuses the row; else null.</param>
readonly record struct Taken(long Revision, Recorded? Stored, bool IsStale, IReadOnlyList<EncounterUse>? Uses);

/// <summary>Looks at the keys of refused rows in PostgreSQL, all of a batch in one statement.</summary>
sealed class TakenKeys(Sessions sessions)
{
    const string Select = """
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

    /// <summary>In the order of <paramref name="rows"/>.</summary>
    public async Task<IReadOnlyList<Taken>> Look(IReadOnlyList<Row> rows, CancellationToken cancellation)
    {
        await using var connection = await sessions.ForTurns(cancellation);
        await using var look = Rows.Command(
            connection,
            Select,
            rows.Select(r => (short)r.Entry.Stream.Kind).ToList(),
            rows.Select(r => r.Entry.Stream.Id).ToList(),
            rows.Select(r => r.Entry.Version).ToList(),
            rows.Select(r => r.Before).ToList(),
            rows.Select(r => r.Settlement).ToList(),
            rows.Select(r => r.Place).ToList());
        var all = new Taken[rows.Count];
        var encounters = new List<(int Index, EncounterKey Key)>();
        await using (var taken = await look.ExecuteReaderAsync(cancellation))
        {
            while (await taken.ReadAsync(cancellation))
            {
                var index = taken.GetInt32(0) - 1;
                var stored = await taken.IsDBNullAsync(2, cancellation) ? null : Rows.Recorded(taken, 2, 3);
                var isStale = taken.GetBoolean(4) || taken.GetBoolean(5);
                all[index] = new Taken(taken.GetInt64(1), stored, isStale, null);
                if (stored is null && !isStale && taken.GetBoolean(6) && rows[index].Entry.Encounter is var (key, _, _))
                    encounters.Add((index, key));
            }
        }
        foreach (var (index, key) in encounters)
            all[index] = all[index] with { Uses = await Encounters.Uses(connection, key, cancellation) };
        return all;
    }
}
