using System.Buffers;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace SettlementGrid.Api;

/// <summary>
/// Counts the messages that a request would be made of, before any is made: an empty one takes two bytes on the wire
/// and two hundred here, and a request may have millions. Looks at tags and lengths, stops at one too many, and
/// allocates nothing. What cannot be read is not counted: the parser says what is wrong with it.
/// </summary>
internal sealed class RequestItems
{
    private const int TagTypeBits = 3;

    private readonly Dictionary<int, Field> _fields;

    private RequestItems(Dictionary<int, Field> fields) => _fields = fields;

    /// <summary>Of a request type; null: it holds no lists of messages. Types must not contain themselves.</summary>
    public static RequestItems? Of(MessageDescriptor type)
    {
        var fields = new Dictionary<int, Field>();
        foreach (var field in type.Fields.InDeclarationOrder())
        {
            var within = field.FieldType == FieldType.Message ? Of(field.MessageType) : null;
            var isList = field is { FieldType: FieldType.Message, IsRepeated: true };
            if (isList || within is not null)
            {
                fields[field.FieldNumber] = new Field(isList, within);
            }
        }

        return fields.Count == 0 ? null : new RequestItems(fields);
    }

    /// <summary>
    /// Whether a list of the request has more than <see cref="ApiLimits.RequestItemsMax"/> items, or all its lists
    /// together more than <see cref="ApiLimits.RequestMessagesMax"/>.
    /// </summary>
    public bool IsTooMany(in ReadOnlySequence<byte> binary)
    {
        var count = new Count();
        var reader = new SequenceReader<byte>(binary);
        return IsTooMany(ref reader, binary.Length, isWithin: false, ref count);
    }

    /// <summary>The same of JSON text, UTF-8.</summary>
    public static bool IsTooManyJson(in ReadOnlySequence<byte> utf8)
    {
        var count = new Count();
        var reader = new Utf8JsonReader(utf8);
        try
        {
            while (reader.Read())
            {
                // The request is at depth 0, the items of its lists at depth 2.
                if (reader.TokenType == JsonTokenType.StartObject && count.Add(isWithin: reader.CurrentDepth != 2))
                {
                    return true;
                }
            }
        }
        catch (JsonException)
        {
            // The parser says it in its words.
        }

        return false;
    }

    private bool IsTooMany(ref SequenceReader<byte> reader, long end, bool isWithin, ref Count count)
    {
        while (reader.Consumed < end && TryReadVarint(ref reader, out var tag))
        {
            ulong bytes = 0;
            var type = (WireFormat.WireType)(tag & ((1 << TagTypeBits) - 1));
            var isRead = type switch
            {
                WireFormat.WireType.Varint => TryReadVarint(ref reader, out _),
                WireFormat.WireType.LengthDelimited => TryReadVarint(ref reader, out bytes),
                WireFormat.WireType.Fixed64 => (bytes = sizeof(ulong)) > 0,
                WireFormat.WireType.Fixed32 => (bytes = sizeof(uint)) > 0,
                _ => type is WireFormat.WireType.StartGroup or WireFormat.WireType.EndGroup,
            };
            if (!isRead || bytes > (ulong)Math.Max(0, end - reader.Consumed))
            {
                return false;
            }

            var next = reader.Consumed + (long)bytes;
            if (type == WireFormat.WireType.LengthDelimited
                && _fields.TryGetValue((int)(tag >> TagTypeBits), out var field)
                && ((field.IsList && count.Add(isWithin))
                    || field.Within?.IsTooMany(ref reader, next, isWithin: true, ref count) == true))
            {
                return true;
            }

            // Within a field that could not be read the reader may stand anywhere, even beyond its end.
            if (reader.Consumed > next)
            {
                return false;
            }

            reader.Advance(next - reader.Consumed);
        }

        return false;
    }

    private static bool TryReadVarint(ref SequenceReader<byte> reader, out ulong value)
    {
        value = 0;
        for (var shift = 0; shift < 70 && reader.TryRead(out var piece); shift += 7)
        {
            value |= (ulong)(piece & 0x7f) << shift;
            if (piece < 0x80)
            {
                return true;
            }
        }

        return false;
    }

    /// <param name="Within">Null: its messages hold no lists of messages.</param>
    private sealed record Field(bool IsList, RequestItems? Within);

    private struct Count
    {
        private int _items;
        private int _messages;

        /// <summary>True: it is one too many.</summary>
        public bool Add(bool isWithin)
        {
            _items += isWithin ? 0 : 1;
            return _items > ApiLimits.RequestItemsMax || ++_messages > ApiLimits.RequestMessagesMax;
        }
    }
}
