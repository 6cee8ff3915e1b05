using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;
using SettlementGrid.Api.V1;

namespace SettlementGrid.Api.Tests;

/// <summary>gRPC spoken by hand over .NET's HTTP/2, so that a test can send what no proper client would.</summary>
internal sealed class GrpcClient(Uri address) : IDisposable
{
    public const string Settle = "/settlementgrid.v1.SettlementService/Settle";
    public const string Simulate = "/settlementgrid.v1.PlanService/Simulate";

    public HttpClient Http { get; } = new()
    {
        BaseAddress = address,
        DefaultRequestVersion = HttpVersion.Version20,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Timeout = TimeSpan.FromSeconds(30),
    };

    public static byte[] Frame(IMessage message, byte flags = 0) => Frame(message.ToByteArray(), flags);

    public static byte[] Frame(byte[] payload, byte flags = 0)
    {
        var frame = new byte[5 + payload.Length];
        frame[0] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), payload.Length);
        payload.CopyTo(frame, 5);
        return frame;
    }

    public Task<GrpcReply> CallAsync(string path, IMessage request, params (string Name, string Value)[] headers) =>
        SendAsync(path, new ByteArrayContent(Frame(request)), headers);

    public Task<GrpcReply> SendAsync(string path, byte[] body, params (string Name, string Value)[] headers) =>
        SendAsync(path, new ByteArrayContent(body), headers);

    public async Task<GrpcReply> SendAsync(
        string path, HttpContent body, params (string Name, string Value)[] headers)
    {
        using var response = await OpenAsync(path, body, CancellationToken.None, headers);
        var bytes = await response.Content.ReadAsByteArrayAsync();
        return new GrpcReply(response, bytes);
    }

    public Task<HttpResponseMessage> OpenAsync(
        string path, HttpContent body, CancellationToken cancel, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = body,
        };
        body.Headers.ContentType ??= new MediaTypeHeaderValue("application/grpc");
        request.Headers.TryAddWithoutValidation("te", "trailers");
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
    }

    public void Dispose() => Http.Dispose();
}

/// <summary>A finished gRPC answer: its messages and its status, from trailers or from headers alone.</summary>
internal sealed class GrpcReply
{
    private readonly HttpResponseHeaders _trailers;

    public GrpcReply(HttpResponseMessage response, byte[] body)
    {
        Response = response;
        IsTrailersOnly = response.Headers.Contains("grpc-status");
        _trailers = IsTrailersOnly ? response.Headers : response.TrailingHeaders;
        for (var at = 0; at < body.Length;)
        {
            Assert.Equal(0, body[at]);
            var length = BinaryPrimitives.ReadInt32BigEndian(body.AsSpan(at + 1));
            Messages.Add(body[(at + 5)..(at + 5 + length)]);
            at += 5 + length;
        }
    }

    public HttpResponseMessage Response { get; }

    public bool IsTrailersOnly { get; }

    public List<byte[]> Messages { get; } = [];

    public GrpcStatus Status => (GrpcStatus)int.Parse(Trailer("grpc-status")!);

    public string? Message => Trailer("grpc-message") is { } encoded ? Uri.UnescapeDataString(encoded) : null;

    public string? Reason => Trailer("settlementgrid-reason");

    public string? Trailer(string name) =>
        _trailers.TryGetValues(name, out var values) ? Assert.Single(values) : null;

    public Google.Rpc.Status Details()
    {
        var base64 = Trailer("grpc-status-details-bin")!;
        var padded = base64.PadRight((base64.Length + 3) / 4 * 4, '=');
        return Google.Rpc.Status.Parser.ParseFrom(Convert.FromBase64String(padded));
    }

    public Settlement Settlement() => V1.Settlement.Parser.ParseFrom(Assert.Single(Messages));
}
