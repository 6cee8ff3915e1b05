using System.Collections;
using System.Net;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using SettlementGrid.Enrollees;

namespace SettlementGrid.Api;

/// <summary>
/// What an audited call was about, in a few words such as <c>enrollee_id=15****34 year=2026</c>. Read from the
/// message's own fields by name, so that a new method needs nothing here. Values that are no well-formed ids are left
/// out: they are the caller's text and could be anything.
/// </summary>
internal static class AuditSubject
{
    // In this order. Request and settlement ids are not among them: the settlement itself tells those.
    private static readonly string[] s_ids =
        ["facility_id", "enrollee_id", "region_id", "plan_id", "kind", "year", "version"];

    /// <summary>
    /// Of a call whose request was read; the response tells what the request does not (a published plan's id).
    /// </summary>
    public static string Of(IMessage request, IMessage? response)
    {
        var words = WordsOf(request);
        return string.Join(' ', words.Count == 0 && response is not null ? WordsOf(response) : words);
    }

    /// <summary>Of a call that was refused before its request was read.</summary>
    public static string Of(IPAddress? from) => from is null ? "" : $"from {from}";

    private static List<string> WordsOf(IMessage message)
    {
        var words = new List<string>();
        foreach (var name in s_ids)
        {
            if (message.Descriptor.FindFieldByName(name) is { IsRepeated: false } field
                && Text(field, message) is { } text)
            {
                words.Add($"{name}={text}");
            }
        }

        var fields = message.Descriptor.Fields.InDeclarationOrder();
        foreach (var field in fields.Where(one => one.IsRepeated && !one.IsMap))
        {
            words.Add($"{field.Name}: {((IList)field.Accessor.GetValue(message)).Count}");
        }

        return words;
    }

    private static string? Text(FieldDescriptor field, IMessage message)
    {
        if (field.HasPresence && !field.Accessor.HasValue(message))
        {
            return null;
        }

        var value = field.Accessor.GetValue(message);
        return value switch
        {
            string id when RequestChecks.CheckId(field.Name, id) is null =>
                field.Name == "enrollee_id" ? PersonMask.Mask(id) : PersonMask.MaskNumbers(id),
            int number => $"{number}",
            Enum named => field.EnumType.FindValueByNumber(Convert.ToInt32(named))?.Name,
            _ => null,
        };
    }
}
