using System.Buffers;
using System.Text;
using Google.Protobuf;
using SettlementGrid.Plans;

namespace SettlementGrid.Api;

/// <summary>
/// JSON as callers see it: fields named as in the .proto files, zeros printed, int64 as strings; read in either
/// spelling, unknown fields and enum names refused.
/// </summary>
internal static class Codec
{
    private static readonly JsonFormatter s_formatter = new(
        JsonFormatter.Settings.Default.WithFormatDefaultValues(true).WithPreserveProtoFieldNames(true));

    private static readonly JsonParser s_parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(false));

    private static readonly UTF8Encoding s_strictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>A message as JSON text.</summary>
    public static string Print(IMessage message) => s_formatter.Format(message);

    /// <summary>A message as JSON, UTF-8.</summary>
    public static byte[] PrintBytes(IMessage message) => s_strictUtf8.GetBytes(s_formatter.Format(message));

    /// <summary>The message that JSON text describes; no text at all is the empty message.</summary>
    /// <exception cref="InvalidProtocolBufferException">Unknown field or enum name, value out of range.</exception>
    /// <exception cref="InvalidJsonException">Not JSON.</exception>
    /// <exception cref="DecoderFallbackException">Not UTF-8.</exception>
    public static IMessage ParseJson(in ReadOnlySequence<byte> utf8, Method method)
    {
        var text = s_strictUtf8.GetString(utf8);
        return text.Length == 0
            ? method.Parser.ParseFrom(ReadOnlySequence<byte>.Empty)
            : s_parser.Parse(text, method.Descriptor.InputType);
    }

    /// <summary>Whether an exception of parsing blames the input. Any other is a fault of ours.</summary>
    public static bool IsMalformed(Exception exception) =>
        exception is InvalidProtocolBufferException or InvalidJsonException or DecoderFallbackException;

    /// <summary>
    /// The refusal of input that does not parse; says which field, as the parser does, but not more of it than a person
    /// reads: the parser repeats a name of 4 MB.
    /// </summary>
    public static Failure Malformed(Exception exception)
    {
        var why = Excerpt.Of(exception.Message, ApiLimits.QuotedTextMax);
        return Failure.Malformed($"请求无法解析：{why}", $"The request cannot be parsed: {why}");
    }
}
