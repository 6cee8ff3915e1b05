using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using SettlementGrid.Api;
using SettlementGrid.Api.V1;

namespace SettlementGrid.Peers.StoredFunction;

/// <summary>
/// PutEnrollees of the peer: one statement a call, a row for each person and the plan's year, and the funds' rows. It
/// takes what the comparison's roster says: one cover within 2025, identities without days.
/// </summary>
sealed class FunctionRoster(NpgsqlDataSource source)
{
    const string Insert = """
        WITH funds AS (
            INSERT INTO peer.funds (region_id, year) SELECT DISTINCT unnest($2), 2025 ON CONFLICT DO NOTHING)
        INSERT INTO peer.accounts AS x (
            enrollee_id, year, region_id, covered_from, covered_to, special_from, special_to)
        SELECT p.id, 2025, p.region, p.from_day, p.to_day,
            CASE WHEN p.special THEN date '2025-01-01' END, CASE WHEN p.special THEN date '2025-12-31' END
        FROM unnest($1, $2, $3, $4, $5) AS p (id, region, from_day, to_day, special)
        ON CONFLICT (enrollee_id, year) DO UPDATE SET
            version = x.version + 1, region_id = excluded.region_id, covered_from = excluded.covered_from,
            covered_to = excluded.covered_to, special_from = excluded.special_from, special_to = excluded.special_to
        """;

    public async ValueTask<Result<PutEnrolleesResponse>> PutEnrollees(PutEnrolleesRequest message, Call call)
    {
        var persons = message.Enrollees;
        if (persons.FirstOrDefault(p => !IsTaken(p)) is { } other)
        {
            return new WireRefusal(
                "MALFORMED_REQUEST", $"{other.EnrolleeId} 的参保内容超出对照程序的范围",
                $"The cover of {other.EnrolleeId} is more than the peer takes: one span of {FunctionAnswers.PlanId}");
        }
        await using var put = source.CreateCommand(Insert);
        put.Parameters.Add(new() { Value = persons.Select(p => p.EnrolleeId).ToArray() });
        put.Parameters.Add(new() { Value = persons.Select(p => p.RegionId).ToArray() });
        put.Parameters.Add(Days(persons.Select(p => p.Coverages[0].From)));
        put.Parameters.Add(Days(persons.Select(p => p.Coverages[0].To)));
        put.Parameters.Add(new() { Value = persons.Select(p => p.Identities.Any(i => IsSpecial(i.Kind))).ToArray() });
        await put.ExecuteNonQueryAsync(call.Cancelled);
        return new PutEnrolleesResponse { Enrolled = persons.Count };
    }

    static bool IsTaken(Enrollee person) =>
        person.Coverages is [{ PlanId: FunctionAnswers.PlanId, HasFrom: true, HasTo: true }];

    static NpgsqlParameter Days(IEnumerable<string> days) => new()
    {
        Value = days.Select(day => DateOnly.ParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture)).ToArray(),
        NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Date,
    };

    static bool IsSpecial(IdentityKind kind) => kind is IdentityKind.ExtremePoverty or IdentityKind.Orphan
        or IdentityKind.LowIncome or IdentityKind.LowIncomeDisabled or IdentityKind.ReturnedToPoverty;
}
