using SettlementGrid.Enrollees;
using SettlementGrid.Ledger.Seeing;
using SettlementGrid.Plans;

namespace SettlementGrid.Ledger.Reading;

/// <summary>Everything that is read in pages or now and then.</summary>
/// <param name="turns">For what a turn or a start waits for.</param>
sealed class Pages(Readings turns, Readings lists, SeenHead seen)
{
    // The commit that holds the first position asked for: of those that begin at or before it the newest. Barred
    // commits (count 0) share their first position with the next one and have a smaller number.
    const string Tail = """
        SELECT c.first_position + e.ordinal, e.body
        FROM ledger.commits c
        CROSS JOIN LATERAL (SELECT x.ordinal, x.body FROM ledger.entries x WHERE x.commit_id = c.id) e
        WHERE c.number >= coalesce((
                SELECT f.number FROM ledger.commits f WHERE f.first_position <= $1 + 1
                ORDER BY f.first_position DESC, f.number DESC LIMIT 1), 0)
            AND c.first_position + e.ordinal > $1
        ORDER BY c.number, e.ordinal LIMIT $2
        """;

    const string Catalog = """
        WITH head AS MATERIALIZED (SELECT catalog_revision FROM ledger.head),
        entry AS (
            SELECT e.commit_id, e.ordinal, e.body FROM ledger.entries e WHERE e.stream_kind = 3
            UNION ALL
            SELECT f.commit_id, f.ordinal, f.body FROM (
                SELECT DISTINCT ON (x.stream_id) x.commit_id, x.ordinal, x.body
                FROM ledger.entries x WHERE x.stream_kind = 4 ORDER BY x.stream_id, x.version DESC) f)
        SELECT h.catalog_revision, p.position, p.body
        FROM head h LEFT JOIN (
            SELECT c.first_position + e.ordinal AS position, e.body
            FROM entry e JOIN ledger.commits c ON c.id = e.commit_id) p ON true
        ORDER BY p.position
        """;

    public async Task<Recorded?> Find(SettlementId id, CancellationToken cancellation) =>
        (await turns.Read(Rows.Select + " WHERE e.settlement_id = $1", [Keys.Of(id)], Rows.ReadAll, cancellation))
        .FirstOrDefault();

    public Task<IReadOnlyList<Recorded>> Stream(StreamKey stream, long from, int max, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(from, 1);
        return List(
            turns,
            Rows.Select
                + " WHERE e.stream_kind = $1 AND e.stream_id = $2 AND e.version >= $3 ORDER BY e.version LIMIT $4",
            max,
            cancellation,
            (short)stream.Kind, stream.Id, from);
    }

    public Task<IReadOnlyList<Recorded>> Facility(
        string facilityId, string within, long from, long to, long afterPosition, int max,
        CancellationToken cancellation) =>
        from >= to
            ? Task.FromResult<IReadOnlyList<Recorded>>([])
            : List(
                lists,
                Rows.Select + """
                     WHERE e.facility_key BETWEEN $1 AND $2 AND e.facility_id = $3 AND e.at >= $4 AND e.at < $5
                        AND ($6 = '' OR starts_with(e.region_id, $6)) AND c.first_position + e.ordinal > $7
                    ORDER BY c.first_position + e.ordinal LIMIT $8
                    """,
                max,
                cancellation,
                Keys.Facility(facilityId, from), Keys.Facility(facilityId, to - 1), facilityId,
                Keys.Time(Bounded(from)), Keys.Time(Bounded(to)), Region.Stem(within).ToString(), afterPosition);

    public Task<IReadOnlyList<Recorded>> After(long position, int max, CancellationToken cancellation) =>
        List(lists, Tail, max, cancellation, Math.Max(0, position));

    public Task<IReadOnlyDictionary<SettlementId, SettlementId>> Reversals(
        IReadOnlyCollection<Fact.Settled> settlements, CancellationToken cancellation)
    {
        var places = settlements.ToDictionary(
            s => Keys.Place(s.Request.EncounterKey, s.Attempt, reversal: true), s => s.Id);
        return turns.Read<IReadOnlyDictionary<SettlementId, SettlementId>>(
            """
            SELECT e.encounter_place, e.settlement_id FROM unnest($1) AS q (place)
            JOIN ledger.entries e ON e.encounter_place = q.place
            """,
            [places.Keys.ToList()],
            async rows =>
            {
                var reversals = new Dictionary<SettlementId, SettlementId>();
                while (await rows.ReadAsync())
                    reversals.Add(places[rows.GetGuid(0)], Keys.Settlement(rows.GetGuid(1)));
                return reversals;
            },
            cancellation);
    }

    /// <summary>All versions of every plan and the newest entry of every facility, by position.</summary>
    public Task<CatalogEntries> ReadCatalog(CancellationToken cancellation) => turns.Read(
        Catalog,
        [],
        async rows =>
        {
            var entries = new List<Recorded>();
            var revision = 0L;
            while (await rows.ReadAsync())
            {
                revision = rows.GetInt64(0);
                if (!await rows.IsDBNullAsync(1))
                    entries.Add(Rows.Recorded(rows, 1, 2));
            }
            return new CatalogEntries(revision, entries);
        },
        cancellation);

    public async Task<LedgerHead> Head(CancellationToken cancellation)
    {
        var head = await turns.Read(
            "SELECT h.number, h.position, h.catalog_revision, h.hash FROM ledger.head h",
            [],
            async row =>
            {
                await row.ReadAsync();
                return new LedgerHead(
                    row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), Keys.Hash(row.GetFieldValue<byte[]>(3)));
            },
            cancellation);
        // It stands on what was seen before; one that does not must not take its place: every later append leans on it.
        seen.Saw(head.CommitNumber, head.Hash);
        return head;
    }

    public Task<CommitMark?> CommitOf(long position, CancellationToken cancellation) => lists.Read<CommitMark?>(
        """
        SELECT c.number, c.hash FROM ledger.commits c
        WHERE c.first_position <= $1 AND c.first_position + c.count > $1
        ORDER BY c.first_position DESC, c.number DESC LIMIT 1
        """,
        [position],
        async row => await row.ReadAsync()
            ? new CommitMark(row.GetInt64(0), Keys.Hash(row.GetFieldValue<byte[]>(1)))
            : null,
        cancellation);

    /// <summary>The bound of the page is the statement's last parameter.</summary>
    static async Task<IReadOnlyList<Recorded>> List(
        Readings readings, string sql, int max, CancellationToken cancellation, params object[] values)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        return await readings.Read(sql, [.. values, max], Rows.ReadAll, cancellation);
    }

    static long Bounded(long at) => Math.Clamp(at, 0, DateTimeOffset.MaxValue.ToUnixTimeMilliseconds());
}
