using Microsoft.AspNetCore.Http;

namespace SettlementGrid.Api;

/// <summary>
/// From an HTTP request to its row and its wire protocol. What is not a call to this interface goes on to whatever
/// else the program serves.
/// </summary>
/// <param name="grpc">Another implementation of gRPC than the one by hand; null: that one.</param>
internal sealed class Dispatch(MethodTable table, Surroundings surroundings, GrpcWire? grpc = null)
{
    private const string OwnPaths = "/settlementgrid.";
    private const string AcceptUnary = "application/json, application/proto, application/grpc, application/grpc+proto";
    private const string AcceptStream =
        "application/connect+json, application/connect+proto, application/grpc, application/grpc+proto";

    private enum Wire
    {
        None,
        Grpc,
        Json,
        Proto,
        ConnectJson,
        ConnectProto,
    }

    /// <summary>Serves the request, or lets <paramref name="next"/> do it.</summary>
    public Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        var path = http.Request.Path.Value ?? "";
        var wire = WireOf(http.Request.ContentType);
        if (table.Find(path) is not { } method)
        {
            if (wire != Wire.Grpc && !path.StartsWith(OwnPaths, StringComparison.Ordinal))
            {
                return next(http);
            }

            WriteNoSuchMethod(http, wire, path);
            return Task.CompletedTask;
        }

        var response = http.Response;
        if (!HttpMethods.IsPost(http.Request.Method))
        {
            response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            response.Headers.Allow = HttpMethods.Post;
            return Task.CompletedTask;
        }

        var isUnary = method.Shape == MethodShape.Unary;
        if (wire == Wire.None || (wire != Wire.Grpc && isUnary != (wire is Wire.Json or Wire.Proto)))
        {
            response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            response.Headers["accept-post"] = isUnary ? AcceptUnary : AcceptStream;
            return Task.CompletedTask;
        }

        if ((wire == Wire.Grpc || method.Shape == MethodShape.Bidi) && !HttpProtocol.IsHttp2(http.Request.Protocol))
        {
            response.StatusCode = StatusCodes.Status505HttpVersionNotsupported;
            return Task.CompletedTask;
        }

        return wire == Wire.Grpc && grpc is not null
            ? grpc(http, method, surroundings, next).RunAsync()
            : Open(http, wire, method).RunAsync();
    }

    private static void WriteNoSuchMethod(HttpContext http, Wire wire, string path)
    {
        var failure = Failure.NoSuchMethod(path);
        var language = Languages.Of(http.Request.Headers.AcceptLanguage);
        if (wire == Wire.Grpc)
        {
            GrpcExchange.WriteTrailersOnly(http.Response, failure, language);
        }
        else
        {
            // Connect's clients read the code from the body; to everybody else a path that is not there is 404.
            ConnectUnaryExchange.WriteError(http.Response, StatusCodes.Status404NotFound, failure, language);
        }
    }

    private static Wire WireOf(string? contentType)
    {
        var type = contentType.AsSpan();
        var semicolon = type.IndexOf(';');
        var media = (semicolon < 0 ? type : type[..semicolon]).Trim();
        return Is(media, "application/grpc") || Is(media, "application/grpc+proto") ? Wire.Grpc
            : Is(media, "application/json") ? Wire.Json
            : Is(media, "application/proto") ? Wire.Proto
            : Is(media, "application/connect+json") ? Wire.ConnectJson
            : Is(media, "application/connect+proto") ? Wire.ConnectProto
            : Wire.None;
    }

    private static bool Is(ReadOnlySpan<char> media, string type) =>
        media.Equals(type, StringComparison.OrdinalIgnoreCase);

    private Exchange Open(HttpContext http, Wire wire, Method method) => wire switch
    {
        Wire.Grpc => new GrpcExchange(http, method, surroundings),
        Wire.Json or Wire.Proto => new ConnectUnaryExchange(http, method, surroundings, wire == Wire.Json),
        _ => new ConnectStreamExchange(http, method, surroundings, wire == Wire.ConnectJson),
    };
}

/// <summary>One call by another implementation of gRPC, which stands behind this in the pipeline.</summary>
internal delegate Exchange GrpcWire(HttpContext http, Method method, Surroundings surroundings, RequestDelegate next);
