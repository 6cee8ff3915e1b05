using Npgsql;
using SettlementGrid.Enrollees;

namespace SettlementGrid.Ledger.Reading;

/// <summary>The uses of an encounter, from the places its facts took.</summary>
static class Encounters
{
    public static async Task<IReadOnlyList<EncounterUse>> Uses(
        NpgsqlConnection connection, EncounterKey key, CancellationToken cancellation)
    {
        var (from, to) = Keys.Places(key);
        await using var command = Rows.Command(
            connection,
            """
            SELECT coalesce(array_agg(encounter_place ORDER BY encounter_place), '{}'),
                coalesce(array_agg(settlement_id ORDER BY encounter_place), '{}')
            FROM ledger.entries WHERE encounter_place BETWEEN $1 AND $2
            """,
            from, to);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        await row.ReadAsync(cancellation);
        return Uses(row.GetFieldValue<Guid[]>(0), row.GetFieldValue<Guid[]>(1));
    }

    /// <summary>Places in their order: each attempt, followed by its reversal if it has one.</summary>
    public static IReadOnlyList<EncounterUse> Uses(Guid[] places, Guid[] settlements)
    {
        var uses = new List<EncounterUse>(places.Length);
        for (var i = 0; i < places.Length; i++)
        {
            var (attempt, reversal) = Keys.Attempt(places[i]);
            if (!reversal)
                uses.Add(new EncounterUse(attempt, Keys.Settlement(settlements[i]), null));
            else if (uses.Count > 0 && uses[^1].Attempt == attempt)
                uses[^1] = uses[^1] with { ReversedBy = Keys.Settlement(settlements[i]) };
            else
                throw new InvalidDataException("A reversal stands in the ledger without its settlement.");
        }
        return uses;
    }
}
