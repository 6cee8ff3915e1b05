using System.Buffers;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;

namespace SettlementGrid.Api;

/// <summary>Connect's unary form: the whole body is the message, the HTTP status tells how it went.</summary>
internal sealed class ConnectUnaryExchange(HttpContext http, Method method, Surroundings surroundings, bool isJson)
    : Exchange(http, method, surroundings)
{
    protected override bool KeepsAnswers => true;

    /// <summary>The answer to a call for which there is no exchange.</summary>
    public static void WriteError(HttpResponse response, int httpStatus, Failure failure, Language language)
    {
        var body = ConnectErrors.Body(failure, language);
        response.StatusCode = httpStatus;
        if (failure.Status == GrpcStatus.Unimplemented)
        {
            response.Headers.AcceptEncoding = "identity";
        }

        Write(response, "application/json", body.Span);
    }

    public override async ValueTask<Inbound> ReadOnlyAsync()
    {
        var body = Http.Request.BodyReader;
        while (true)
        {
            if (ReadBody(out var reading) is { } full)
            {
                return new(null, full);
            }

            var read = await reading;
            var buffer = read.Buffer;
            if (buffer.Length > Method.RequestBytesMax)
            {
                body.AdvanceTo(buffer.End);
                return new(null, Failure.TooLarge(Method.RequestBytesMax));
            }

            if (read.IsCompleted)
            {
                var inbound = Parse(buffer);
                body.AdvanceTo(buffer.End);
                ReleaseBytes();
                return inbound;
            }

            // Where no length is stated the body may become as large as allowed.
            if (HoldBytes((int)(Http.Request.ContentLength ?? Method.RequestBytesMax)) is { } overloaded)
            {
                body.AdvanceTo(buffer.End);
                return new(null, overloaded);
            }

            body.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    // A unary method never asks for a second request.
    public override ValueTask<Inbound> ReadNextAsync() => default;

    protected override Failure? CheckHeaders(out TimeSpan? timeout) =>
        ConnectHeaders.Check(Http.Request.Headers, "content-encoding", out timeout)
        ?? (Http.Request.ContentLength > Method.RequestBytesMax ? Failure.TooLarge(Method.RequestBytesMax) : null);

    protected override byte[]? Print(IMessage response) => isJson ? Codec.PrintBytes(response) : null;

    protected override void WriteMessage(IMessage response, byte[]? json)
    {
        if (json is not null)
        {
            Write(Http.Response, "application/json", json);
        }
        else
        {
            Write(Http.Response, "application/proto", response.ToByteArray());
        }
    }

    protected override void WriteEnd()
    {
        // The body and its length say it all.
    }

    protected override void WriteFailure(Failure failure) =>
        WriteError(Http.Response, failure.Status.Http(), failure, Language);

    private static void Write(HttpResponse response, string contentType, ReadOnlySpan<byte> body)
    {
        response.ContentType = contentType;
        response.ContentLength = body.Length;
        response.BodyWriter.Write(body);
    }

    private Inbound Parse(in ReadOnlySequence<byte> body)
    {
        if (Method.HasTooManyItems(body, isJson))
        {
            return new(null, Failure.TooManyItems);
        }

        try
        {
            return Checked(isJson ? Codec.ParseJson(body, Method) : Method.Parser.ParseFrom(body));
        }
        catch (Exception malformed) when (Codec.IsMalformed(malformed))
        {
            return new(null, Codec.Malformed(malformed));
        }
    }
}
