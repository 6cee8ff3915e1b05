using System.Buffers;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;

namespace SettlementGrid.Api;

/// <summary>
/// Connect's streams: enveloped messages under HTTP status 200 whatever happens, and a last frame that says how it
/// went.
/// </summary>
internal sealed class ConnectStreamExchange(HttpContext http, Method method, Surroundings surroundings, bool isJson)
    : EnvelopedExchange(http, method, surroundings)
{
    private const byte EndFlag = 2;

    protected override bool IsJson => isJson;

    protected override Failure? CheckHeaders(out TimeSpan? timeout) =>
        ConnectHeaders.Check(Http.Request.Headers, "connect-content-encoding", out timeout);

    protected override IMessage Decode(in ReadOnlySequence<byte> payload) =>
        isJson ? Codec.ParseJson(payload, Method) : Method.Parser.ParseFrom(payload);

    protected override byte[]? Print(IMessage response) => isJson ? Codec.PrintBytes(response) : null;

    protected override void WriteMessage(IMessage response, byte[]? json)
    {
        SetContentType();
        if (json is not null)
        {
            WriteEnvelope(flags: 0, json);
        }
        else
        {
            WriteBinaryEnvelope(response);
        }
    }

    protected override void WriteEnd()
    {
        SetContentType();
        WriteEnvelope(EndFlag, "{}"u8);
    }

    protected override void WriteFailure(Failure failure)
    {
        SetContentType();
        WriteEnvelope(EndFlag, ConnectErrors.EndFrame(failure, Language).Span);
    }

    private void SetContentType()
    {
        if (!Http.Response.HasStarted)
        {
            Http.Response.ContentType = isJson ? "application/connect+json" : "application/connect+proto";
        }
    }
}
