using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using SettlementGrid.Api.V1;
using SettlementId = SettlementGrid.Enrollees.SettlementId;
using SettlementGrid.Testbed;

namespace SettlementGrid.Faults.Hostile.Fuzzing;

/// <summary>
/// Requests that a proper client could send, made from the descriptors: each field by its name and type, ids of persons
/// and settlements that there are. A message follows from the seed and its number alone.
/// </summary>
sealed class Seeds(int seed)
{
    /// <summary>Its fund is not that of the healthy town, its facilities and persons neither.</summary>
    public const string Region = "150523";

    const int Persons = 500;
    const int Timeframe = 86_400 * 365;

    // Enough to try publishing; a catalog of thousands of plans would measure the catalog.
    const int PublishedEvery = 50;

    readonly Town _town = new($"Z{seed}", seed, Persons);
    readonly string _plan = File.ReadAllText(
        Repository.Deploy("plans", "tongliao-resident-critical-2025.yaml"));

    /// <summary>The persons that requests name.</summary>
    public PutEnrolleesRequest Roster() => new() { Enrollees = { Enumerable.Range(0, Persons).Select(Entry) } };

    /// <summary>A request of this type.</summary>
    public IMessage Of(MessageDescriptor type, int number, Random draw) => Of(type, number, draw, 0);

    IMessage Of(MessageDescriptor type, int number, Random draw, int nth)
    {
        if (type == SettleRequest.Descriptor)
            return Bill(unchecked(number * 4 + nth));
        if (type == Api.V1.Enrollee.Descriptor)
            return Entry(draw.Next(Persons));
        if (type == Timestamp.Descriptor)
            return Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch.AddYears(56).AddSeconds(draw.Next(Timeframe)));
        var message = type.Parser.ParseFrom([]);
        var rounds = 1 + number / FuzzTable.Rows.Count;
        var earlier = Bill(4 * (FuzzTable.SettleRow + FuzzTable.Rows.Count * draw.Next(rounds)));
        foreach (var field in type.Fields.InDeclarationOrder().Where(field => !field.IsMap))
        {
            var chosen = field.RealContainingOneof is not { } of || of.Fields[draw.Next(of.Fields.Count)] == field;
            if (!chosen || (field.HasPresence && field.FieldType != FieldType.Message && draw.Next(2) == 0))
                continue;
            if (field.IsRepeated)
            {
                var list = (System.Collections.IList)field.Accessor.GetValue(message);
                for (var i = draw.Next(1, 4); i > 0; i--)
                    list.Add(Value(field, number, draw, i, earlier));
            }
            else
            {
                field.Accessor.SetValue(message, Value(field, number, draw, nth, earlier));
            }
        }
        return message;
    }

    object Value(FieldDescriptor field, int number, Random draw, int nth, SettleRequest earlier) =>
        field.FieldType switch
    {
        FieldType.Message => Of(field.MessageType, number, draw, nth),
        FieldType.String => Text(field, number, draw, earlier),
        FieldType.Bool => draw.Next(2) == 0,
        FieldType.Enum => field.EnumType.Values[draw.Next(field.EnumType.Values.Count)].Number,
        FieldType.Int64 => field.Name == "amount_fen" ? draw.Next(1, 1_000_000) : (long)draw.Next(10_000),
        FieldType.Int32 => field.Name switch
        {
            "year" => Town.Year,
            "level" => draw.Next(1, 4),
            _ => draw.Next(1, 20),
        },
        _ => throw new InvalidOperationException($"Nobody has said yet what a {field.FieldType} is filled with."),
    };

    string Text(FieldDescriptor field, int number, Random draw, SettleRequest earlier) => field.Name switch
    {
        "facility_id" => earlier.FacilityId,
        // A lookup or a cancellation names what was settled; who reverses names a request of its own.
        "request_id" => field.ContainingType.Name is "ReverseRequest" or "RecordPremiumRequest"
            ? $"Z{seed}-X{number}" : earlier.RequestId,
        "settlement_id" => SettlementId.Of(earlier.FacilityId, earlier.RequestId).ToString(),
        "enrollee_id" => earlier.EnrolleeId,
        "region_id" => Region,
        "plan_id" => Town.PlanId,
        "layer_id" => "critical",
        "period" => "2025",
        "received_on" or "from" => "2025-03-01",
        "to" => "2025-12-31",
        "text" => field.ContainingType == PublishPlanRequest.Descriptor
            && number / FuzzTable.Rows.Count % PublishedEvery > 0
            ? _plan.Replace("id:", "id :: ", StringComparison.Ordinal)
            : _plan.Replace(Town.PlanId, $"fuzz-{draw.Next(3)}", StringComparison.Ordinal),
        "name" or "reason" or "source" => "模糊测试",
        "file_by_filename" => "settlementgrid/v1/plan.proto",
        "file_containing_symbol" => "settlementgrid.v1.SettlementService",
        _ => "",
    };

    Api.V1.Enrollee Entry(int person)
    {
        var entry = _town.Enrollee(person);
        entry.RegionId = Region;
        return entry;
    }

    SettleRequest Bill(int number)
    {
        var bill = _town.Bill(number);
        bill.FacilityId = bill.FacilityId.Replace("H150502", "H" + Region, StringComparison.Ordinal);
        return bill;
    }
}
