using System.Buffers.Binary;
using System.Collections.Concurrent;
using Google.Protobuf;
using Npgsql;
using SettlementGrid.Api.V1;
using SettlementId = SettlementGrid.Enrollees.SettlementId;

namespace SettlementGrid.Faults.Hostile.Fuzzing;

/// <summary>
/// The settlements and reversals that fuzzed calls were told of, to be compared with those in the ledger: none that
/// nobody was told of, none missing, and none made of bytes that do not say what was settled. Thread-safe.
/// </summary>
sealed class Acknowledged
{
    // As the ledger numbers kinds: settled and reversed.
    const string Stored = """
        SELECT settlement_id, facility_id FROM ledger.entries
        WHERE kind IN (4, 5) AND facility_id NOT LIKE 'H150502%'
        """;

    static readonly JsonParser s_json = new(JsonParser.Settings.Default);

    readonly ConcurrentDictionary<string, int> _ids = new(StringComparer.Ordinal);
    int _unknown;

    public int Count => _ids.Count;

    /// <summary>Notes what an answer acknowledges; what is wrong with it, or null.</summary>
    public string? Note(FuzzMessage message, FuzzAnswer answer)
    {
        if (Judgement.IsUnknown(message, answer))
        {
            Interlocked.Increment(ref _unknown);
            return null;
        }
        if (answer.Http != 200 || answer.Grpc is > 0 || message.Method.Descriptor.Service.Name != "SettlementService")
            return null;
        var response = Response(message, answer);
        switch (response)
        {
            case Settlement settlement:
                Keep(settlement, message.Number);
                return message.Method.Descriptor.Name is "Settle" or "Preview" ? Differs(message, settlement) : null;
            case Cancellation { Reversal: { } reversal }:
                Keep(reversal, message.Number);
                return null;
            case SettleManyResponse many:
                foreach (var result in many.Results.Where(one => one.Settlement is not null))
                    Keep(result.Settlement, message.Number);
                return null;
            default:
                return null;
        }
    }

    /// <summary>What the ledger holds and nobody was told, or the other way round.</summary>
    public async Task<IReadOnlyList<string>> CompareAsync(string connection)
    {
        var stored = new HashSet<string>(StringComparer.Ordinal);
        await using var source = NpgsqlDataSource.Create(connection);
        await using var command = source.CreateCommand(Stored);
        await using var rows = await command.ExecuteReaderAsync();
        while (await rows.ReadAsync())
        {
            var bytes = rows.GetGuid(0).ToByteArray(bigEndian: true);
            stored.Add(new SettlementId(BinaryPrimitives.ReadUInt128BigEndian(bytes)).ToString());
        }
        var lost = _ids.Where(one => !stored.Contains(one.Key)).Select(
            one => $"{one.Key} was acknowledged to message {one.Value} and is not in the ledger");
        var untold = stored.Where(one => !_ids.ContainsKey(one)).ToList();
        // Whose outcome stayed unknown may be among them.
        var more = untold.Count > _unknown
            ? untold.Select(one => $"{one} is in the ledger, nobody was told, and only {_unknown} outcomes are unknown")
            : [];
        return [.. lost.Concat(more).Take(FaultLimits.FindingsMax)];
    }

    void Keep(Settlement settlement, int number)
    {
        // Previews and dry runs have no place in the ledger.
        if (settlement.LedgerPosition > 0 && settlement.Kind is SettlementKind.Settlement or SettlementKind.Reversal)
            _ids.TryAdd(settlement.SettlementId, number);
    }

    static IMessage Response(FuzzMessage message, FuzzAnswer answer)
    {
        var type = message.Method.Descriptor.OutputType;
        return message.IsGrpc ? type.Parser.ParseFrom(answer.Body.AsSpan(5))
            : message.IsJson ? s_json.Parse(System.Text.Encoding.UTF8.GetString(answer.Body), type)
            : type.Parser.ParseFrom(answer.Body);
    }

    static string? Differs(FuzzMessage message, Settlement settlement)
    {
        SettleRequest sent;
        try
        {
            sent = message.IsGrpc ? SettleRequest.Parser.ParseFrom(message.Body.AsSpan(5))
                : message.IsJson ? s_json.Parse<SettleRequest>(System.Text.Encoding.UTF8.GetString(message.Body))
                : SettleRequest.Parser.ParseFrom(message.Body);
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or InvalidJsonException)
        {
            return $"was settled and is no bill: {e.Message}";
        }
        var told = settlement;
        return (sent.RequestId, sent.FacilityId, sent.EnrolleeId, sent.TotalFen, sent.EligibleFen)
            == (told.RequestId, told.FacilityId, told.EnrolleeId, told.TotalFen, told.EligibleFen)
            ? null
            : $"was settled otherwise than it says: {sent} as {settlement}";
    }
}
