using Npgsql;
using SettlementGrid.Enrollees;
using SettlementGrid.Ledger.Seeing;

namespace SettlementGrid.Ledger.Reading;

/// <summary>
/// The two questions that every turn may ask, for up to 256 persons in one statement, hence at one moment.
/// </summary>
sealed class LookUps(Readings readings, SeenLedger seen, Instruments instruments)
{
    // The head of the same moment goes along: what is read here is at or below it, and the next commit requires it.
    const string Newest = """
        SELECT q.ord::int, e.body, (SELECT h.number FROM ledger.head h), (SELECT h.hash FROM ledger.head h)
        FROM unnest($1) WITH ORDINALITY AS q (id, ord)
        CROSS JOIN LATERAL (
            SELECT x.body FROM ledger.entries x
            WHERE x.stream_kind = 1 AND x.stream_id = q.id ORDER BY x.version DESC LIMIT 1) e
        """;

    const string Known = """
        SELECT q.ord::int, coalesce(v.version, 0), r.position, r.body, u.places, u.settlements,
            (SELECT h.catalog_revision FROM ledger.head h)
        FROM unnest($1, $2, $3, $4) WITH ORDINALITY AS q (id, settlement_id, place_from, place_to, ord)
        LEFT JOIN LATERAL (
            SELECT x.version FROM ledger.entries x
            WHERE x.stream_kind = 1 AND x.stream_id = q.id ORDER BY x.version DESC LIMIT 1) v ON true
        LEFT JOIN LATERAL (
            SELECT c.first_position + e.ordinal AS position, e.body
            FROM ledger.entries e JOIN ledger.commits c ON c.id = e.commit_id
            WHERE e.settlement_id = q.settlement_id) r ON true
        LEFT JOIN LATERAL (
            SELECT coalesce(array_agg(x.encounter_place ORDER BY x.encounter_place), '{}') AS places,
                coalesce(array_agg(x.settlement_id ORDER BY x.encounter_place), '{}') AS settlements
            FROM ledger.entries x WHERE x.encounter_place BETWEEN q.place_from AND q.place_to) u ON true
        """;

    public Task<IReadOnlyList<Account>> Load(IReadOnlyList<string> persons, CancellationToken cancellation) =>
        readings.Read(Newest, [persons.ToList()], rows => TakeAccounts(persons, rows), cancellation);

    public Task<IReadOnlyList<Knowledge>> Confirm(IReadOnlyList<Question> questions, CancellationToken cancellation)
    {
        var places = questions.Select(q => q.Encounter is { } key ? Keys.Places(key) : ((Guid, Guid)?)null).ToList();
        return readings.Read(
            Known,
            [
                questions.Select(q => q.EnrolleeId).ToList(),
                questions.Select(q => q.RequestKey is { } id ? Keys.Of(id) : (Guid?)null).ToList(),
                places.ConvertAll(p => p?.Item1),
                places.ConvertAll(p => p?.Item2),
            ],
            rows => TakeKnowledge(questions.Count, rows),
            cancellation);
    }

    async Task<IReadOnlyList<Account>> TakeAccounts(IReadOnlyList<string> persons, NpgsqlDataReader rows)
    {
        var accounts = new Account[persons.Count];
        while (await rows.ReadAsync())
        {
            var account = Entry.ReadAccount(rows.GetFieldValue<byte[]>(1), persons[rows.GetInt32(0) - 1]);
            if (rows.GetInt64(2) is var number && number > (seen.Head.Value?.Number ?? 0))
                seen.Head.Saw(number, Keys.Hash(rows.GetFieldValue<byte[]>(3)));
            seen.Versions.Add(StreamKey.Person(account.EnrolleeId), account.Version);
            accounts[rows.GetInt32(0) - 1] = account;
        }
        for (var i = 0; i < accounts.Length; i++)
            accounts[i] ??= Account.Unknown(persons[i]);
        instruments.Loaded(accounts.Length);
        return accounts;
    }

    async Task<IReadOnlyList<Knowledge>> TakeKnowledge(int count, NpgsqlDataReader rows)
    {
        var knowledge = new Knowledge[count];
        while (await rows.ReadAsync())
        {
            var index = rows.GetInt32(0) - 1;
            knowledge[index] = new Knowledge(
                rows.GetInt64(1),
                await rows.IsDBNullAsync(2) ? null : Rows.Recorded(rows, 2, 3),
                Encounters.Uses(rows.GetFieldValue<Guid[]>(4), rows.GetFieldValue<Guid[]>(5)))
            {
                CatalogRevision = rows.GetInt64(6),
            };
            if (knowledge[index].Request?.Entry.RequestKey is { } key)
                seen.Requests.Add(key);
        }
        return knowledge;
    }
}
