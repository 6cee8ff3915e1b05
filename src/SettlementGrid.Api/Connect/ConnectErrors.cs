using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Google.Protobuf;
using SettlementGrid.Api.V1;

namespace SettlementGrid.Api;

/// <summary>A failure in Connect's words: one JSON object, in a unary body or a stream's end frame.</summary>
internal static class ConnectErrors
{
    // The body is JSON for programs, never put into a page: Chinese may stay readable.
    private static readonly JsonWriterOptions s_options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly ReadOnlyMemory<byte> s_overloadedZh = Written(Failure.Overloaded, Language.Chinese);
    private static readonly ReadOnlyMemory<byte> s_overloadedEn = Written(Failure.Overloaded, Language.English);

    /// <summary>The object itself: the body of a failed unary call.</summary>
    public static ReadOnlyMemory<byte> Body(Failure failure, Language language) =>
        !ReferenceEquals(failure, Failure.Overloaded) ? Written(failure, language)
        : language == Language.English ? s_overloadedEn
        : s_overloadedZh;

    /// <summary>The payload of a stream's end frame.</summary>
    public static ReadOnlyMemory<byte> EndFrame(Failure failure, Language language)
    {
        var into = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(into, s_options);
        json.WriteStartObject();
        json.WritePropertyName("error");
        Write(json, failure, language);
        json.WriteEndObject();
        json.Flush();
        return into.WrittenMemory;
    }

    private static ReadOnlyMemory<byte> Written(Failure failure, Language language)
    {
        var into = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(into, s_options);
        Write(json, failure, language);
        json.Flush();
        return into.WrittenMemory;
    }

    private static void Write(Utf8JsonWriter json, Failure failure, Language language)
    {
        json.WriteStartObject();
        json.WriteString("code", failure.Status.ConnectCode());
        json.WriteString("message", failure.Message(language));
        if (failure.Refusal is { } refusal)
        {
            var message = refusal.ToMessage();
            json.WriteStartArray("details");
            json.WriteStartObject();
            json.WriteString("type", Refusal.Descriptor.FullName);
            json.WriteString("value", Convert.ToBase64String(message.ToByteArray()).TrimEnd('='));
            json.WritePropertyName("debug");
            json.WriteRawValue(Codec.Print(message));
            json.WriteEndObject();
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }
}
