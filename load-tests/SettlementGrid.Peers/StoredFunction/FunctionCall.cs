using Npgsql;
using NpgsqlTypes;
using SettlementGrid.Enrollees;
using SettlementGrid.Plans;

namespace SettlementGrid.Peers.StoredFunction;

/// <summary>
/// One connection with the function prepared on it and typed parameters filled anew for each call: a settlement is one
/// round trip and parses nothing. For one caller at a time.
/// </summary>
sealed class FunctionCall : IAsyncDisposable
{
    const string Text = """
        SELECT outcome, no, settled_at, version, region_id, position_before, position_after, paid_before, paid,
            rate_case, bands, later_discharge
        FROM peer.settle($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        """;

    readonly NpgsqlParameter<string> _request = new() { NpgsqlDbType = NpgsqlDbType.Text };
    readonly NpgsqlParameter<string> _facility = new() { NpgsqlDbType = NpgsqlDbType.Text };
    readonly NpgsqlParameter<string> _encounter = new() { NpgsqlDbType = NpgsqlDbType.Text };
    readonly NpgsqlParameter<string> _enrollee = new() { NpgsqlDbType = NpgsqlDbType.Text };
    readonly NpgsqlParameter<short> _care = new();
    readonly NpgsqlParameter<bool> _outOfProvince = new();
    readonly NpgsqlParameter<DateOnly> _admitted = new();
    readonly NpgsqlParameter<DateOnly> _discharged = new();
    readonly NpgsqlParameter<long> _total = new();
    readonly NpgsqlParameter<long> _eligible = new();
    readonly NpgsqlParameter<long> _basic = new();
    readonly NpgsqlParameter<long> _prior = new();
    readonly NpgsqlParameter<long> _assistance = new();
    readonly NpgsqlConnection _connection;
    readonly NpgsqlCommand _command;

    FunctionCall(NpgsqlConnection connection, bool booksFund)
    {
        _connection = connection;
        _command = new NpgsqlCommand(Text, connection)
        {
            Parameters =
            {
                _request, _facility, _encounter, _enrollee, _care, _outOfProvince, _admitted, _discharged, _total,
                _eligible, _basic, _prior, _assistance, new NpgsqlParameter<bool> { TypedValue = booksFund },
            },
        };
    }

    public static async Task<FunctionCall> OpenAsync(
        NpgsqlDataSource source, bool booksFund, CancellationToken cancellation)
    {
        var call = new FunctionCall(await source.OpenConnectionAsync(cancellation), booksFund);
        try
        {
            await call._command.PrepareAsync(cancellation);
            return call;
        }
        catch
        {
            await call.DisposeAsync();
            throw;
        }
    }

    public async Task<FunctionRow> SettleAsync(SettleRequest request, bool outOfProvince)
    {
        var bill = request.Bill;
        _request.TypedValue = request.RequestId;
        _facility.TypedValue = request.FacilityId;
        _encounter.TypedValue = request.EncounterId;
        _enrollee.TypedValue = request.EnrolleeId;
        _care.TypedValue = (short)bill.CareType;
        _outOfProvince.TypedValue = outOfProvince;
        _admitted.TypedValue = bill.AdmittedOn;
        _discharged.TypedValue = bill.DischargedOn;
        _total.TypedValue = bill.Total.Fen;
        _eligible.TypedValue = bill.Eligible.Fen;
        _basic.TypedValue = bill.BasicPaid.Fen;
        _prior.TypedValue = bill.PriorPlansPaid.Fen;
        _assistance.TypedValue = bill.AssistancePaid.Fen;
        // Without the caller's cancellation: a settlement that was begun is carried out, as the server's is.
        await using var reader = await _command.ExecuteReaderAsync(CancellationToken.None);
        await reader.ReadAsync(CancellationToken.None);
        var outcome = (FunctionOutcome)reader.GetInt16(0);
        if (outcome is not (FunctionOutcome.Settled or FunctionOutcome.Repeated))
            return new FunctionRow { Outcome = outcome };
        return new FunctionRow
        {
            Outcome = outcome,
            Number = reader.GetInt64(1),
            At = new DateTimeOffset(reader.GetDateTime(2)).ToUnixTimeMilliseconds(),
            Version = reader.GetInt64(3),
            RegionId = reader.GetString(4),
            PositionBefore = new Money(reader.GetInt64(5)),
            PositionAfter = new Money(reader.GetInt64(6)),
            PaidBefore = new Money(reader.GetInt64(7)),
            Paid = new Money(reader.GetInt64(8)),
            RateCase = reader.GetInt16(9),
            Bands = reader.GetFieldValue<long[]>(10),
            LaterDischarge = reader.IsDBNull(11) ? null : reader.GetFieldValue<DateOnly>(11),
        };
    }

    public async ValueTask DisposeAsync()
    {
        await _command.DisposeAsync();
        await _connection.DisposeAsync();
    }
}

/// <summary>What the function did; its numbers are those of peer.sql.</summary>
enum FunctionOutcome : short
{
    Settled = 0,
    Repeated = 1,
    RequestIdReused = 2,
    EnrolleeUnknown = 3,
    NotCovered = 4,
    EncounterAlreadySettled = 5,
    BasicCapExceeded = 6,
    PartsAboveTotal = 7,
    CareNotSettledHere = 8,
}

/// <summary>A row of the function's answer; figures only where something was settled.</summary>
readonly record struct FunctionRow
{
    public FunctionOutcome Outcome { get; init; }

    /// <summary>Of the settlement; ascending, with gaps.</summary>
    public long Number { get; init; }

    /// <summary>Milliseconds since 1970.</summary>
    public long At { get; init; }

    public long Version { get; init; }
    public string RegionId { get; init; }
    public Money PositionBefore { get; init; }
    public Money PositionAfter { get; init; }
    public Money PaidBefore { get; init; }
    public Money Paid { get; init; }

    /// <summary>Which of the layer's cases of rates, from 0.</summary>
    public int RateCase { get; init; }

    /// <summary>Five numbers a band: from, to (0: open), amount, basis points, paid.</summary>
    public long[] Bands { get; init; }

    public DateOnly? LaterDischarge { get; init; }
}
