using System.Buffers;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
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

    protected override void WriteMessage(IMessage response)
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
        var message = failure.Message(language);
        into.GrpcStatus = ((int)failure.Status).ToString();
        into.GrpcMessage = PercentEncode(message);
        if (failure.Status == GrpcStatus.Unimplemented)
        {
            into.GrpcAcceptEncoding = "identity";
        }

        if (failure.Refusal is { } refusal)
        {
            into["settlementgrid-reason"] = refusal.Reason;
            var status = new Google.Rpc.Status
            {
                Code = (int)failure.Status,
                Message = message,
                Details = { Any.Pack(refusal.ToMessage()) },
            };
            if (status.CalculateSize() <= ApiLimits.StatusDetailsBytesMax)
            {
                into["grpc-status-details-bin"] = Convert.ToBase64String(status.ToByteArray()).TrimEnd('=');
            }
        }
    }

    /// <summary>As gRPC asks: UTF-8, with everything but printable ASCII, and the percent sign, as %XX.</summary>
    private static string PercentEncode(string message)
    {
        var kept = message.Length <= ApiLimits.StatusMessageLengthMax
            ? message
            : message[..ApiLimits.StatusMessageLengthMax];
        var encoded = new StringBuilder(kept.Length * 2);
        foreach (var one in Encoding.UTF8.GetBytes(kept))
        {
            if (one is >= 0x20 and <= 0x7e and not (byte)'%')
            {
                encoded.Append((char)one);
            }
            else
            {
                encoded.Append('%').Append(one.ToString("X2"));
            }
        }

        return encoded.ToString();
    }

    private IHeaderDictionary Trailers() => Http.Features.GetRequiredFeature<IHttpResponseTrailersFeature>().Trailers;
}
