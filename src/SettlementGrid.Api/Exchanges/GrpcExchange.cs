using System.Buffers;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace SettlementGrid.Api;

/// <summary>gRPC over HTTP/2: status and refusal travel in trailers, or in the headers where no body is.</summary>
internal sealed class GrpcExchange(HttpContext http, Method method, Surroundings surroundings)
    : EnvelopedExchange(http, method, surroundings)
{
    private static readonly StringValues s_contentType = "application/grpc";
    private static readonly StringValues s_ok = "0";

    /// <summary>The answer to a call for which there is no exchange.</summary>
    public static void WriteTrailersOnly(HttpResponse response, Failure failure, Language language)
    {
        response.Headers.ContentType = s_contentType;
        WriteStatus(response.Headers, failure, language);
    }

    protected override Failure? CheckHeaders(out TimeSpan? timeout)
    {
        timeout = null;
        var request = Http.Request;
        var stated = request.Headers.GrpcTimeout;
        if (stated.Count > 0)
        {
            if (stated.Count > 1 || !Timeouts.TryParseGrpc(stated[0], out var parsed))
            {
                return Failure.Malformed("grpc-timeout 格式有误。", "grpc-timeout is malformed.");
            }

            timeout = parsed;
        }

        return Method.Shape != MethodShape.Bidi && request.ContentLength > Method.RequestBytesMax + PrefixBytes
            ? Failure.TooLarge(Method.RequestBytesMax)
            : null;
    }

    protected override IMessage Decode(in ReadOnlySequence<byte> payload) => Method.Parser.ParseFrom(payload);

    protected override void WriteMessage(IMessage response, byte[]? json)
    {
        if (!Http.Response.HasStarted)
        {
            Http.Response.Headers.ContentType = s_contentType;
        }

        WriteBinaryEnvelope(response);
    }

    protected override void WriteEnd()
    {
        if (!Http.Response.HasStarted)
        {
            Http.Response.Headers.ContentType = s_contentType;
        }

        Trailers().GrpcStatus = s_ok;
    }

    protected override void WriteFailure(Failure failure)
    {
        if (Http.Response.HasStarted)
        {
            WriteStatus(Trailers(), failure, Language);
        }
        else
        {
            WriteTrailersOnly(Http.Response, failure, Language);
        }
    }

    /// <summary>The status, and the refusal where there is one, as headers or trailers.</summary>
    public static void WriteStatus(IHeaderDictionary into, Failure failure, Language language)
    {
        var encoded = EncodedFailure.Of(failure, language);
        into.GrpcStatus = encoded.Status;
        into.GrpcMessage = encoded.Message;
        if (failure.Status == GrpcStatus.Unimplemented)
        {
            into.GrpcAcceptEncoding = "identity";
        }

        if (failure.Refusal is not null)
        {
            into["settlementgrid-reason"] = encoded.Reason;
        }

        if (encoded.Details.Count > 0)
        {
            into["grpc-status-details-bin"] = encoded.Details;
        }
    }

    private IHeaderDictionary Trailers() => Http.Features.GetRequiredFeature<IHttpResponseTrailersFeature>().Trailers;
}
