using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;
using SettlementGrid.Api;
using SettlementGrid.Api.V1;

namespace SettlementGrid.Testbed;

/// <summary>A unary method: its path and what it answers.</summary>
public sealed record GrpcMethod<TResponse>(string Path, MessageParser<TResponse> Parser)
    where TResponse : class, IMessage<TResponse>;

/// <summary>The methods that the testbed calls.</summary>
public static class GrpcMethods
{
    const string Settlements = "/settlementgrid.v1.SettlementService/";
    const string Enrollees = "/settlementgrid.v1.EnrolleeService/";
    const string Plans = "/settlementgrid.v1.PlanService/";

    public static readonly GrpcMethod<Settlement> Settle = new(Settlements + "Settle", Settlement.Parser);
    public static readonly GrpcMethod<Settlement> Reverse = new(Settlements + "Reverse", Settlement.Parser);
    public static readonly GrpcMethod<Settlement> Preview = new(Settlements + "Preview", Settlement.Parser);
    public static readonly GrpcMethod<Settlement> GetSettlement = new(Settlements + "GetSettlement", Settlement.Parser);

    public static readonly GrpcMethod<Cancellation> Cancel = new(Settlements + "Cancel", Cancellation.Parser);

    public static readonly GrpcMethod<SettleManyResponse> SettleMany =
        new(Settlements + "SettleMany", SettleManyResponse.Parser);

    public static readonly GrpcMethod<Position> GetPosition =
        new("/settlementgrid.v1.FundService/GetPosition", Position.Parser);

    public static readonly GrpcMethod<ListPositionsResponse> ListPositions =
        new("/settlementgrid.v1.FundService/ListPositions", ListPositionsResponse.Parser);

    public static readonly GrpcMethod<ListSettlementsResponse> ListSettlements =
        new(Settlements + "ListSettlements", ListSettlementsResponse.Parser);

    public static readonly GrpcMethod<PutEnrolleesResponse> PutEnrollees =
        new(Enrollees + "PutEnrollees", PutEnrolleesResponse.Parser);

    public static readonly GrpcMethod<Account> GetAccount = new(Enrollees + "GetAccount", Account.Parser);

    public static readonly GrpcMethod<PublishPlanResponse> PublishPlan =
        new(Plans + "PublishPlan", PublishPlanResponse.Parser);
}

/// <summary>What a call ended with. The status is null where the connection broke before one came.</summary>
public readonly record struct GrpcAnswer<TResponse>(
    GrpcStatus? Status, TResponse? Response, string? Reason, string? Message)
    where TResponse : class
{
    /// <summary>The response.</summary>
    /// <exception cref="InvalidOperationException">There is none; with the refusal.</exception>
    public TResponse Required => Response
        ?? throw new InvalidOperationException($"{Status?.ToString() ?? "no answer"}: {Message}");
}

/// <summary>
/// gRPC over cleartext HTTP/2, spoken frame by frame on .NET's own client: one connection at a time, opened again when
/// it broke. Thread-safe.
/// </summary>
public sealed class GrpcConnection : IDisposable
{
    public const int PrefixBytes = 5;

    static readonly MediaTypeHeaderValue s_contentType = new("application/grpc");

    readonly HttpMessageInvoker _http;
    readonly Uri _address;

    public GrpcConnection(Uri address)
    {
        _address = address;
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            // More of them at once is the caller's choice, connection by connection.
            EnableMultipleHttp2Connections = false,
            UseProxy = false,
            UseCookies = false,
            ActivityHeadersPropagator = null,
        });
    }

    /// <summary>Calls once. A connection that breaks is an answer without a status and never an exception.</summary>
    public async ValueTask<GrpcAnswer<TResponse>> CallAsync<TResponse>(
        GrpcMethod<TResponse> method, IMessage request, CancellationToken cancellation = default)
        where TResponse : class, IMessage<TResponse>
    {
        var bytes = request.CalculateSize();
        var frame = ArrayPool<byte>.Shared.Rent(PrefixBytes + bytes);
        var answer = ArrayPool<byte>.Shared.Rent(8 * 1024);
        try
        {
            WritePrefix(frame, bytes);
            request.WriteTo(frame.AsSpan(PrefixBytes, bytes));
            using var sent = Post(method.Path, frame, PrefixBytes + bytes);
            using var response = await _http.SendAsync(sent, cancellation);
            await using var body = await response.Content.ReadAsStreamAsync(cancellation);
            var read = 0;
            while (await body.ReadAsync(answer.AsMemory(read), cancellation) is var more and > 0)
            {
                read += more;
                if (read == answer.Length)
                    answer = Grown(answer);
            }
            var ended = Read(method.Parser, response, answer.AsSpan(0, read));
            // Only now: of a call that broke or was cancelled, the connection may still be reading the frame.
            ArrayPool<byte>.Shared.Return(frame);
            return ended;
        }
        catch (HttpRequestException broken)
        {
            return new GrpcAnswer<TResponse>(null, null, null, broken.Message);
        }
        catch (IOException broken)
        {
            return new GrpcAnswer<TResponse>(null, null, null, broken.Message);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(answer);
        }
    }

    /// <summary>Sends bytes as they are, which no proper client would, and gives the status and reason.</summary>
    public async Task<GrpcAnswer<Settlement>> SendRawAsync(string path, byte[] body, CancellationToken cancellation)
    {
        using var sent = Post(path, body, body.Length);
        using var response = await _http.SendAsync(sent, cancellation);
        var bytes = await response.Content.ReadAsByteArrayAsync(cancellation);
        return Read(Settlement.Parser, response, bytes);
    }

    public static byte[] Frame(IMessage message)
    {
        var frame = new byte[PrefixBytes + message.CalculateSize()];
        WritePrefix(frame, frame.Length - PrefixBytes);
        message.WriteTo(frame.AsSpan(PrefixBytes));
        return frame;
    }

    public void Dispose() => _http.Dispose();

    HttpRequestMessage Post(string path, byte[] body, int length)
    {
        var content = new ByteArrayContent(body, 0, length);
        content.Headers.ContentType = s_contentType;
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_address, path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        request.Headers.TryAddWithoutValidation("te", "trailers");
        return request;
    }

    static GrpcAnswer<TResponse> Read<TResponse>(
        MessageParser<TResponse> parser, HttpResponseMessage response, ReadOnlySpan<byte> body)
        where TResponse : class, IMessage<TResponse>
    {
        var trailers = response.Headers.Contains("grpc-status") ? response.Headers : response.TrailingHeaders;
        if (Value(trailers, "grpc-status") is not { } status)
            return new GrpcAnswer<TResponse>(null, null, null, $"no grpc-status, HTTP {(int)response.StatusCode}");
        if (status != "0")
        {
            return new GrpcAnswer<TResponse>(
                (GrpcStatus)int.Parse(status), null, Value(trailers, "settlementgrid-reason"),
                Uri.UnescapeDataString(Value(trailers, "grpc-message") ?? ""));
        }
        var length = BinaryPrimitives.ReadInt32BigEndian(body[1..]);
        return new GrpcAnswer<TResponse>(GrpcStatus.Ok, parser.ParseFrom(body.Slice(PrefixBytes, length)), null, null);
    }

    static string? Value(HttpResponseHeaders headers, string name) =>
        headers.TryGetValues(name, out var values) ? values.First() : null;

    static void WritePrefix(byte[] frame, int length)
    {
        frame[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), length);
    }

    static byte[] Grown(byte[] full)
    {
        var larger = ArrayPool<byte>.Shared.Rent(full.Length * 2);
        full.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(full);
        return larger;
    }
}
